import type { GatewayListener, HttpRoute } from '../../../lib/model';
import { backend, gateway, gatewayRoute, httpRule, listener, prefix, ref, tcpRoute } from '../../support/model-builder';
import type { Cases } from '../cases';
import { database, publicGateway, shop, shopWith, web } from '../shop';

const attached = (over: Partial<HttpRoute>, listeners: Partial<GatewayListener> = {}) =>
  shop({
    gateways: [gateway('public', { listeners: [listener(listeners)] })],
    routes: [gatewayRoute(publicGateway, web), gatewayRoute(publicGateway, web, { name: 'second', ...over })],
  });
const path = {
  rules: [httpRule({ matches: [prefix('/b')], action: { kind: 'forward', backends: [backend(web)] } })],
} as const;

export const cases: Cases = {
  valid: {
    model: attached(
      { ...path, namespace: 'team', hostnames: ['a.shop.example'] },
      { routesFrom: ['shop', 'team'], host: '*.shop.example' },
    ),
  },
  invalid: [
    {
      name: 'an unknown gateway',
      model: attached({ ...path, parents: [{ kind: 'gateway', namespace: 'shop', name: 'gone' }] }),
      findings: [
        {
          at: 'Route shop/second',
          message: 'route second is attached to gateway shop/gone, which is not declared',
          fix: "declare it: new Gateway(chart, 'gone', …)",
        },
      ],
    },
    {
      name: 'an unknown listener',
      model: attached({ ...path, parents: [{ kind: 'gateway', ...ref(publicGateway), listener: 'https' }] }),
      findings: [
        {
          at: 'Route shop/second',
          message: 'route second names listener https of gateway public, whose listeners are: http',
          fix: 'name one of them, or none to be attached to all',
        },
      ],
    },
    {
      name: 'from a namespace that is not admitted',
      model: attached({ ...path, namespace: 'team' }),
      findings: [
        {
          at: 'Route team/second',
          message: 'route second stands in namespace team, from which gateway public admits no routes',
          fix: "add 'team' to `routesFrom` of the gateway, its own namespace too if it has routes there",
        },
      ],
    },
    {
      name: 'a host that the gateway does not have',
      model: attached({ ...path, hostnames: ['other.example'] }, { host: '*.shop.example' }),
      findings: [
        {
          at: 'Route shop/second',
          message: 'route second is for other.example, but gateway public answers to *.shop.example',
          fix: 'name a host of the gateway, or add the host to the gateway',
        },
      ],
    },
    {
      name: 'a route of another kind',
      model: shopWith({
        routes: [tcpRoute(database, [backend(database)], { parents: [{ kind: 'gateway', ...ref(publicGateway) }] })],
      }),
      findings: [
        {
          at: 'Route shop/database',
          message: 'route database is one of tcp, but is attached to http (http) of gateway public; it fits tcp',
          fix: 'attach it to a listener of tcp',
        },
      ],
    },
  ],
};
