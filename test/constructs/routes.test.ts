import { Gateway, GrpcMatch, grpc, HeaderMatch, http, PathMatch, Service, tcp, tls, Workload } from 'meshwright';
import { expect, it } from 'vitest';
import type { HttpRoute } from '../../lib/model';
import { declared, failure, program } from './program';

it('makes a route with every action', () => {
  const model = declared((chart) => {
    const caller = new Workload(chart, 'job', { image: 'job:1' });
    const api = new Service(chart, 'api', { port: http(8080) });
    const v1 = api.addVersion('v1', { image: 'api:1' });
    const v2 = api.addVersion('v2', { image: 'api:2' });
    const limits = new Service(chart, 'limits', { port: grpc(8081), image: 'limits:1' });
    const other = new Service(chart, 'other', { port: http(8080), image: 'other:1' });
    api.addRoute({
      name: 'all',
      match: [PathMatch.prefix('/a'), HeaderMatch.prefix('X-Id', 'a.b')],
      from: [caller],
      to: [
        { to: v1, weight: 70, requestHeaders: { set: { 'x-version': '1' } } },
        { to: v2 },
        { to: other, weight: 10 },
      ],
      rewrite: { path: { prefix: '/b' }, host: 'api.internal' },
      requestHeaders: { set: { b: '2', a: '1' }, add: { c: '3' }, remove: ['e', 'd'] },
      responseHeaders: { remove: ['server'] },
      mirror: { to: v2, percent: 5 },
      cors: { allowOrigins: ['https://a.example'], allowHeaders: ['x-a'], allowCredentials: true, maxAge: '1h' },
      timeout: '2s',
      retries: { attempts: 0 },
      sessionAffinity: { cookie: 'session', ttl: '1h' },
      fault: { delay: { duration: '100ms', percent: 1 }, abort: { status: 503, percent: 0.5 } },
      rateLimit: {
        local: { requests: 100, per: '1s', burst: 10 },
        global: {
          service: limits,
          domain: 'shop',
          descriptors: [
            { key: 'kind', value: 'api' },
            { key: 'user', header: 'X-User' },
            'source-address',
            'source-identity',
          ],
        },
      },
    });
  });
  expect(model.routes).toEqual([
    {
      kind: 'http',
      namespace: 'team',
      name: 'api-all',
      parents: [{ kind: 'service', namespace: 'team', name: 'api', port: 80 }],
      hostnames: [],
      rules: [
        {
          matches: [
            { path: { kind: 'prefix', path: '/a' }, headers: [], query: [] },
            { headers: [{ kind: 'regex', name: 'x-id', pattern: 'a\\.b.*' }], query: [] },
          ],
          action: {
            kind: 'forward',
            backends: [
              {
                service: { namespace: 'team', name: 'api' },
                version: 'v1',
                port: 80,
                weight: 70,
                requestHeaders: { set: [{ name: 'x-version', value: '1' }], add: [], remove: [] },
              },
              { service: { namespace: 'team', name: 'api' }, version: 'v2', port: 80, weight: 20 },
              { service: { namespace: 'team', name: 'other' }, port: 80, weight: 10 },
            ],
          },
          from: [{ namespace: 'team', serviceAccount: 'job' }],
          rewrite: { path: { kind: 'prefix', value: '/b' }, host: 'api.internal' },
          requestHeaders: {
            set: [
              { name: 'a', value: '1' },
              { name: 'b', value: '2' },
            ],
            add: [{ name: 'c', value: '3' }],
            remove: ['d', 'e'],
          },
          responseHeaders: { set: [], add: [], remove: ['server'] },
          mirrors: [{ service: { namespace: 'team', name: 'api' }, version: 'v2', port: 80, percent: 5 }],
          cors: {
            allowOrigins: ['https://a.example'],
            allowMethods: ['GET', 'HEAD', 'POST'],
            allowHeaders: ['x-a'],
            exposeHeaders: [],
            allowCredentials: true,
            maxAge: 3_600_000,
          },
          timeout: 2_000,
          retries: { attempts: 0 },
          sessionAffinity: { kind: 'cookie', name: 'session', ttl: 3_600_000 },
          fault: {
            delay: { duration: 100, percent: 1 },
            abort: { status: { kind: 'http', status: 503 }, percent: 0.5 },
          },
          rateLimit: {
            local: { requests: 100, per: 1_000, burst: 10 },
            global: {
              service: { namespace: 'team', name: 'limits' },
              port: 80,
              domain: 'shop',
              descriptors: [
                { kind: 'value', key: 'kind', value: 'api' },
                { kind: 'header', key: 'user', header: 'x-user' },
                { kind: 'sourceAddress' },
                { kind: 'sourceIdentity' },
              ],
              onFailure: 'allow',
            },
          },
        },
      ],
    },
  ]);
});

