import type { AccessSource } from '../../../lib/model';
import { accessPolicy, accessRule, identity } from '../../support/model-builder';
import type { Cases } from '../cases';
import { nightly, shop, web } from '../shop';

const denying = (from: AccessSource) =>
  shop({ accessPolicies: [accessPolicy(web, { rules: [accessRule({ action: 'deny', from: [from] })] })] });

export const cases: Cases = {
  valid: { model: denying({ kind: 'identity', ...identity(nightly) }) },
  invalid: [
    {
      name: 'by identity',
      model: denying({ kind: 'identity', namespace: 'shop', serviceAccount: 'public-gateway' }),
      findings: [
        {
          at: 'Route shop/public-web',
          message:
            'gateway public leads requests to shop/web on port 80, but access policy shop/web-access denies it to them',
          fix: 'take the gateway out of the deny rule of web-access, or take the route away',
        },
      ],
    },
    {
      name: 'by namespace',
      model: denying({ kind: 'namespace', namespace: 'shop' }),
      findings: [
        {
          at: 'Route shop/public-web',
          message:
            'gateway public leads requests to shop/web on port 80, but access policy shop/web-access denies it to them',
          fix: 'take the gateway out of the deny rule of web-access, or take the route away',
        },
      ],
    },
  ],
};
