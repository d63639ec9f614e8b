import type { AccessRule } from '../../../lib/model';
import { accessPolicy, accessRule, identity, prefix, service } from '../../support/model-builder';
import type { Cases } from '../cases';
import { nightly, shop, shopWith, web } from '../shop';

const ruled = (...rules: readonly AccessRule[]) => shop({ accessPolicies: [accessPolicy(web, { rules })] });

export const cases: Cases = {
  valid: {
    model: ruled(
      accessRule({
        from: [
          { kind: 'identity', ...identity(nightly) },
          { kind: 'outside', namespace: 'monitoring' },
        ],
      }),
      accessRule({ action: 'deny', ports: [80], requests: [{ kind: 'http', ...prefix('/a') }] }),
    ),
  },
  invalid: [
    {
      name: 'nobody',
      model: ruled(
        accessRule({
          from: [
            { kind: 'identity', namespace: 'shop', serviceAccount: 'gone' },
            { kind: 'namespace', namespace: 'empty' },
          ],
        }),
      ),
      findings: [
        {
          at: 'AccessPolicy shop/web-access',
          message: 'nobody in the mesh is service account shop/gone or of namespace empty, so it never applies',
          fix: 'correct `from`, or declare who it means; pods without a sidecar are named with `outside`',
        },
      ],
    },
    {
      name: 'a workload',
      model: shop({ accessPolicies: [accessPolicy(nightly, { rules: [accessRule()] })] }),
      findings: [
        {
          at: 'AccessPolicy shop/nightly-access',
          message: 'nightly is a workload, which is not called: no rule of nightly-access ever applies',
          fix: 'leave the rules out, or declare it as a Service',
        },
      ],
    },
    {
      name: 'everybody is denied',
      model: shopWith({
        services: [service('closed')],
        accessPolicies: [accessPolicy(service('closed'), { rules: [accessRule(), accessRule({ action: 'deny' })] })],
      }),
      findings: [
        {
          at: 'AccessPolicy shop/closed-access',
          message:
            'rule 1: another rule of closed-access denies everybody, and a deny beats every allow, so it never applies',
          fix: 'leave the deny out: what no rule allows is denied anyway',
        },
      ],
    },
  ],
};
