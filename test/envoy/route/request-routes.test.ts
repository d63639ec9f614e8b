import { describe, expect, it } from 'vitest';
import { configurationOf, nothingObserved, type Surroundings } from '../../../lib/envoy';
import { outbound } from '../../../lib/envoy/outbound';
import type { Canary, Edge, GrpcRule, HttpRule, Model, Service, TrafficPolicy } from '../../../lib/model';
import { contextOf } from '../../support/envoy/contexts';
import { type GoldenCase, goldenCases } from '../../support/envoy/golden-cases';
import * as build from '../../support/model-builder';

const { backend, edge, grpcMatch, grpcRoute, grpcRule, httpMatch, httpRoute, httpRule, prefix, service, version } =
  build;

const web = service('web');
const reviews = service('reviews', { versions: [version('v1'), version('v2')] });
const ratings = service('ratings', { ports: [build.port('grpc')] });
const archive = service('archive');

interface Given {
  readonly rules?: readonly HttpRule[];
  readonly calls?: readonly GrpcRule[];
  readonly edge?: Partial<Edge>;
  readonly canary?: Partial<Canary>;
  readonly policy?: Partial<TrafficPolicy>;
  readonly rollout?: ReturnType<Surroundings['rollout']>;
  readonly of?: Service;
}

function mesh({ rules, calls, edge: over, canary, policy, of = reviews }: Given): Model {
  return build.model({
    services: [web, reviews, ratings, archive],
    edges: [edge(web, of, over)],
    routes: [...(rules ? [httpRoute(of, rules)] : []), ...(calls ? [grpcRoute(of, calls)] : [])],
    canaries: canary ? [build.canary(of, canary)] : [],
    trafficPolicies: policy ? [build.trafficPolicy(of, policy)] : [],
  });
}

function contextFor(given: Given) {
  const { rollout } = given;
  return contextOf(
    mesh(given),
    { kind: 'sidecar', member: { kind: 'service', namespace: 'shop', name: 'web' } },
    { surroundings: { ...nothingObserved, rollout: () => rollout } },
  );
}

function routes(given: Given): GoldenCase {
  const context = contextFor(given);
  return { resources: outbound(context).routes, configuration: configurationOf(context) };
}

/** The routes that are made, in the order in which Envoy tries them. */
function made(given: Given) {
  return outbound(contextFor(given)).routes[0]?.virtualHosts?.[0]?.routes ?? [];
}

const to = (name: 'v1' | 'v2', over = {}) => backend(reviews, { version: name, ...over });
const forward = (...backends: readonly ReturnType<typeof backend>[]) => ({ kind: 'forward' as const, backends });
const headers = (set: string) => ({
  set: [{ name: 'x-set', value: set }],
  add: [{ name: 'x-add', value: '100%' }],
  remove: ['x-gone'],
});

