import { describe, expect, it } from 'vitest';
import { type Context, configurationOf, nothingObserved } from '../../../lib/envoy';
import { outbound } from '../../../lib/envoy/outbound';
import type { Model } from '../../../lib/model';
import { contextOf } from '../../support/envoy/contexts';
import { type GoldenCase, goldenCases } from '../../support/envoy/golden-cases';
import * as build from '../../support/model-builder';

const { backend, edge, externalService, service } = build;

const web = service('web');
const sidecar = { kind: 'sidecar', member: { kind: 'service', namespace: 'shop', name: 'web' } } as const;

const reviews = service('reviews', { versions: [build.version('v1'), build.version('v2')] });
const database = service('database', {
  namespace: 'data',
  ports: [build.port('tcp', 5432)],
  headless: true,
  instances: { statefulSet: 'database', replicas: 2 },
});
const cache = service('cache', {
  headless: true,
  instances: { statefulSet: 'cache', replicas: 1 },
});
const mail = service('mail', { ports: [build.port('tls', 465)] });
const originate = { kind: 'originate' } as const;
const stripe = externalService('stripe', { protocol: 'http', tls: originate });
const bank = externalService('bank');
const plain = externalService('plain', { port: 8080, protocol: 'http', tls: { kind: 'none' } });
const anywhere = externalService('anywhere', { host: '*.bank.example' });
const ledger = externalService('ledger', { port: 5432, protocol: 'tcp', tls: { kind: 'none' } });
const backup = externalService('backup', {
  port: 873,
  protocol: 'tcp',
  tls: { kind: 'none' },
  addresses: ['192.0.2.7'],
});

/** Access logs have cases of their own. */
const quiet = { telemetry: {} };

function mesh(parts: Partial<Model>): Model {
  return build.model({
    mesh: build.mesh(quiet),
    services: [web, reviews, database, cache, mail],
    externalServices: [stripe, bank, plain, anywhere, ledger, backup],
    ...parts,
  });
}

function served(parts: Partial<Model>, over: Partial<Context> = {}): GoldenCase {
  const context = contextOf(mesh(parts), sidecar, over);
  const { listeners, routes, assignments, clusters } = outbound(context);
  return {
    resources: { listeners, routes, clusters: clusters.map(({ name }) => name), assignments },
    configuration: configurationOf(context),
  };
}

const addresses: ReadonlyMap<string, readonly string[]> = new Map([
  ['shop/reviews', ['10.96.0.1', 'fd00::1']],
  ['data/database', ['10.1.0.1', '10.1.0.2']],
  ['data/database-0.database', ['10.1.0.1']],
  ['data/database-1.database', ['10.1.0.2']],
]);

const captured: Partial<Context> = {
  surroundings: {
    ...nothingObserved,
    serviceAddresses: ({ namespace, name }) => addresses.get(`${namespace}/${name}`) ?? [],
  },
};
const transparently = build.mesh({
  ...quiet,
  capture: { kind: 'transparent', excludeInboundPorts: [], excludeOutboundPorts: [], excludeOutboundAddresses: [] },
});

describe('a sidecar serves its own application', () => {
  goldenCases('outbound', {
    nothing: () => served({}),
    'a service by requests': () => served({ edges: [edge(web, reviews)] }),
    'a service at another port': () => served({ edges: [edge(web, reviews, { at: 18_080 })] }),
    'instances by bytes': () => served({ edges: [edge(web, database)] }),
    'instances by requests': () => served({ edges: [edge(web, cache, { timeout: 100 })] }),
    'a service by server name': () =>
      served({
        edges: [edge(web, mail)],
        routes: [
          build.tlsRoute(mail, [backend(database)], { name: 'a', hostnames: ['db.example', '*.db.example'] }),
          build.tlsRoute(mail, [backend(mail)], { name: 'b', hostnames: ['db.example'] }),
        ],
      }),
    'connections divided': () =>
      served({
        edges: [edge(web, database)],
        routes: [build.tcpRoute(database, [backend(database, { weight: 90 }), backend(mail, { weight: 10 })])],
        trafficPolicies: [
          build.trafficPolicy(database, {
            loadBalancing: { kind: 'maglev', by: [{ kind: 'sourceAddress' }] },
            connection: { idleTimeout: 0, maxDuration: 60_000 },
          }),
        ],
      }),
    'a service behind a shared proxy, which has its rules': () =>
      served({
        edges: [edge(web, reviews)],
        sharedProxies: [build.sharedProxy('front', [reviews])],
        canaries: [build.canary(reviews)],
        routes: [build.httpRoute(reviews, [build.httpRule({ action: { kind: 'respond', status: 418 } })])],
      }),
    'hosts outside': () => served({ edges: [edge(web, stripe), edge(web, bank), edge(web, plain), edge(web, ledger)] }),
    'captured connections': () =>
      served(
        {
          mesh: transparently,
          edges: [reviews, database, stripe, bank, plain, anywhere, ledger, backup].map((to) => edge(web, to)),
        },
        captured,
      ),
    'captured connections with no edge': () => served({ mesh: transparently }, captured),
  });
});

describe('listeners of a sidecar', () => {
  it('stand where ports were assigned, and nowhere else', () => {
    const context = contextOf(mesh({ edges: [edge(web, reviews), edge(web, mail)] }), sidecar);
    const [first] = outbound(context).listeners;
    const { address, portValue } = first?.address?.socketAddress ?? {};
    const assigned = { kind: 'assigned', ports: { [`upstream/${address}/${portValue}`]: 31_000 } } as const;
    const { listeners } = outbound({ ...context, binding: assigned });
    expect(listeners.map(({ name, address: one }) => [name, one?.socketAddress])).toEqual([
      [first?.name, { address: '127.0.0.1', portValue: 31_000 }],
    ]);
  });

  it('are none for what the model does not hold, and for what is not proxied', () => {
    const dns = service('dns', { ports: [build.port('udp', 53)] });
    const gone = service('gone');
    const context = contextOf(
      build.model({ services: [web, dns], edges: [edge(web, dns), edge(web, gone), edge(web, bank)] }),
      sidecar,
    );
    expect(outbound(context)).toEqual({
      listeners: [],
      routes: [],
      clusters: [],
      assignments: [],
      secrets: [],
      extensions: [],
    });
  });
});