it('redirects and answers', () => {
  const model = declared((chart) => {
    const api = new Service(chart, 'api', { port: http(8080), image: 'api:1' });
    api.addRoute({
      name: 'old',
      match: PathMatch.exact('/old'),
      redirect: { path: { full: '/new' }, scheme: 'https', port: 8443, status: 308 },
    });
    api.addRoute({ name: 'gone', match: PathMatch.exact('/gone'), respond: { status: 410, body: 'gone' } });
  });
  expect(model.routes.map((route) => (route as HttpRoute).rules[0]?.action)).toEqual([
    { kind: 'respond', status: 410, body: 'gone' },
    { kind: 'redirect', scheme: 'https', port: 8443, path: { kind: 'full', value: '/new' }, status: 308 },
  ]);
});

it('makes gRPC, TLS and TCP routes of the ports that speak them', () => {
  const model = declared((chart) => {
    const rpc = new Service(chart, 'rpc', { port: grpc(9000), image: 'rpc:1' });
    const vault = new Service(chart, 'vault', { port: tls(8443), image: 'vault:1' });
    const db = new Service(chart, 'db', { port: tcp(5432) });
    const blue = db.addVersion('blue', { image: 'db:1' });
    const green = db.addVersion('green', { image: 'db:2' });
    rpc.addRoute({ name: 'get', match: GrpcMatch.method('a.B', 'Get'), fault: { abort: { grpcStatus: 14 } } });
    vault.addRoute({ name: 'sni', serverNames: ['vault.example'], to: vault });
    db.addRoute({ name: 'split', to: [{ to: blue, weight: 90 }, { to: green }] });
  });
  expect(model.routes).toEqual([
    {
      kind: 'tcp',
      namespace: 'team',
      name: 'db-split',
      parents: [{ kind: 'service', namespace: 'team', name: 'db', port: 5432 }],
      backends: [
        { service: { namespace: 'team', name: 'db' }, version: 'blue', port: 5432, weight: 90 },
        { service: { namespace: 'team', name: 'db' }, version: 'green', port: 5432, weight: 10 },
      ],
    },
    {
      kind: 'grpc',
      namespace: 'team',
      name: 'rpc-get',
      parents: [{ kind: 'service', namespace: 'team', name: 'rpc', port: 80 }],
      hostnames: [],
      rules: [
        {
          matches: [{ service: 'a.B', method: 'Get', headers: [] }],
          action: { kind: 'forward', backends: [] },
          fault: { abort: { status: { kind: 'grpc', status: 14 }, percent: 100 } },
        },
      ],
    },
    {
      kind: 'tls',
      namespace: 'team',
      name: 'vault-sni',
      parents: [{ kind: 'service', namespace: 'team', name: 'vault', port: 443 }],
      hostnames: ['vault.example'],
      backends: [{ service: { namespace: 'team', name: 'vault' }, port: 443, weight: 100 }],
    },
  ]);
});

it('names a route by what it matches, so that its action may change', () => {
  const nameOf = (timeout: string, path: string) =>
    declared((chart) => {
      const api = new Service(chart, 'api', { port: http(8080), image: 'api:1' });
      api.addRoute({ match: PathMatch.exact(path), timeout });
    }).routes[0]?.name;
  expect(nameOf('1s', '/a')).toMatch(/^api-[0-9a-f]{8}$/);
  expect(nameOf('1s', '/a')).toBe(nameOf('2s', '/a'));
  expect(nameOf('1s', '/a')).not.toBe(nameOf('1s', '/b'));
});

