import { canary } from '../../support/model-builder';
import type { Cases } from '../cases';
import { reviews, shop } from '../shop';

export const cases: Cases = {
  valid: { model: shop({ canaries: [canary(reviews, { gates: [{ kind: 'approval' }] })] }) },
  invalid: [
    {
      name: 'no gate',
      model: shop({ canaries: [canary(reviews, { gates: [] })] }),
      findings: [
        {
          at: 'Canary shop/reviews',
          message: 'no gate judges v2: it takes over from v1 however it behaves',
          fix: 'give it `gates`, such as Gate.successRate({ atLeast: 99.5 })',
        },
      ],
    },
  ],
};
