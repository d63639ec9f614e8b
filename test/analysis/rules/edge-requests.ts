import { edge, grpcMatch, prefix } from '../../support/model-builder';
import type { Cases } from '../cases';
import { database, ratings, reviews, shop, web } from '../shop';

export const cases: Cases = {
  valid: {
    model: shop({
      edges: [
        edge(reviews, ratings, {
          only: [{ kind: 'grpc', ...grpcMatch({ service: 'shop.Ratings' }) }],
          retries: { attempts: 1 },
        }),
        edge(ratings, database, { timeout: 1_000, retries: { attempts: 0 } }),
      ],
    }),
  },
  invalid: [
    {
      name: 'a TCP port',
      model: shop({
        edges: [
          edge(ratings, database, {
            only: [{ kind: 'http', ...prefix('/') }],
            retries: { attempts: 1 },
            hedging: { after: 10, attempts: 1 },
          }),
        ],
      }),
      findings: [
        {
          at: 'Edge shop/ratings-to-database-5432',
          message:
            'the call gives `only`, `retries` and `hedging`, but port 5432 of database speaks tcp, in which requests are not told apart; http, http2 and grpc can',
          fix: 'leave `only`, `retries` and `hedging` out, or declare the port with http(…), http2(…) or grpc(…)',
        },
      ],
    },
    {
      name: 'two things of a TCP port',
      model: shop({
        edges: [edge(ratings, database, { retries: { attempts: 1 }, hedging: { after: 10, attempts: 1 } })],
      }),
      findings: [
        {
          at: 'Edge shop/ratings-to-database-5432',
          message:
            'the call gives `retries` and `hedging`, but port 5432 of database speaks tcp, in which requests are not told apart; http, http2 and grpc can',
          fix: 'leave `retries` and `hedging` out, or declare the port with http(…), http2(…) or grpc(…)',
        },
      ],
    },
    {
      name: 'gRPC of an HTTP port',
      model: shop({
        edges: [edge(web, reviews, { only: [{ kind: 'grpc', ...grpcMatch({ service: 'shop.Reviews' }) }] })],
      }),
      findings: [
        {
          at: 'Edge shop/web-to-reviews-80',
          message: '`only` matches gRPC calls, but port 80 of reviews speaks http',
          fix: 'match by path, method or header, or declare the port with grpc(…)',
        },
      ],
    },
  ],
};
