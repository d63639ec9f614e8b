import type { HttpMatch, HttpMethod, HttpRule, Model } from '../../lib/model';
import {
  backend,
  edge,
  grpcMatch,
  grpcRoute,
  grpcRule,
  httpMatch,
  httpRoute,
  httpRule,
  identity,
  model,
  port,
  prefix,
  service,
  version,
  workload,
} from '../support/model-builder';
import { type Case, type Exchange, provenOnEnvoy } from './harness/case';
import type { GrpcCall } from './harness/grpc';
import type { Request } from './harness/http-client';

/** Which rule of a route a request meets: every part of a match, and what comes first where several match. */

const web = workload('web');
const report = workload('report');
const catalog = service('catalog', { versions: [version('v1'), version('v2')] });
const ratings = service('ratings', { versions: [version('v1'), version('v2')], ports: [port('grpc')] });

function mesh(parts: Partial<Model> = {}): Model {
  return model({
    services: [catalog, ratings],
    workloads: [web, report],
    edges: [edge(web, catalog), edge(report, catalog), edge(web, ratings)],
    ...parts,
  });
}

/** Each rule answers with its own name, so that the answer says which one it was. */
function rules(named: { readonly [name: string]: HttpMatch | readonly HttpMatch[] }): readonly HttpRule[] {
  return Object.entries(named).map(([name, matches]) =>
    httpRule({ matches: [matches].flat(), action: { kind: 'respond', status: 200, body: name } }),
  );
}

function matching(
  name: string,
  named: { readonly [name: string]: HttpMatch | readonly HttpMatch[] },
  requests: readonly (readonly [Request, string])[],
): Case {
  const exchanges = requests.map(
    ([request, rule]): Exchange => ({ from: 'web', to: 'catalog', request, outcome: { text: rule } }),
  );
  return { name, model: mesh({ routes: [httpRoute(catalog, rules(named))] }), exchanges };
}

const get = (path: string, headers: { readonly [name: string]: string } = {}): Request => ({ path, headers });
const exact = (path: string, over: Partial<HttpMatch> = {}) => httpMatch({ path: { kind: 'exact', path }, ...over });
const regex = (pattern: string, over: Partial<HttpMatch> = {}) =>
  httpMatch({ path: { kind: 'regex', pattern }, ...over });

const methods: readonly HttpMethod[] = ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'PATCH'];

