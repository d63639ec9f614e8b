import { backend, edge, httpRoute, httpRule, port, service, tlsRoute } from '../../support/model-builder';
import type { Cases } from '../cases';
import { reviews, shop, web } from '../shop';

export const cases: Cases = {
  valid: {
    model: shop({
      routes: [httpRoute(reviews, [httpRule()], { hostnames: ['reviews.example', '*.reviews.example'] })],
    }),
  },
  invalid: [
    {
      name: 'of requests and of connections',
      model: shop({
        services: [service('vault', { ports: [port('tls', 8200)] })],
        edges: [edge(web, service('vault', { ports: [port('tls', 8200)] }))],
        routes: [
          httpRoute(reviews, [httpRule()], { hostnames: ['https://reviews.example', 'a.*.example'] }),
          tlsRoute(
            service('vault', { ports: [port('tls', 8200)] }),
            [backend(service('vault', { ports: [port('tls', 8200)] }))],
            { hostnames: ['10.0.0.1'] },
          ),
        ],
      }),
      findings: [
        {
          at: 'Route shop/reviews',
          message:
            "`hosts` holds \"a.*.example\": a host is a DNS name, whose first label may be '*': labels of lower case letters, digits and '-', at most 63 characters each, joined by '.'",
          fix: "write names such as 'shop.example' or '*.shop.example' in `hosts`",
        },
        {
          at: 'Route shop/reviews',
          message:
            "`hosts` holds \"https://reviews.example\": a host is a DNS name, whose first label may be '*': labels of lower case letters, digits and '-', at most 63 characters each, joined by '.'",
          fix: "write names such as 'shop.example' or '*.shop.example' in `hosts`",
        },
        {
          at: 'Route shop/vault',
          message: '`serverNames` holds "10.0.0.1": a host is a DNS name, not an IP address',
          fix: "write names such as 'shop.example' or '*.shop.example' in `serverNames`",
        },
      ],
    },
  ],
};
