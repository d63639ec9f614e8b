import { describe, expect, it } from 'vitest';
import { configurationOf } from '../../../lib/envoy';
import { gateway } from '../../../lib/envoy/gateway';
import type { GatewayListener, HttpRule, Model, Route } from '../../../lib/model';
import { contextOf } from '../../support/envoy/contexts';
import { type GoldenCase, goldenCases } from '../../support/envoy/golden-cases';
import * as build from '../../support/model-builder';

const { backend, gatewayRoute, httpRule, listener, prefix, service } = build;

const web = service('web');
const admin = service('admin');
const mail = service('mail', { ports: [build.port('tls', 465)] });
const proxy = { kind: 'gateway', namespace: 'shop', name: 'public' } as const;

const https = (name: string, host?: string): GatewayListener =>
  listener({
    name,
    port: 443,
    protocol: 'https',
    tls: { kind: 'secret', name: `${name}-tls` },
    ...(host !== undefined && { host }),
  });

function mesh(listeners: readonly GatewayListener[], routes: readonly Route[]): Model {
  // Access logs have cases of their own.
  const quiet = build.mesh({ telemetry: {} });
  return build.model({
    mesh: quiet,
    services: [web, admin, mail],
    gateways: [build.gateway('public', { listeners })],
    routes,
  });
}

function contextFor(listeners: readonly GatewayListener[], routes: readonly Route[]) {
  return contextOf(mesh(listeners, routes), proxy);
}

function served(listeners: readonly GatewayListener[], routes: readonly Route[]): GoldenCase {
  const context = contextFor(listeners, routes);
  const { listeners: made, routes: configurations, clusters, assignments, secrets } = gateway(context);
  return {
    resources: {
      listeners: made,
      routes: configurations,
      clusters: clusters.map(({ name }) => name),
      assignments,
      secrets,
    },
    configuration: configurationOf(context),
  };
}

const publicGateway = build.gateway('public');
const route = (name: string, hostnames: readonly string[], to = web, rules?: readonly HttpRule[]): Route =>
  gatewayRoute(publicGateway, to, {
    name,
    hostnames,
    rules: rules ?? [httpRule({ matches: [prefix(`/${name}`)], action: { kind: 'forward', backends: [backend(to)] } })],
  });
const parent = (over = {}) => ({ kind: 'gateway' as const, ...build.ref(publicGateway), ...over });

describe('a gateway serves', () => {
  goldenCases('gateway', {
    'any host': () => served([listener()], [route('all', [])]),
    'hosts, the closest first': () =>
      served(
        [listener({ host: '*.shop.example' }), listener({ name: 'other', host: 'shop.example' })],
        [
          route('wild', ['*.shop.example']),
          route('one', ['a.shop.example'], admin),
          route('top', ['shop.example', 'elsewhere.example']),
        ],
      ),
    'a redirect to TLS': () =>
      served(
        [listener({ host: 'shop.example' }), https('secure', 'shop.example')],
        [
          gatewayRoute(publicGateway, web, {
            name: 'redirect',
            parents: [parent({ listener: 'http' })],
            rules: [httpRule({ action: { kind: 'redirect', scheme: 'https', status: 301 } })],
          }),
          gatewayRoute(publicGateway, web, { name: 'secure', parents: [parent({ listener: 'secure' })] }),
        ],
      ),
    'several hosts over TLS at one port': () =>
      served(
        [https('shop', 'shop.example'), https('wild', '*.shop.example'), https('admin', 'admin.shop.example')],
        [route('all', []), route('admin', ['admin.shop.example'], admin)],
      ),
    'any host over TLS': () =>
      served(
        [
          { ...https('any'), tls: { kind: 'certManager', secret: 'any-cert', issuer: { name: 'le', kind: 'Issuer' } } },
          https('one', 'one.example'),
        ],
        [route('all', [])],
      ),
    'TLS that is passed on': () =>
      served(
        [listener({ name: 'passed', port: 443, protocol: 'tls', host: '*.example' }), https('web', 'web.example')],
        [
          route('all', []),
          {
            kind: 'tls',
            namespace: 'shop',
            name: 'mail',
            hostnames: ['mail.example', 'web.example'],
            parents: [parent({ listener: 'passed' })],
            backends: [backend(mail)],
          },
        ],
      ),
    bytes: () =>
      served(
        [
          listener({ name: 'tcp', port: 9000, protocol: 'tcp' }),
          listener({ name: 'idle', port: 9001, protocol: 'tcp' }),
        ],
        [
          {
            kind: 'tcp',
            namespace: 'shop',
            name: 'bytes',
            parents: [parent({ listener: 'tcp' })],
            backends: [backend(mail, { weight: 75 }), backend(service('gone'), { weight: 25 })],
          },
        ],
      ),
    'faults and limits, enforced here': () =>
      served(
        [listener()],
        [
          route('all', [], web, [
            httpRule({
              matches: [prefix('/slow')],
              fault: { delay: { duration: 100, percent: 50 } },
              rateLimit: { local: { requests: 10, per: 1_000 } },
              action: { kind: 'forward', backends: [backend(web)] },
            }),
          ]),
        ],
      ),
  });
});

describe('a route of a gateway', () => {
  const hostsOf = (listeners: readonly GatewayListener[], routes: readonly Route[]) =>
    gateway(contextFor(listeners, routes)).routes.flatMap(({ virtualHosts = [] }) =>
      virtualHosts.filter((host) => (host.routes ?? []).length > 0).flatMap(({ domains }) => domains),
    );

  it.each<[string, Partial<GatewayListener>, Route, readonly string[]]>([
    ['is for its own hosts', {}, route('a', ['a.example']), ['a.example']],
    ['is for those of the listener', { host: 'b.example' }, route('a', []), ['b.example']],
    ['is for what both are for', { host: '*.example' }, route('a', ['x.example', 'y.test']), ['x.example']],
    ['is for what both are for', { host: 'x.example' }, route('a', ['*.example']), ['x.example']],
    ['is not taken without a host in common', { host: 'x.example' }, route('a', ['y.example', '*.x.example']), []],
    ['is not taken from a namespace that is not admitted', { routesFrom: ['other'] }, route('a', []), []],
    ['is taken from one that is', { routesFrom: ['other'] }, { ...route('a', []), namespace: 'other' }, ['*']],
    [
      'is not taken by a listener that it does not name',
      {},
      { ...route('a', []), parents: [parent({ listener: 'other' })] },
      [],
    ],
  ])('%s', (_, over, given, expected) => {
    expect(hostsOf([listener(over)], [given])).toEqual(expected);
  });

  it('without callers by identity: a rule for certain callers is for none of the clients of a gateway', () => {
    const rules = [httpRule({ from: [build.identity(web)], action: { kind: 'forward', backends: [backend(web)] } })];
    expect(hostsOf([listener()], [route('a', [], web, rules)])).toEqual([]);
  });
});