describe('requests', () => {
  goldenCases('route', {
    'no rule': () => routes({}),
    'what the edge says': () =>
      routes({
        edge: {
          timeout: 500,
          retries: {
            attempts: 3,
            on: ['5xx', 'reset', 'unavailable'],
            statuses: [409, 429],
            perTryTimeout: 100,
            backoff: { base: 10, max: 80 },
          },
        },
      }),
    'no timeout and no retries': () => routes({ edge: { timeout: 0, retries: { attempts: 0 } } }),
    hedging: () => routes({ edge: { hedging: { after: 50, attempts: 2 } } }),
    matches: () =>
      routes({
        rules: [
          httpRule({
            matches: [
              httpMatch({ path: { kind: 'exact', path: '/exact/' } }),
              prefix('/prefix/'),
              httpMatch({ path: { kind: 'regex', pattern: '/books/[0-9]+' } }),
              prefix('/all', {
                method: 'GET',
                headers: [
                  { kind: 'exact', name: 'X-Tester', value: 'yes' },
                  { kind: 'regex', name: 'host', pattern: '.*[.]example' },
                ],
                query: [
                  { kind: 'exact', name: 'a', value: '1' },
                  { kind: 'regex', name: 'b', pattern: '.*' },
                ],
              }),
            ],
            action: forward(to('v2')),
          }),
        ],
      }),
    'calls of gRPC': () =>
      routes({
        of: ratings,
        edge: { timeout: 2_000 },
        calls: [
          grpcRule({
            matches: [
              grpcMatch({ service: 'shop.Ratings', method: 'Get' }),
              grpcMatch({ service: 'shop.Ratings' }),
              grpcMatch({ method: 'Get', headers: [{ kind: 'exact', name: 'x-a', value: 'b' }] }),
            ],
            timeout: 0,
          }),
        ],
      }),
    'a stream of gRPC has no limit of its own': () => routes({ of: ratings }),
    split: () =>
      routes({
        rules: [
          httpRule({
            requestHeaders: headers('rule'),
            responseHeaders: headers('rule'),
            action: forward(
              to('v1', { weight: 62.5, requestHeaders: headers('backend') }),
              to('v2', { weight: 37.5 }),
              backend(archive, { weight: 0 }),
            ),
          }),
        ],
      }),
    'a backend that is not there': () =>
      routes({
        rules: [
          httpRule({
            matches: [prefix('/half')],
            action: forward(to('v1', { weight: 50 }), backend(reviews, { version: 'v9', weight: 50 })),
          }),
          httpRule({ matches: [prefix('/none')], action: forward(backend(service('nobody'))) }),
        ],
      }),
    redirects: () =>
      routes({
        rules: [
          httpRule({ matches: [prefix('/a')], action: { kind: 'redirect', scheme: 'https', status: 301 } }),
          httpRule({
            matches: [prefix('/b')],
            action: {
              kind: 'redirect',
              host: 'x.example',
              port: 8443,
              path: { kind: 'full', value: '/c' },
              status: 302,
            },
          }),
          httpRule({
            matches: [prefix('/d')],
            action: { kind: 'redirect', scheme: 'https', port: 443, path: { kind: 'prefix', value: '/' }, status: 308 },
          }),
        ],
      }),
    'direct answers': () =>
      routes({
        rules: [
          httpRule({ matches: [prefix('/teapot')], action: { kind: 'respond', status: 418, body: 'short and stout' } }),
          httpRule({ matches: [prefix('/long')], action: { kind: 'respond', status: 200, body: 'ä'.repeat(2_100) } }),
          httpRule({
            matches: [prefix('/silent')],
            action: { kind: 'respond', status: 204 },
            responseHeaders: headers('y'),
          }),
        ],
      }),
    rewrites: () =>
      routes({
        rules: [
          ...(
            [
              ['/a', '/b'],
              ['/c/', '/d/'],
              ['/e.f', '/'],
              ['/', '/g'],
            ] as const
          ).map(([from, value]) => httpRule({ matches: [prefix(from)], rewrite: { path: { kind: 'prefix', value } } })),
          httpRule({ matches: [prefix('/h')], rewrite: { path: { kind: 'full', value: '/i\\1' }, host: 'j.example' } }),
          httpRule({
            matches: [prefix('/k')],
            rewrite: { path: { kind: 'regex', pattern: '^/k/([^/]+)', substitution: '/l/\\1' } },
          }),
        ],
      }),
    mirrors: () =>
      routes({
        rules: [
          httpRule({
            mirrors: [
              { service: build.ref(reviews), version: 'v2', port: 80, percent: 12.5 },
              { service: build.ref(archive), port: 80, percent: 100 },
              { service: build.ref(archive), port: 80, percent: 0 },
              { service: { namespace: 'shop', name: 'nobody' }, port: 80, percent: 100 },
            ],
          }),
        ],
      }),
    'other origins': () =>
      routes({
        rules: [
          httpRule({
            matches: [prefix('/api', { method: 'PUT', headers: [{ kind: 'exact', name: 'x-a', value: 'b' }] })],
            cors: {
              allowOrigins: ['https://shop.example', 'https://*.shop.example', '*'],
              allowMethods: ['GET', 'PUT'],
              allowHeaders: ['x-a'],
              exposeHeaders: ['x-b'],
              allowCredentials: true,
              maxAge: 90_500,
            },
          }),
        ],
      }),
    'sessions by cookie, over versions too': () =>
      routes({
        rules: [
          httpRule({
            action: forward(to('v1', { weight: 50 }), to('v2', { weight: 50 })),
            sessionAffinity: { kind: 'cookie', name: 'session', ttl: 60_000 },
          }),
        ],
      }),
    'sessions by header': () =>
      routes({ rules: [httpRule({ sessionAffinity: { kind: 'header', name: 'x-session' } })] }),
    'hash policies': () =>
      routes({
        policy: {
          loadBalancing: {
            kind: 'ringHash',
            by: [
              { kind: 'header', name: 'x-user' },
              { kind: 'cookie', name: 'user', ttl: 0, path: '/' },
              { kind: 'sourceAddress' },
              { kind: 'queryParameter', name: 'user' },
            ],
          },
        },
      }),
    'a canary that has not begun': () => routes({ canary: {} }),
    'a canary by weight': () => routes({ canary: {}, rollout: { candidatePercent: 25, mirrorPercent: 10 } }),
    'a sticky canary': () =>
      routes({
        canary: { strategy: { kind: 'weighted', steps: [50], interval: 1_000, sticky: true } },
        rollout: { candidatePercent: 12.5, mirrorPercent: 0 },
      }),
    'a canary that sees copies only': () =>
      routes({
        canary: { strategy: { kind: 'blueGreen', interval: 1_000, keepFor: 1_000 } },
        rollout: { candidatePercent: 0, mirrorPercent: 100 },
      }),
    'a canary that has taken over': () => routes({ canary: {}, rollout: { candidatePercent: 100, mirrorPercent: 0 } }),
    'a canary for some requests': () =>
      routes({
        rules: [httpRule({ matches: [prefix('/books')] })],
        canary: {
          strategy: {
            kind: 'abTest',
            interval: 1_000,
            matches: [
              httpMatch({ headers: [{ kind: 'exact', name: 'x-tester', value: 'yes' }] }),
              prefix('/books/new', { method: 'GET' }),
            ],
          },
        },
        rollout: { candidatePercent: 50, mirrorPercent: 0 },
      }),
    'faults and limits of others': () =>
      routes({
        rules: [
          httpRule({ matches: [prefix('/slow')], fault: { delay: { duration: 100, percent: 50 } } }),
          httpRule({ matches: [prefix('/fast')] }),
        ],
      }),
    'rules for certain callers': () =>
      routes({
        rules: [
          httpRule({ matches: [prefix('/x')], action: forward(to('v1')) }),
          httpRule({ matches: [prefix('/x')], from: [build.identity(web)], action: forward(to('v2')) }),
          httpRule({ matches: [prefix('/y')], from: [build.identity(archive)], action: forward(to('v2')) }),
        ],
      }),
  });
});