provenOnEnvoy('a request of HTTP meets the rule', {}, [
  matching(
    'of its path: exact, by prefix of whole segments, by regular expression over the whole path, without the query',
    { exact: exact('/exact'), prefix: prefix('/api'), regex: regex('/items/[0-9]+'), rest: httpMatch() },
    [
      [get('/exact'), 'exact'],
      [get('/exact?a=b'), 'exact'],
      [get('/exact/'), 'rest'],
      [get('/exactly'), 'rest'],
      [get('/api'), 'prefix'],
      [get('/api/'), 'prefix'],
      [get('/api/v1/things?a=b'), 'prefix'],
      [get('/apis'), 'rest'],
      [get('/items/12'), 'regex'],
      [get('/items/12?a=b'), 'regex'],
      [get('/items/12/parts'), 'rest'],
      [get('/items/x'), 'rest'],
      [get('/EXACT'), 'rest'],
      // The very path that the application would get.
      [get('/api/../exact'), 'exact'],
      [get('//exact'), 'exact'],
      [get('/%65xact'), 'exact'],
    ],
  ),
  matching(
    'of the most telling path, whatever the order in which rules are given',
    {
      regex: regex('/.*'),
      short: prefix('/a'),
      long: prefix('/a/b'),
      exact: exact('/a/b/c'),
      everything: prefix('/'),
    },
    [
      [get('/a/b/c'), 'exact'],
      [get('/a/b/d'), 'long'],
      [get('/a/x'), 'short'],
      [get('/x'), 'regex'],
    ],
  ),
  matching(
    'of the most conditions, where paths tell alike',
    {
      path: prefix('/a'),
      query: prefix('/a', { query: [{ kind: 'exact', name: 'q', value: '1' }] }),
      header: prefix('/a', { headers: [{ kind: 'exact', name: 'x-one', value: '1' }] }),
      headers: prefix('/a', {
        headers: [
          { kind: 'exact', name: 'x-one', value: '1' },
          { kind: 'exact', name: 'x-two', value: '2' },
        ],
      }),
      method: prefix('/a', { method: 'POST' }),
    },
    [
      [get('/a'), 'path'],
      [get('/a?q=1'), 'query'],
      [get('/a?q=1', { 'x-one': '1' }), 'header'],
      [get('/a', { 'x-one': '1', 'x-two': '2' }), 'headers'],
      [{ method: 'POST', path: '/a', headers: { 'x-one': '1', 'x-two': '2' } }, 'method'],
    ],
  ),
  matching(
    'that was given first, where nothing tells them apart',
    {
      first: prefix('/a', { headers: [{ kind: 'exact', name: 'x-one', value: '1' }] }),
      second: prefix('/a', { headers: [{ kind: 'exact', name: 'x-two', value: '2' }] }),
    },
    [
      [get('/a', { 'x-two': '2' }), 'second'],
      [get('/a', { 'x-one': '1', 'x-two': '2' }), 'first'],
    ],
  ),
  matching(
    'of its method',
    { ...Object.fromEntries(methods.map((method) => [method, httpMatch({ method })])), rest: httpMatch() },
    [
      ...methods.map((method): [Request, string] => [{ method }, method]),
      // Of a method that no rule names; an answer to HEAD has no body, so it is not among them.
      [{ method: 'PURGE' }, 'rest'],
    ],
  ),
  {
    name: 'of the method HEAD, whose answer has no body',
    model: mesh({
      routes: [
        httpRoute(catalog, [
          httpRule({
            matches: [httpMatch({ method: 'HEAD' })],
            action: { kind: 'respond', status: 418, body: 'HEAD' },
          }),
          httpRule(),
        ]),
      ],
    }),
    exchanges: [
      { from: 'web', to: 'catalog', request: { method: 'HEAD' }, outcome: { status: 418, text: '' } },
      { from: 'web', to: 'catalog', outcome: { reaches: 'catalog' } },
    ],
  },
  matching(
    'of its headers: the name in any case, all of them, the whole value',
    {
      exact: httpMatch({ headers: [{ kind: 'exact', name: 'X-Team', value: 'blue' }] }),
      regex: httpMatch({ headers: [{ kind: 'regex', name: 'x-team', pattern: 'r(ed|ose)' }] }),
      both: httpMatch({
        headers: [
          { kind: 'exact', name: 'x-team', value: 'green' },
          { kind: 'regex', name: 'x-any', pattern: '.*' },
        ],
      }),
      rest: httpMatch(),
    },
    [
      [get('/', { 'x-team': 'blue' }), 'exact'],
      [get('/', { 'X-TEAM': 'blue' }), 'exact'],
      [get('/', { 'x-team': 'Blue' }), 'rest'],
      [get('/', { 'x-team': 'blues' }), 'rest'],
      [get('/', { 'x-team': 'red' }), 'regex'],
      [get('/', { 'x-team': 'rose' }), 'regex'],
      [get('/', { 'x-team': 'reddish' }), 'rest'],
      [get('/', { 'x-team': 'green' }), 'rest'],
      [get('/', { 'x-team': 'green', 'x-any': 'thing' }), 'both'],
      [get('/', { 'x-team': 'green', 'x-any': '' }), 'both'],
    ],
  ),
  matching(
    'of its query parameters',
    {
      exact: httpMatch({ query: [{ kind: 'exact', name: 'sort', value: 'up' }] }),
      regex: httpMatch({ query: [{ kind: 'regex', name: 'page', pattern: '[0-9]+' }] }),
      both: httpMatch({
        query: [
          { kind: 'exact', name: 'sort', value: 'up' },
          { kind: 'exact', name: 'all', value: '1' },
        ],
      }),
      rest: httpMatch(),
    },
    [
      [get('/?sort=up'), 'exact'],
      [get('/?a=b&sort=up'), 'exact'],
      [get('/?sort=upper'), 'rest'],
      [get('/?Sort=up'), 'rest'],
      [get('/?page=12'), 'regex'],
      [get('/?page=12x'), 'rest'],
      [get('/?all=1&sort=up'), 'both'],
      [get('/'), 'rest'],
    ],
  ),
  matching(
    'of which one of several matches holds, each as a whole',
    {
      either: [
        exact('/one', { method: 'GET' }),
        prefix('/two', { headers: [{ kind: 'exact', name: 'x-go', value: 'yes' }] }),
      ],
      rest: httpMatch(),
    },
    [
      [get('/one'), 'either'],
      [{ method: 'POST', path: '/one' }, 'rest'],
      [get('/two/x', { 'x-go': 'yes' }), 'either'],
      [get('/two/x'), 'rest'],
    ],
  ),
  {
    name: 'of its caller, or else the one for everybody',
    model: mesh({
      routes: [
        httpRoute(catalog, [
          httpRule({
            from: [identity(report)],
            action: { kind: 'forward', backends: [backend(catalog, { version: 'v2' })] },
          }),
          httpRule({ action: { kind: 'forward', backends: [backend(catalog, { version: 'v1' })] } }),
        ]),
      ],
    }),
    exchanges: [
      { from: 'web', to: 'catalog', outcome: { reaches: 'catalog-v1' } },
      { from: 'report', to: 'catalog', outcome: { reaches: 'catalog-v2' } },
    ],
  },
  {
    name: 'none: then it goes where the call goes anyway',
    model: mesh({
      routes: [httpRoute(catalog, [httpRule({ matches: [prefix('/api')], action: { kind: 'respond', status: 418 } })])],
    }),
    exchanges: [
      { from: 'web', to: 'catalog', request: get('/api'), outcome: { status: 418 } },
      { from: 'web', to: 'catalog', request: get('/other'), outcome: { reaches: 'catalog' } },
    ],
  },
  {
    name: 'of the name that it calls, whichever of the names that is',
    model: mesh({
      routes: [
        httpRoute(catalog, [
          httpRule({ action: { kind: 'forward', backends: [backend(catalog, { version: 'v1' })] } }),
        ]),
      ],
    }),
    exchanges: [
      'catalog',
      'catalog.shop',
      'catalog.shop.svc',
      'catalog.shop.svc.cluster.local',
      'catalog.shop:80',
      '127.64.1.1',
    ].map(
      (host): Exchange => ({
        from: 'web',
        to: 'catalog',
        request: { host },
        outcome: { reaches: 'catalog-v1', received: { host } },
      }),
    ),
  },
]);

