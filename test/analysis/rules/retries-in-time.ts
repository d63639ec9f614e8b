import { edge } from '../../support/model-builder';
import type { Cases } from '../cases';
import { reviews, shop, web } from '../shop';

export const cases: Cases = {
  valid: {
    model: shop({ edges: [edge(web, reviews, { timeout: 1_575, retries: { attempts: 2, perTryTimeout: 500 } })] }),
  },
  invalid: [
    {
      name: 'too little for all tries',
      model: shop({ edges: [edge(web, reviews, { timeout: 1_574, retries: { attempts: 2, perTryTimeout: 500 } })] }),
      findings: [
        {
          at: 'Edge shop/web-to-reviews-80',
          message:
            '3 tries of 500ms and their pauses take up to 1s575ms, but the whole request has 1s574ms: the last try is cut short',
          fix: 'set `timeout` to 1s575ms, or fewer `retries.attempts` or a shorter `retries.perTryTimeout`',
        },
      ],
    },
    {
      name: 'one more try',
      model: shop({ edges: [edge(web, reviews, { timeout: 1_000, retries: { attempts: 1, perTryTimeout: 500 } })] }),
      findings: [
        {
          at: 'Edge shop/web-to-reviews-80',
          message:
            '2 tries of 500ms and their pauses take up to 1s25ms, but the whole request has 1s: the last try is cut short',
          fix: 'set `timeout` to 1s25ms, or fewer `retries.attempts` or a shorter `retries.perTryTimeout`',
        },
      ],
    },
    {
      name: 'pauses that reach their maximum',
      model: shop({
        edges: [
          edge(web, reviews, {
            timeout: 1_000,
            retries: { attempts: 4, perTryTimeout: 100, backoff: { base: 100, max: 250 } },
          }),
        ],
      }),
      findings: [
        {
          at: 'Edge shop/web-to-reviews-80',
          message:
            '5 tries of 100ms and their pauses take up to 1s300ms, but the whole request has 1s: the last try is cut short',
          fix: 'set `timeout` to 1s300ms, or fewer `retries.attempts` or a shorter `retries.perTryTimeout`',
        },
      ],
    },
  ],
};
