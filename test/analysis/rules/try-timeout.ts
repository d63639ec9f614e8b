import { edge, httpRoute, httpRule } from '../../support/model-builder';
import type { Cases } from '../cases';
import { reviews, shop, web } from '../shop';

export const cases: Cases = {
  valid: {
    model: shop({ edges: [edge(web, reviews, { timeout: 1_000, retries: { attempts: 0, perTryTimeout: 1_000 } })] }),
  },
  invalid: [
    {
      name: 'of a call',
      model: shop({ edges: [edge(web, reviews, { timeout: 1_000, retries: { attempts: 1, perTryTimeout: 1_500 } })] }),
      findings: [
        {
          at: 'Edge shop/web-to-reviews-80',
          message: 'retries.perTryTimeout is 1s500ms, longer than the 1s of the whole request',
          fix: 'set `retries.perTryTimeout` to at most 1s, or `timeout` to more',
        },
      ],
    },
    {
      name: 'against the default of the mesh, and of a route',
      model: shop({
        edges: [edge(web, reviews, { retries: { attempts: 1, perTryTimeout: 20_000 } })],
        routes: [httpRoute(reviews, [httpRule({ timeout: 200, retries: { attempts: 1, perTryTimeout: 250 } })])],
      }),
      findings: [
        {
          at: 'Edge shop/web-to-reviews-80',
          message: 'retries.perTryTimeout is 20s, longer than the 15s of the whole request',
          fix: 'set `retries.perTryTimeout` to at most 15s, or `timeout` to more',
        },
        {
          at: 'Route shop/reviews',
          message: 'retries.perTryTimeout is 250ms, longer than the 200ms of the whole request',
          fix: 'set `retries.perTryTimeout` to at most 200ms, or `timeout` to more',
        },
      ],
    },
  ],
};
