import { edge, httpRoute, httpRule, mesh } from '../../support/model-builder';
import type { Cases } from '../cases';
import { reviews, shop, web } from '../shop';

export const cases: Cases = {
  valid: { model: shop({ edges: [edge(web, reviews, { timeout: 0 })] }) },
  invalid: [
    {
      name: 'fractions and negatives',
      model: shop({
        mesh: mesh({ defaults: { timeout: -1, retries: { attempts: 0 } } }),
        edges: [edge(web, reviews, { timeout: 0.5 })],
        routes: [httpRoute(reviews, [httpRule({ timeout: 1e15 })])],
      }),
      findings: [
        {
          at: 'Edge shop/web-to-reviews-80',
          message: 'timeout must be a duration of whole milliseconds, got 0.5',
          fix: 'set `timeout` to a duration of whole milliseconds',
        },
        {
          at: 'Mesh mesh',
          message: 'defaults.timeout must be a duration of whole milliseconds, got -1',
          fix: 'set `defaults.timeout` to a duration of whole milliseconds',
        },
        {
          at: 'Route shop/reviews',
          message: 'timeout must be a duration of whole milliseconds, got 1000000000000000',
          fix: 'set `timeout` to a duration of whole milliseconds',
        },
      ],
    },
  ],
};
