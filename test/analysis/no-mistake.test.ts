import { describe, expect, it } from 'vitest';
import { analyze } from '../../lib/analysis';
import { canonical, Late, type Model, type PodFacts, withImpliedAccess } from '../../lib/model';
import {
  accessPolicy,
  accessRule,
  backend,
  canary,
  edge,
  egressGateway,
  externalService,
  gateway,
  gatewayRoute,
  grpcMatch,
  httpMatch,
  httpRoute,
  httpRule,
  identity,
  listener,
  mesh,
  port,
  prefix,
  ref,
  service,
  servicePods,
  sharedProxy,
  trafficPolicy,
} from '../support/model-builder';
import { database, nightly, publicGateway, ratings, reviews, reviewsToRatings, shop, shopWith, web } from './shop';

const late = Late.text('0123456789abcdef');
const transparent = {
  kind: 'transparent',
  excludeInboundPorts: [],
  excludeOutboundPorts: [],
  excludeOutboundAddresses: [],
} as const;
const taken = service('taken', { ports: [port('http', 8080, { port: 8080 })] });
const callsTaken = { services: [taken], edges: [edge(reviews, taken)] };

/** What stands close to a mistake and is none. */
const close: readonly (readonly [name: string, model: Model, pods?: readonly PodFacts[]])[] = [
  ['the policies that synthesis writes', withImpliedAccess(shop({ accessPolicies: [accessPolicy(reviews)] }))],
  [
    'values that are known only at deployment',
    shop({
      mesh: mesh({ trustDomain: late, telemetry: { tracing: { enabled: true, host: late, port: 4317 } } }),
      externalServices: [externalService('mail', { host: late, addresses: [late] })],
      edges: [edge(web, externalService('mail'))],
      gateways: [gateway('public', { listeners: [listener({ host: late })] })],
      canaries: [
        canary(reviews, { gates: [{ kind: 'webhook', name: 'a', url: `https://${late}/x`, timeout: 1_000 }] }),
      ],
      routes: [
        httpRoute(reviews, [
          httpRule({
            matches: [prefix('/a')],
            requestHeaders: { set: [{ name: 'x-a', value: late }], add: [], remove: [] },
            rewrite: { host: late },
          }),
        ]),
      ],
    }),
  ],
  [
    'a port of the application that an upstream has too, with transparent capture',
    shopWith({
      ...callsTaken,
      services: [taken, { ...reviews, name: 'other', serviceAccount: 'other', capture: transparent }],
      edges: [edge(service('other'), taken), edge(web, service('other'))],
    }),
  ],
  [
    'a port of the application that only a UDP port has too',
    shopWith({
      services: [service('dns', { ports: [port('udp', 80), port('tcp', 5353)] })],
      edges: [edge(web, service('dns'), { port: 5353 })],
    }),
  ],
  [
    'a container that listens where an upstream does, of another service',
    shop(),
    [servicePods(database, { ports: [80] })],
  ],
  [
    'a deny that only counts, and one for other requests, callers or ports',
    shop({
      accessPolicies: [
        accessPolicy(reviews, {
          rules: [
            accessRule({ action: 'deny', shadow: true }),
            accessRule({ action: 'deny', requests: [{ kind: 'http', ...prefix('/admin') }] }),
            accessRule({ action: 'deny', from: [{ kind: 'identity', ...identity(ratings) }] }),
            accessRule({ action: 'deny', from: [{ kind: 'address', cidr: '10.0.0.0/8' }] }),
          ],
        }),
      ],
    }),
  ],
  [
    'a time of its own where nobody calls, and where a caller waits without a limit',
    shop({
      edges: [
        edge(nightly, reviews, { timeout: 0 }),
        edge(web, reviews, { timeout: 1_000 }),
        { ...reviewsToRatings, timeout: 60_000 },
      ],
    }),
  ],
  [
    'a deny of other requests than those of a call',
    shop({
      edges: [
        edge(reviews, ratings, { only: [{ kind: 'grpc', ...grpcMatch({ service: 'shop.Ratings', method: 'Get' }) }] }),
        edge(web, reviews, {
          only: [
            {
              kind: 'http',
              ...prefix('/a', { method: 'GET', headers: [{ kind: 'exact', name: 'x-a', value: '1' }] }),
            },
          ],
        }),
      ],
      accessPolicies: [
        accessPolicy(ratings, {
          rules: [
            accessRule({ action: 'deny', requests: [{ kind: 'grpc', ...grpcMatch({ service: 'shop.Reviews' }) }] }),
            accessRule({ action: 'deny', requests: [{ kind: 'grpc', ...grpcMatch({ method: 'Set' }) }] }),
          ],
        }),
        accessPolicy(reviews, {
          rules: [
            accessRule({ action: 'deny', requests: [{ kind: 'http', ...prefix('/', { method: 'POST' }) }] }),
            accessRule({ action: 'deny', requests: [{ kind: 'http', ...prefix('/ab') }] }),
            accessRule({ action: 'deny', requests: [{ kind: 'http', ...prefix('/a/b') }] }),
            accessRule({
              action: 'deny',
              requests: [{ kind: 'http', ...httpMatch({ headers: [{ kind: 'exact', name: 'x-a', value: '2' }] }) }],
            }),
            accessRule({
              action: 'deny',
              requests: [{ kind: 'http', ...httpMatch({ query: [{ kind: 'exact', name: 'x-a', value: '1' }] }) }],
            }),
            accessRule({
              action: 'deny',
              requests: [{ kind: 'http', ...httpMatch({ path: { kind: 'exact', path: '/a' } }) }],
            }),
            accessRule({
              action: 'deny',
              requests: [{ kind: 'http', ...httpMatch({ path: { kind: 'regex', pattern: '/a.*' } }) }],
            }),
            accessRule({ action: 'deny', claims: [{ claim: 'role', values: ['guest'] }] }),
          ],
          jwt: [{ issuer: 'a', audiences: [], keys: { kind: 'inline', jwks: '{"keys":[{"kty":"EC"}]}' }, forward: [] }],
        }),
      ],
    }),
  ],
  [
    'a time longer than that of the known callers, where others may call',
    shop({
      edges: [
        edge(nightly, reviews, { timeout: 1_000 }),
        edge(web, reviews, { timeout: 1_000 }),
        { ...reviewsToRatings, timeout: 60_000 },
      ],
      accessPolicies: [
        accessPolicy(reviews, { rules: [accessRule({ from: [{ kind: 'outside', namespace: 'ops' }] })] }),
        accessPolicy(nightly, { outsidePorts: [{ port: 9100, protocol: 'tcp', from: [] }] }),
      ],
    }),
  ],
  [
    'a stream, and a call whose time is the default of the mesh, behind an impatient caller',
    shop({
      edges: [
        edge(nightly, reviews, { timeout: 100 }),
        edge(web, reviews, { timeout: 100 }),
        edge(reviews, ratings, { timeout: 0 }),
        edge(reviews, web),
      ],
    }),
  ],
  [
    'retries along a path of what has not reached the application',
    shop({
      mesh: mesh({
        defaults: { timeout: 15_000, retries: { attempts: 50, on: ['connect-failure', 'reset-before-request'] } },
      }),
    }),
  ],
  ['a service that calls itself', shopWith({ edges: [edge(reviews, reviews)] })],
  [
    'a service that only a shared proxy, a mirror, a rate limit or plain text leads to',
    shopWith({
      services: ['behind', 'copy', 'limit', 'plain', 'split'].map((name) =>
        service(name, { ports: [port('grpc')], ...(name === 'plain' ? { mutualTls: 'permissive' } : {}) }),
      ),
      sharedProxies: [sharedProxy('front', [service('behind')])],
      routes: [
        httpRoute(reviews, [
          httpRule({
            matches: [prefix('/a')],
            action: {
              kind: 'forward',
              backends: [backend(service('split'), { weight: 50 }), backend(reviews, { version: 'v1', weight: 50 })],
            },
            mirrors: [{ ...backend(service('copy')), percent: 1 }],
            rateLimit: {
              global: {
                service: ref(service('limit')),
                port: 80,
                domain: 'a',
                descriptors: [{ kind: 'sourceAddress' }],
                onFailure: 'allow',
              },
            },
          }),
        ]),
      ],
    }),
  ],
  [
    'thirds',
    shop({
      routes: [
        httpRoute(reviews, [
          httpRule({
            action: {
              kind: 'forward',
              backends: [33.333, 33.333, 33.333].map((weight) => backend(reviews, { weight })),
            },
          }),
        ]),
      ],
    }),
  ],
  [
    'a preference of locality with health checks in the place of outlier detection',
    shop({
      trafficPolicies: [
        trafficPolicy(reviews, {
          locality: { prefer: 'zone' },
          outlierDetection: { enabled: false },
          healthCheck: { kind: 'tcp', interval: 1_000, timeout: 500, unhealthyThreshold: 2, healthyThreshold: 1 },
        }),
      ],
    }),
  ],
  [
    'a route for the host of one of two listeners, and a rewrite that uses its last group',
    shop({
      gateways: [
        gateway('public', {
          listeners: [listener({ host: 'a.example' }), listener({ name: 'other', host: 'b.example' })],
        }),
      ],
      routes: [
        gatewayRoute(publicGateway, web, { hostnames: ['b.example'] }),
        httpRoute(reviews, [
          httpRule({ rewrite: { path: { kind: 'regex', pattern: '/(a)/(b)', substitution: '/\\2\\\\\\0' } } }),
        ]),
      ],
    }),
  ],
  [
    'one listener for two routes, and a second gateway of the same hosts',
    shopWith({
      gateways: [gateway('second')],
      routes: [
        gatewayRoute(gateway('second'), web),
        gatewayRoute(publicGateway, reviews, {
          rules: [
            httpRule({ matches: [prefix('/reviews')], action: { kind: 'forward', backends: [backend(reviews)] } }),
          ],
        }),
      ],
    }),
  ],
  [
    'an external service by way of an egress gateway',
    shopWith({
      egressGateways: [egressGateway('out')],
      externalServices: [externalService('mail', { via: 'out' })],
      edges: [edge(web, externalService('mail'))],
    }),
  ],
];

describe('analyze says nothing of', () => {
  it.each(close.map(([name, model, pods]) => ({ name, model, pods })))('$name', ({ model, pods }) => {
    expect(analyze(canonical(model), pods)).toEqual([]);
  });
});
