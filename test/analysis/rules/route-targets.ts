import { gatewayRoute, httpRoute, httpRule, prefix, tcpRoute } from '../../support/model-builder';
import type { Cases } from '../cases';
import { database, publicGateway, reviews, shop, web } from '../shop';

export const cases: Cases = {
  valid: { model: shop({ routes: [httpRoute(reviews, [httpRule()])] }) },
  invalid: [
    {
      name: 'from nowhere, and without a rule',
      model: shop({ routes: [httpRoute(reviews, [], { parents: [] })] }),
      findings: [
        { at: 'Route shop/reviews', message: 'route reviews has no rule', fix: 'give it a rule, or leave it out' },
        {
          at: 'Route shop/reviews',
          message: 'route reviews is attached to nothing',
          fix: 'name a service or a gateway as its parent',
        },
      ],
    },
    {
      name: 'to nowhere',
      model: shop({
        routes: [
          tcpRoute(database, []),
          gatewayRoute(publicGateway, web, { name: 'second', rules: [httpRule({ matches: [prefix('/b')] })] }),
        ],
      }),
      findings: [
        {
          at: 'Route shop/database',
          message: 'route database does not say where it leads',
          fix: 'give it a service with `to`',
        },
        {
          at: 'Route shop/second',
          message: 'route second does not say where it leads',
          fix: 'give it a service with `to`',
        },
      ],
    },
  ],
};
