import { gateway, gatewayRoute, listener, ref } from '../../support/model-builder';
import type { Cases } from '../cases';
import { publicGateway, reviews, shop, shopWith, web } from '../shop';

export const cases: Cases = {
  valid: {
    model: shop({
      routes: [
        gatewayRoute(publicGateway, web, { parents: [{ kind: 'gateway', ...ref(publicGateway), listener: 'http' }] }),
      ],
    }),
  },
  invalid: [
    {
      name: 'no route',
      model: shop({
        gateways: [gateway('public', { listeners: [listener(), listener({ name: 'admin', port: 8080 })] })],
        routes: [
          gatewayRoute(publicGateway, web, { parents: [{ kind: 'gateway', ...ref(publicGateway), listener: 'http' }] }),
        ],
      }),
      findings: [
        {
          at: 'Gateway shop/public',
          message:
            'no route is attached to listener admin: everything that comes to port 8080 is answered with 404 or closed',
          fix: 'add a route with addRoute, or leave the listener out',
        },
      ],
    },
    {
      name: 'a route of another gateway',
      model: {
        ...shopWith({ gateways: [gateway('second')] }),
        routes: [
          gatewayRoute(publicGateway, web, { parents: [{ kind: 'gateway', ...ref(publicGateway), listener: 'http' }] }),
          gatewayRoute(gateway('third', { namespace: 'other' }), web, {
            parents: [{ kind: 'service', ...ref(reviews), port: 80 }],
          }),
        ],
      },
      findings: [
        {
          at: 'Gateway shop/second',
          message:
            'no route is attached to listener http: everything that comes to port 80 is answered with 404 or closed',
          fix: 'add a route with addRoute, or leave the listener out',
        },
      ],
    },
  ],
};
