import { edge } from '../../support/model-builder';
import type { Cases } from '../cases';
import { reviews, shop, web } from '../shop';

export const cases: Cases = {
  valid: { model: shop({ edges: [edge(web, reviews, { timeout: 1_000, hedging: { after: 100, attempts: 1 } })] }) },
  invalid: [
    {
      name: 'too late',
      model: shop({ edges: [edge(web, reviews, { timeout: 1_000, hedging: { after: 1_000, attempts: 1 } })] }),
      findings: [
        {
          at: 'Edge shop/web-to-reviews-80',
          message: 'hedging.after is 1s, but the request has only 1s: no second one would be sent',
          fix: 'set `hedging.after` to less than 1s',
        },
      ],
    },
    {
      name: 'out of range',
      model: shop({ edges: [edge(web, reviews, { hedging: { after: 0, attempts: 0 } })] }),
      findings: [
        {
          at: 'Edge shop/web-to-reviews-80',
          message: 'hedging.after must be a duration of at least 1ms, got 0s',
          fix: 'set `hedging.after` to a duration of at least 1ms',
        },
        {
          at: 'Edge shop/web-to-reviews-80',
          message: 'hedging.attempts must be a whole number from 1 to 10, got 0',
          fix: 'set `hedging.attempts` to a whole number from 1 to 10',
        },
      ],
    },
  ],
};
