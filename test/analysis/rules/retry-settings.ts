import { edge, httpRoute, httpRule, mesh, prefix } from '../../support/model-builder';
import type { Cases } from '../cases';
import { reviews, shop, web } from '../shop';

export const cases: Cases = {
  valid: {
    model: shop({
      edges: [
        edge(web, reviews, {
          retries: {
            attempts: 3,
            on: ['connect-failure'],
            statuses: [503],
            perTryTimeout: 100,
            backoff: { base: 10, max: 100 },
            budget: { percent: 20, minConcurrency: 3 },
          },
        }),
      ],
    }),
  },
  invalid: [
    {
      name: 'everything out of range',
      model: shop({
        edges: [
          edge(web, reviews, {
            retries: {
              attempts: -1,
              statuses: [200, 600],
              perTryTimeout: 0.5,
              backoff: { base: 100, max: 10 },
              budget: { percent: 101, minConcurrency: -1 },
            },
          }),
        ],
      }),
      findings: [
        {
          at: 'Edge shop/web-to-reviews-80',
          message: 'retries.attempts must be a whole number from 0 to 100, got -1',
          fix: 'set `retries.attempts` to a whole number from 0 to 100',
        },
        {
          at: 'Edge shop/web-to-reviews-80',
          message: 'retries.backoff.max must be a duration of at least 100ms, got 10ms',
          fix: 'set `retries.backoff.max` to a duration of at least 100ms',
        },
        {
          at: 'Edge shop/web-to-reviews-80',
          message: 'retries.budget.minConcurrency must be a whole number of at least 0, got -1',
          fix: 'set `retries.budget.minConcurrency` to a whole number of at least 0',
        },
        {
          at: 'Edge shop/web-to-reviews-80',
          message: 'retries.budget.percent must be a number from 0 to 100, got 101',
          fix: 'set `retries.budget.percent` to a number from 0 to 100',
        },
        {
          at: 'Edge shop/web-to-reviews-80',
          message: 'retries.perTryTimeout must be a duration of whole milliseconds, got 0.5',
          fix: 'set `retries.perTryTimeout` to a duration of whole milliseconds',
        },
        {
          at: 'Edge shop/web-to-reviews-80',
          message: 'retries.statuses must be a whole number from 400 to 599, got 200',
          fix: 'set `retries.statuses` to a whole number from 400 to 599',
        },
        {
          at: 'Edge shop/web-to-reviews-80',
          message: 'retries.statuses must be a whole number from 400 to 599, got 600',
          fix: 'set `retries.statuses` to a whole number from 400 to 599',
        },
      ],
    },
    {
      name: 'a condition that Envoy does not know',
      model: shop({
        routes: [
          httpRoute(reviews, [
            httpRule({ retries: { attempts: 1, on: ['5xxx' as '5xx'] } }),
            httpRule({ matches: [prefix('/a')] }),
          ]),
        ],
      }),
      findings: [
        {
          at: 'Route shop/reviews',
          message:
            'rule 1: retries.on holds "5xxx", allowed are: 5xx, gateway-error, reset, reset-before-request, connect-failure, refused-stream, retriable-4xx, cancelled, deadline-exceeded, internal, resource-exhausted, unavailable',
          fix: 'name one of them in `retries.on`',
        },
      ],
    },
    {
      name: 'the defaults of the mesh',
      model: shop({ mesh: mesh({ defaults: { timeout: 15_000, retries: { attempts: 1.5 } } }) }),
      findings: [
        {
          at: 'Mesh mesh',
          message: 'defaults.retries.attempts must be a whole number from 0 to 100, got 1.5',
          fix: 'set `defaults.retries.attempts` to a whole number from 0 to 100',
        },
      ],
    },
  ],
};