it('lets callers use what a route of their callee leads to', () => {
  const model = declared((chart) => {
    const web = new Service(chart, 'web', { port: http(3000), image: 'web:1' });
    const api = new Service(chart, 'api', { port: http(8080), image: 'api:1' });
    const next = new Service(chart, 'next', { port: http(8080), image: 'next:1' });
    api.addRoute({ match: PathMatch.prefix('/next'), to: next });
    web.calls(api);
  });
  expect(model.accessPolicies.map((policy) => [policy.service, policy.rules.map((rule) => rule.from)])).toEqual([
    ['api', [[{ kind: 'identity', namespace: 'team', serviceAccount: 'web' }]]],
    ['next', [[{ kind: 'identity', namespace: 'team', serviceAccount: 'web' }]]],
  ]);
});

it('attaches a gateway’s routes to it, and lets it in', () => {
  const model = declared((chart) => {
    const web = new Service(chart, 'web', { port: http(3000), image: 'web:1' });
    const gateway = new Gateway(chart, 'public', { hosts: ['a.example', 'b.example'], tls: { secret: 'cert' } });
    gateway.addRoute({ name: 'web', hosts: ['a.example'], to: web });
  });
  expect(model.gateways).toEqual([
    {
      namespace: 'team',
      name: 'public',
      listeners: [
        { name: 'http', port: 80, protocol: 'http', routesFrom: [] },
        {
          name: 'https-a-example',
          port: 443,
          protocol: 'https',
          host: 'a.example',
          tls: { kind: 'secret', name: 'cert' },
          routesFrom: [],
        },
        {
          name: 'https-b-example',
          port: 443,
          protocol: 'https',
          host: 'b.example',
          tls: { kind: 'secret', name: 'cert' },
          routesFrom: [],
        },
      ].map((listener) => ({ ...listener, name: expect.stringContaining(listener.name) })),
      service: { type: 'LoadBalancer', annotations: {} },
      replicas: 2,
    },
  ]);
  expect(model.routes.map((route) => `${route.name} ${route.kind}`)).toEqual([
    'public-to-https http',
    'public-web http',
  ]);
  expect(model.accessPolicies[0]?.rules[0]?.from).toEqual([
    { kind: 'identity', namespace: 'team', serviceAccount: 'public-gateway' },
  ]);
});

it('reports each mistake of a route where it was made', () => {
  const app = program((chart) => {
    const both = new Service(chart, 'both', { ports: [http(1), grpc(2, { port: 81 })], image: 'both:1' });
    both.addRoute({ name: 'portless', match: PathMatch.prefix('/') });
    const api = new Service(chart, 'api', { port: http(8080) });
    const v1 = api.addVersion('v1', { image: 'api:1' });
    const v2 = api.addVersion('v2', { image: 'api:2' });
    api.addRoute({ name: 'weightless', to: [{ to: v1 }, { to: v2 }] });
    api.addRoute({ name: 'torn', match: PathMatch.exact('/t'), to: v1, redirect: { host: 'a.example' } });
    api.addRoute({ name: 'lost', match: PathMatch.exact('/l'), to: both as never });
  });
  expect(failure(app).filter((line) => line.includes('MESH04'))).toEqual(
    expect.arrayContaining([
      '[team/both/route-portless] MESH0402 a route of both must say which port it is for, because there are several: http (80), grpc (81); name one of them with `port`',
      '[team/api/route-weightless] MESH0403 2 destinations have no weight (v1, v2); give each a weight; one may be left out and gets the rest',
      '[team/api/route-torn] MESH0405 a route has redirect and to; give one of `to`, `redirect` and `respond`',
      '[team/api/route-lost] MESH0404 a route leads to both, which has several ports: http (80), grpc (81); name the port with `port`',
    ]),
  );
});
