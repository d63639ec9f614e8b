import { canary } from '../../support/model-builder';
import type { Cases } from '../cases';
import { reviews, shop } from '../shop';

export const cases: Cases = {
  valid: { model: shop({ canaries: [canary(reviews)] }) },
  invalid: [
    {
      name: 'one version',
      model: shop({ canaries: [canary(reviews, { candidate: 'v1' })] }),
      findings: [
        {
          at: 'Canary shop/reviews',
          message: 'stable and candidate are the same version, v1',
          fix: 'name another version as `candidate`',
        },
      ],
    },
  ],
};
