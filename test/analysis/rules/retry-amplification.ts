import { edge, httpRoute, httpRule, mesh, prefix } from '../../support/model-builder';
import type { Cases } from '../cases';
import { ratings, reviews, shop, web } from '../shop';

const eager = { retries: { attempts: 3, on: ['5xx'] } } as const;

export const cases: Cases = {
  valid: {
    model: shop({
      mesh: mesh({ defaults: { timeout: 15_000, retries: { attempts: 9 } } }),
      edges: [edge(web, reviews, eager), edge(reviews, ratings)],
    }),
  },
  invalid: [
    {
      name: 'along a path',
      model: shop({ edges: [edge(web, reviews, eager), edge(reviews, ratings, eager)] }),
      findings: [
        {
          at: 'Edge shop/reviews-to-ratings-80',
          message: 'one request can become 16 by retries along web → reviews → ratings, more than 10',
          fix: 'set fewer `retries.attempts` on the calls of this path, best only on the last of them, or fewer `retries.on`',
        },
      ],
    },
    {
      name: 'along a cycle',
      model: shop({ edges: [edge(web, reviews, eager), edge(reviews, web, eager), edge(reviews, ratings, eager)] }),
      findings: [
        {
          at: 'Edge shop/reviews-to-ratings-80',
          message: 'one request can become 16 by retries along web → reviews → ratings, more than 10',
          fix: 'set fewer `retries.attempts` on the calls of this path, best only on the last of them, or fewer `retries.on`',
        },
      ],
    },
    {
      name: 'by a route',
      model: shop({
        edges: [edge(reviews, ratings, eager)],
        routes: [
          httpRoute(reviews, [
            httpRule({ retries: { attempts: 4, on: ['gateway-error'] } }),
            httpRule({ matches: [prefix('/a')], retries: { attempts: 2, on: ['5xx'] } }),
          ]),
        ],
      }),
      findings: [
        {
          at: 'Edge shop/reviews-to-ratings-80',
          message: 'one request can become 20 by retries along nightly → reviews → ratings, more than 10',
          fix: 'set fewer `retries.attempts` on the calls of this path, best only on the last of them, or fewer `retries.on`',
        },
      ],
    },
  ],
};
