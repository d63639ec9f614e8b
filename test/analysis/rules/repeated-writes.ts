import { edge, httpMatch } from '../../support/model-builder';
import type { Cases } from '../cases';
import { reviews, shop, web } from '../shop';

const writes = { only: [{ kind: 'http', ...httpMatch({ method: 'POST' }) }] } as const;

export const cases: Cases = {
  valid: { model: shop({ edges: [edge(web, reviews, { ...writes, retries: { attempts: 3 } })] }) },
  invalid: [
    {
      name: 'hedged',
      model: shop({ edges: [edge(web, reviews, { ...writes, hedging: { after: 100, attempts: 1 } })] }),
      findings: [
        {
          at: 'Edge shop/web-to-reviews-80',
          message:
            '`hedging` sends a slow POST a second time while the first is being handled, and POST is not idempotent',
          fix: 'leave `hedging` out, or take POST out of `only`',
        },
      ],
    },
    {
      name: 'tried again after an answer',
      model: shop({ edges: [edge(web, reviews, { ...writes, retries: { attempts: 1, statuses: [503] } })] }),
      findings: [
        {
          at: 'Edge shop/web-to-reviews-80',
          message: '`retries` send a POST again that the application may have handled, and POST is not idempotent',
          fix: 'leave `retries.on` and `retries.statuses` out: then only what has not reached the application is tried again',
        },
      ],
    },
  ],
};