describe('the order in which rules are tried', () => {
  const path = (given: HttpRule['matches'][number]) => httpRule({ matches: [given] });
  const shown = (rules: readonly HttpRule[]) =>
    made({ rules }).map(({ match = {} }) =>
      [
        match.path ?? match.pathSeparatedPrefix ?? match.prefix ?? match.safeRegex?.regex,
        ...(match.headers ?? []).map(({ name }) => name),
        ...(match.queryParameters ?? []).map(({ name }) => `?${name}`),
      ].join(' '),
    );

  it('an exact path, the longest prefix, a regular expression, any path', () => {
    const rules = [
      httpRule({ matches: [httpMatch({ headers: [{ kind: 'exact', name: 'x-any', value: '1' }] })] }),
      path(httpMatch({ path: { kind: 'regex', pattern: '/very/long/expression' } })),
      path(prefix('/a')),
      path(prefix('/a/b/')),
      path(httpMatch({ path: { kind: 'exact', path: '/' } })),
    ];
    expect(shown(rules)).toEqual(['/', '/a/b', '/a', '/very/long/expression', '/ x-any', '/']);
  });

  it('a method before headers, more headers before fewer, then query parameters', () => {
    const header = (name: string) => ({ kind: 'exact' as const, name, value: '1' });
    const rules = [
      path(prefix('/a')),
      path(prefix('/a', { query: [header('q')] })),
      path(prefix('/a', { query: [header('q'), header('r')] })),
      path(prefix('/a', { headers: [header('x')] })),
      path(prefix('/a', { headers: [header('x'), header('y')] })),
      path(prefix('/a', { method: 'GET' })),
    ];
    expect(shown(rules)).toEqual(['/a :method', '/a x y', '/a x', '/a ?q ?r', '/a ?q', '/a', '/']);
  });

  it('the first in the route, where nothing else tells them apart', () => {
    const rules = ['v1', 'v2'].map((name) =>
      httpRule({ matches: [prefix('/a')], action: forward(to(name === 'v1' ? 'v1' : 'v2')) }),
    );
    expect(made({ rules }).map(({ route }) => route?.cluster)).toEqual([
      'outbound|80|v1|shop|reviews',
      'outbound|80|v2|shop|reviews',
      'outbound|80||shop|reviews',
    ]);
  });

  it('holds whatever the order of the rules is', () => {
    const rules = [path(prefix('/a')), path(prefix('/a/b')), path(httpMatch({ path: { kind: 'exact', path: '/a' } }))];
    expect(shown([...rules].reverse())).toEqual(shown(rules));
  });
});

describe('what no rule matches', () => {
  it('goes to the service itself', () => {
    expect(made({ rules: [httpRule({ matches: [prefix('/a')], action: forward(to('v2')) })] }).at(-1)).toMatchObject({
      match: { prefix: '/' },
      route: { cluster: 'outbound|80||shop|reviews' },
    });
  });

  it('is nothing, where a rule matches everything', () => {
    expect(made({ rules: [httpRule({ action: forward(to('v2')) })] })).toHaveLength(1);
  });
});
