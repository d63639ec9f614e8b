import { accessPolicy, accessRule, service } from '../../support/model-builder';
import type { Cases } from '../cases';
import { shopWith } from '../shop';

const lonely = service('lonely');

export const cases: Cases = {
  valid: {
    model: shopWith({
      services: [lonely],
      accessPolicies: [
        accessPolicy(lonely, { rules: [accessRule({ from: [{ kind: 'outside', namespace: 'ingress' }] })] }),
      ],
    }),
  },
  invalid: [
    {
      name: 'nobody',
      model: shopWith({ services: [lonely] }),
      findings: [
        {
          at: 'Service shop/lonely',
          message: 'nobody may call lonely: no call, no route of a gateway and no access policy names it',
          fix: 'declare who calls it (caller.calls(lonely), a Gateway or an AccessPolicy), or declare it as a Workload if it only calls others',
        },
      ],
    },
  ],
};
