import type { HttpMatch } from '../../../lib/model';
import {
  accessPolicy,
  accessRule,
  canary,
  edge,
  grpcMatch,
  httpMatch,
  httpRoute,
  httpRule,
  prefix,
} from '../../support/model-builder';
import type { Cases } from '../cases';
import { ratings, reviews, shop, web } from '../shop';

const matching = (...matches: readonly HttpMatch[]) => shop({ routes: [httpRoute(reviews, [httpRule({ matches })])] });

export const cases: Cases = {
  valid: {
    model: matching(
      httpMatch({
        path: { kind: 'exact', path: '/a' },
        method: 'GET',
        headers: [
          { kind: 'exact', name: 'x-a', value: '1' },
          { kind: 'regex', name: 'x-a', pattern: '.*' },
        ],
      }),
    ),
  },
  invalid: [
    {
      name: 'paths',
      model: matching(prefix('reviews'), prefix('/reviews?page=1'), prefix('/my reviews')),
      findings: [
        {
          at: 'Route shop/reviews',
          message: 'no request can match: the path "/my reviews" is none: a path holds no white space',
          fix: "write the path from its '/' on, and match the query with QueryMatch",
        },
        {
          at: 'Route shop/reviews',
          message:
            "no request can match: the path \"/reviews?page=1\" is none: a path ends before '?' and '#': the query is matched apart from it",
          fix: "write the path from its '/' on, and match the query with QueryMatch",
        },
        {
          at: 'Route shop/reviews',
          message: 'no request can match: the path "reviews" is none: a path starts with \'/\'',
          fix: "write the path from its '/' on, and match the query with QueryMatch",
        },
      ],
    },
    {
      name: 'headers',
      model: matching(
        httpMatch({
          headers: [
            { kind: 'exact', name: 'x tester', value: 'yes' },
            { kind: 'exact', name: 'x-a', value: 'a\nb' },
          ],
        }),
      ),
      findings: [
        {
          at: 'Route shop/reviews',
          message:
            'no request can match: "x tester" is no name of a header: a token of RFC 9110 is one or more letters, digits and !#$%&\'*+-.^_`|~',
          fix: 'write a legal name in HeaderMatch',
        },
        {
          at: 'Route shop/reviews',
          message:
            'no request can match: header x-a: a header value must hold no line break or other control character',
          fix: 'take the control characters out of the value',
        },
      ],
    },
    {
      name: 'two values at once',
      model: matching(
        httpMatch({
          headers: [
            { kind: 'exact', name: 'X-A', value: '1' },
            { kind: 'exact', name: 'x-a', value: '2' },
          ],
          query: [
            { kind: 'exact', name: 'q', value: '1' },
            { kind: 'exact', name: 'q', value: '2' },
          ],
        }),
      ),
      findings: [
        {
          at: 'Route shop/reviews',
          message: 'no request can match: header x-a would have to be "1" and "2" at once',
          fix: 'write two matches in a list: one of them must match',
        },
        {
          at: 'Route shop/reviews',
          message: 'no request can match: query parameter q would have to be "1" and "2" at once',
          fix: 'write two matches in a list: one of them must match',
        },
      ],
    },
    {
      name: 'a method and a parameter without a name',
      model: matching(httpMatch({ method: 'get' as 'GET', query: [{ kind: 'exact', name: '', value: '' }] })),
      findings: [
        {
          at: 'Route shop/reviews',
          message: 'no request can match: a query parameter has no name',
          fix: 'name it: QueryMatch.exact(name, value)',
        },
        {
          at: 'Route shop/reviews',
          message:
            'no request can match: the method "get" is none of GET, HEAD, POST, PUT, DELETE, CONNECT, OPTIONS, TRACE, PATCH',
          fix: 'name one of them in capital letters',
        },
      ],
    },
    {
      name: 'gRPC',
      model: shop({
        edges: [
          edge(reviews, ratings, {
            only: [{ kind: 'grpc', ...grpcMatch({ service: '/shop.Ratings', method: 'Get/Rating' }) }],
          }),
        ],
      }),
      findings: [
        {
          at: 'Edge shop/reviews-to-ratings-80',
          message: '`only`: no request can match: "/shop.Ratings" is no gRPC service',
          fix: "write its full name, package included, such as 'shop.ratings.v1.Ratings'",
        },
        {
          at: 'Edge shop/reviews-to-ratings-80',
          message: '`only`: no request can match: "Get/Rating" is no gRPC method',
          fix: "write its name alone, such as 'GetRating'",
        },
      ],
    },
    {
      name: 'in a policy and a canary',
      model: shop({
        accessPolicies: [
          accessPolicy(web, { rules: [accessRule({ requests: [{ kind: 'http', ...prefix('a') }] }), accessRule()] }),
        ],
        canaries: [canary(reviews, { strategy: { kind: 'abTest', matches: [prefix('b')], interval: 60_000 } })],
      }),
      findings: [
        {
          at: 'AccessPolicy shop/web-access',
          message: 'rule 1: no request can match: the path "a" is none: a path starts with \'/\'',
          fix: "write the path from its '/' on, and match the query with QueryMatch",
        },
        {
          at: 'Canary shop/reviews',
          message: 'no request can match: the path "b" is none: a path starts with \'/\'',
          fix: "write the path from its '/' on, and match the query with QueryMatch",
        },
      ],
    },
  ],
};
