import { backend, edge, gatewayRoute, httpRoute, httpRule, identity } from '../../support/model-builder';
import type { Cases } from '../cases';
import { nightly, publicGateway, ratings, reviews, shop, web } from '../shop';

const timed = (first: number | undefined, second: number) => ({
  edges: [
    edge(web, reviews, { timeout: first }),
    edge(nightly, reviews, { timeout: first }),
    edge(reviews, ratings, { timeout: second }),
  ],
});

export const cases: Cases = {
  valid: { model: shop(timed(1_000, 1_000)) },
  invalid: [
    {
      name: 'longer than every caller waits',
      model: shop(timed(1_000, 2_000)),
      findings: [
        {
          at: 'Edge shop/reviews-to-ratings-80',
          message:
            'reviews waits up to 2s for ratings, but its own callers wait at most 1s for it (nightly → reviews → ratings)',
          fix: 'set `timeout` of reviews.calls(ratings) to at most 1s, or that of the calls to reviews to at least 2s',
        },
      ],
    },
    {
      name: 'longer than the default of the mesh',
      model: shop(timed(undefined, 20_000)),
      findings: [
        {
          at: 'Edge shop/reviews-to-ratings-80',
          message:
            'reviews waits up to 20s for ratings, but its own callers wait at most 15s for it (nightly → reviews → ratings)',
          fix: 'set `timeout` of reviews.calls(ratings) to at most 15s, or that of the calls to reviews to at least 20s',
        },
      ],
    },
    {
      name: 'longer than a gateway waits',
      model: shop({
        edges: [edge(web, reviews, { timeout: 3_000 })],
        routes: [
          gatewayRoute(publicGateway, web, {
            rules: [httpRule({ timeout: 2_000, action: { kind: 'forward', backends: [backend(web)] } })],
          }),
        ],
      }),
      findings: [
        {
          at: 'Edge shop/web-to-reviews-80',
          message:
            'web waits up to 3s for reviews, but its own callers wait at most 2s for it (public → web → reviews)',
          fix: 'set `timeout` of web.calls(reviews) to at most 2s, or that of the calls to web to at least 3s',
        },
      ],
    },
    {
      name: 'longer than a route lets callers wait, the most patient of which is named',
      model: shop({
        ...timed(1_000, 10_000),
        routes: [httpRoute(reviews, [httpRule({ timeout: 4_000, from: [identity(nightly)] })])],
      }),
      findings: [
        {
          at: 'Edge shop/reviews-to-ratings-80',
          message:
            'reviews waits up to 10s for ratings, but its own callers wait at most 4s for it (nightly → reviews → ratings)',
          fix: 'set `timeout` of reviews.calls(ratings) to at most 4s, or that of the calls to reviews to at least 10s',
        },
      ],
    },
  ],
};
