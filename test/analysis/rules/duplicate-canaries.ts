import { canary } from '../../support/model-builder';
import type { Cases } from '../cases';
import { reviews, shop } from '../shop';

export const cases: Cases = {
  valid: { model: shop({ canaries: [canary(reviews)] }) },
  invalid: [
    {
      name: 'two at once',
      model: shop({ canaries: [canary(reviews), canary(reviews, { name: 'again' })] }),
      findings: [
        {
          at: 'Canary shop/reviews',
          message: 'canary reviews moves requests of reviews, and so does canary again',
          fix: 'leave one of them out until the other is done',
        },
      ],
    },
  ],
};
