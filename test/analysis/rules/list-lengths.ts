import { accessPolicy, accessRule, edge, httpMatch, httpRoute, httpRule } from '../../support/model-builder';
import type { Cases } from '../cases';
import { reviews, shop, web } from '../shop';

const paths = (amount: number) =>
  Array.from({ length: amount }, (_, index) => httpMatch({ path: { kind: 'exact', path: `/${index}` } }));
const requests = (amount: number) => paths(amount).map((match) => ({ kind: 'http', ...match }) as const);

export const cases: Cases = {
  valid: {
    model: shop({
      routes: [httpRoute(reviews, [httpRule({ matches: paths(64) })])],
      edges: [edge(web, reviews, { only: requests(64) })],
    }),
  },
  invalid: [
    {
      name: 'of a route, an edge and a policy',
      model: shop({
        routes: [httpRoute(reviews, [httpRule({ matches: paths(65) })])],
        edges: [edge(web, reviews, { only: requests(65) })],
        accessPolicies: [accessPolicy(reviews, { rules: [accessRule({ requests: requests(66) })] })],
      }),
      findings: [
        {
          at: 'AccessPolicy shop/reviews-access',
          message: 'requests has 66 items, and 64 are allowed',
          fix: 'select by prefix or regex, or write several rules',
        },
        {
          at: 'Edge shop/web-to-reviews-80',
          message: 'only has 65 items, and 64 are allowed',
          fix: 'select by prefix or regex',
        },
        {
          at: 'Route shop/reviews',
          message: 'match has 65 items, and 64 are allowed',
          fix: 'match by prefix or regex, or divide it into several routes',
        },
      ],
    },
  ],
};