const once = (over: Partial<GrpcCall> = {}): GrpcCall => ({ method: 'Once', messages: ['hello'], ...over });
const toVersion = (name: string) => ({ kind: 'forward', backends: [backend(ratings, { version: name })] }) as const;

function grpcCase(
  name: string,
  to2: readonly ReturnType<typeof grpcMatch>[],
  calls: readonly (readonly [GrpcCall, string])[],
): Case {
  return {
    name,
    model: mesh({
      routes: [
        grpcRoute(ratings, [
          grpcRule({ matches: to2, action: toVersion('v2') }),
          grpcRule({ action: toVersion('v1') }),
        ]),
      ],
    }),
    exchanges: calls.map(([grpc, reaches]): Exchange => ({ from: 'web', to: 'ratings', grpc, outcome: { reaches } })),
  };
}

provenOnEnvoy('a call of gRPC meets the rule', {}, [
  grpcCase(
    'of its service',
    [grpcMatch({ service: 'shop.v1.Other' })],
    [
      [once(), 'ratings-v1'],
      [once({ service: 'shop.v1.Other' }), 'ratings-v2'],
    ],
  ),
  grpcCase(
    'of its method, whatever the service',
    [grpcMatch({ method: 'Many' })],
    [
      [once(), 'ratings-v1'],
      [{ method: 'Many', messages: ['a b'] }, 'ratings-v2'],
      [{ method: 'Many', service: 'shop.v1.Other', messages: ['a b'] }, 'ratings-v2'],
    ],
  ),
  grpcCase(
    'of its service and method',
    [grpcMatch({ service: 'shop.v1.Other', method: 'Once' })],
    [
      [once({ service: 'shop.v1.Other' }), 'ratings-v2'],
      [{ method: 'Many', service: 'shop.v1.Other', messages: ['a'] }, 'ratings-v1'],
      [once(), 'ratings-v1'],
    ],
  ),
  grpcCase(
    'of its metadata',
    [
      grpcMatch({ headers: [{ kind: 'exact', name: 'tenant', value: 'gold' }] }),
      grpcMatch({ method: 'Once', headers: [{ kind: 'regex', name: 'tenant', pattern: 'plat.*' }] }),
    ],
    [
      [once(), 'ratings-v1'],
      [once({ metadata: { tenant: 'gold' } }), 'ratings-v2'],
      [once({ metadata: { tenant: 'golden' } }), 'ratings-v1'],
      [once({ metadata: { tenant: 'platinum' } }), 'ratings-v2'],
      [{ method: 'Many', messages: ['a'], metadata: { tenant: 'platinum' } }, 'ratings-v1'],
    ],
  ),
]);
