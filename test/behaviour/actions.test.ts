import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { HeaderChanges, HttpAction, HttpRule, Model, RedirectAction, Rewrite } from '../../lib/model';
import {
  backend,
  edge,
  httpRoute,
  httpRule,
  model,
  prefix,
  service,
  version,
  workload,
} from '../support/model-builder';
import { until } from '../support/wait';
import { type Case, type Exchange, provenOnEnvoy } from './harness/case';
import { Mesh } from './harness/mesh';
import { plausibleCounts } from './harness/share';

/** What a rule does with a request: every action of a route but those that make it resilient. */

const web = workload('web');
const catalog = service('catalog', { versions: [version('v1'), version('v2')] });
const archive = service('archive');

function mesh(...rules: readonly HttpRule[]): Model {
  return model({
    services: [catalog, archive],
    workloads: [web],
    edges: [edge(web, catalog)],
    routes: [httpRoute(catalog, rules)],
  });
}

const v1 = backend(catalog, { version: 'v1' });
const v2 = backend(catalog, { version: 'v2' });

function forward(...backends: readonly ReturnType<typeof backend>[]): HttpAction {
  return { kind: 'forward', backends };
}

function changes(over: Partial<HeaderChanges>): HeaderChanges {
  return { set: [], add: [], remove: [], ...over };
}

function rewriting(
  name: string,
  rewrite: Rewrite,
  exchanges: readonly (readonly [string, Exchange['outcome']])[],
): Case {
  const rule = httpRule({ matches: [prefix('/old')], rewrite });
  return {
    name,
    model: mesh(rule, httpRule()),
    exchanges: exchanges.map(
      ([path, outcome]): Exchange => ({ from: 'web', to: 'catalog', request: { path }, outcome }),
    ),
  };
}

function redirecting(
  name: string,
  redirect: Partial<RedirectAction>,
  exchanges: readonly (readonly [path: string, status: number, location: string])[],
): Case {
  const rule = httpRule({ matches: [prefix('/old')], action: { kind: 'redirect', status: 302, ...redirect } });
  return {
    name,
    model: mesh(rule),
    exchanges: exchanges.map(
      ([path, status, location]): Exchange => ({
        from: 'web',
        to: 'catalog',
        request: { path, host: 'catalog' },
        outcome: { status, headers: { location } },
      }),
    ),
  };
}

provenOnEnvoy('a rule', {}, [
  {
    name: 'forwards to a version, to another service, or to where the call goes anyway',
    model: mesh(
      httpRule({ matches: [prefix('/v1')], action: forward(v1) }),
      httpRule({ matches: [prefix('/v2')], action: forward(v2) }),
      httpRule({ matches: [prefix('/archive')], action: forward(backend(archive)) }),
      httpRule(),
    ),
    exchanges: [
      { from: 'web', to: 'catalog', request: { path: '/v1' }, outcome: { reaches: 'catalog-v1' } },
      { from: 'web', to: 'catalog', request: { path: '/v2' }, outcome: { reaches: 'catalog-v2' } },
      { from: 'web', to: 'catalog', request: { path: '/archive/1' }, outcome: { reaches: 'archive' } },
      { from: 'web', to: 'catalog', outcome: { reaches: 'catalog' } },
    ],
  },
  rewriting('rewrites the whole path', { path: { kind: 'full', value: '/new' } }, [
    ['/old/thing?a=b', { received: { path: '/new?a=b' } }],
    ['/kept', { received: { path: '/kept' } }],
  ]),
  rewriting('rewrites the prefix that matched', { path: { kind: 'prefix', value: '/new' } }, [
    ['/old', { received: { path: '/new' } }],
    ['/old/', { received: { path: '/new/' } }],
    ['/old/thing?a=b', { received: { path: '/new/thing?a=b' } }],
  ]),
  rewriting('takes the prefix that matched away', { path: { kind: 'prefix', value: '/' } }, [
    ['/old', { received: { path: '/' } }],
    ['/old?a=b', { received: { path: '/?a=b' } }],
    ['/old/thing', { received: { path: '/thing' } }],
  ]),
  rewriting(
    'rewrites by a regular expression',
    { path: { kind: 'regex', pattern: '^/old/([^/]+)/(.*)$', substitution: '/\\2/\\1' } },
    [
      ['/old/a/b', { received: { path: '/b/a' } }],
      ['/old/a/b?c=d', { received: { path: '/b/a?c=d' } }],
      ['/old/a', { received: { path: '/old/a' } }],
    ],
  ),
  rewriting('rewrites the host', { host: 'catalog.internal' }, [
    ['/old', { received: { host: 'catalog.internal', path: '/old' } }],
    ['/kept', { received: { host: 'catalog' } }],
  ]),
  redirecting('redirects to another host, port and scheme', { scheme: 'https', host: 'shop.example', port: 8443 }, [
    ['/old/thing?a=b', 302, 'https://shop.example:8443/old/thing?a=b'],
  ]),
  redirecting('redirects to another path', { path: { kind: 'full', value: '/new' }, status: 301 }, [
    ['/old/thing?a=b', 301, 'http://catalog/new?a=b'],
  ]),
  redirecting('redirects to another prefix', { path: { kind: 'prefix', value: '/new' }, status: 308 }, [
    ['/old', 308, 'http://catalog/new'],
    ['/old/thing?a=b', 308, 'http://catalog/new/thing?a=b'],
  ]),
  redirecting('redirects with 303', { path: { kind: 'full', value: '/new' }, status: 303 }, [
    ['/old', 303, 'http://catalog/new'],
  ]),
  redirecting('redirects with 307', { path: { kind: 'full', value: '/new' }, status: 307 }, [
    ['/old', 307, 'http://catalog/new'],
  ]),
  {
    name: 'responds itself, with a body or without',
    model: mesh(
      httpRule({ matches: [prefix('/gone')], action: { kind: 'respond', status: 410, body: 'it is gone' } }),
      httpRule({ matches: [prefix('/empty')], action: { kind: 'respond', status: 503 } }),
    ),
    exchanges: [
      { from: 'web', to: 'catalog', request: { path: '/gone' }, outcome: { status: 410, text: 'it is gone' } },
      { from: 'web', to: 'catalog', request: { path: '/empty' }, outcome: { status: 503, text: '' } },
    ],
  },
  {
    name: 'changes headers of the request and of the response',
    model: mesh(
      httpRule({
        requestHeaders: changes({
          set: [{ name: 'x-set', value: 'by route' }],
          add: [{ name: 'x-added', value: 'by route' }],
          remove: ['x-removed'],
        }),
        responseHeaders: changes({
          set: [{ name: 'x-answer', value: 'by route' }],
          add: [{ name: 'x-more', value: 'by route' }],
          remove: ['x-secret'],
        }),
      }),
    ),
    exchanges: [
      {
        from: 'web',
        to: 'catalog',
        request: {
          headers: { 'x-set': 'by application', 'x-added': 'by application', 'x-removed': 'x', 'x-kept': 'x' },
          reply: { headers: { 'x-answer': 'by backend', 'x-more': 'by backend', 'x-secret': 'x', 'x-other': 'x' } },
        },
        outcome: {
          received: {
            headers: { 'x-set': 'by route', 'x-added': 'by application, by route', 'x-removed': null, 'x-kept': 'x' },
          },
          headers: { 'x-answer': 'by route', 'x-more': 'by backend, by route', 'x-secret': null, 'x-other': 'x' },
        },
      },
    ],
  },
  {
    name: 'changes headers with a text in which Envoy would see an operator',
    model: mesh(httpRule({ requestHeaders: changes({ set: [{ name: 'x-set', value: '100% of %REQ(x-other)%' }] }) })),
    exchanges: [
      {
        from: 'web',
        to: 'catalog',
        request: { headers: { 'x-other': 'no' } },
        outcome: { received: { headers: { 'x-set': '100% of %REQ(x-other)%' } } },
      },
    ],
  },
  {
    name: 'changes headers for each backend, beside its own changes',
    model: mesh(
      httpRule({
        matches: [prefix('/v1')],
        requestHeaders: changes({ set: [{ name: 'x-rule', value: 'one' }] }),
        action: forward({
          ...v1,
          requestHeaders: changes({ set: [{ name: 'x-version', value: 'v1' }], remove: ['x-debug'] }),
          responseHeaders: changes({ add: [{ name: 'x-served-by', value: 'v1' }] }),
        }),
      }),
      httpRule({
        action: forward({ ...v2, requestHeaders: changes({ set: [{ name: 'x-version', value: 'v2' }] }) }),
      }),
    ),
    exchanges: [
      {
        from: 'web',
        to: 'catalog',
        request: { path: '/v1', headers: { 'x-debug': '1' } },
        outcome: {
          reaches: 'catalog-v1',
          headers: { 'x-served-by': 'v1' },
          received: { headers: { 'x-version': 'v1', 'x-rule': 'one', 'x-debug': null } },
        },
      },
      {
        from: 'web',
        to: 'catalog',
        request: { headers: { 'x-debug': '1' } },
        outcome: {
          reaches: 'catalog-v2',
          headers: { 'x-served-by': null },
          received: { headers: { 'x-version': 'v2', 'x-rule': null, 'x-debug': '1' } },
        },
      },
    ],
  },
  cors(
    'for one origin',
    ['https://shop.example'],
    [
      ['https://shop.example', true],
      ['https://evil.example', false],
      ['https://shop.example.evil.example', false],
      ['http://shop.example', false],
    ],
  ),
  cors(
    'for all below a name',
    ['https://*.shop.example'],
    [
      ['https://www.shop.example', true],
      ['https://a.b.shop.example', true],
      ['https://shop.example', false],
      ['https://www.shop.example.evil.example', false],
      ['https://wwwXshop.example', false],
    ],
  ),
  cors('for everybody', ['*'], [['https://anything.example', true]]),
]);

/** https://fetch.spec.whatwg.org/#http-cors-protocol */
function cors(name: string, allowOrigins: readonly string[], origins: readonly (readonly [string, boolean])[]): Case {
  const rule = httpRule({
    cors: {
      allowOrigins,
      allowMethods: ['GET', 'PUT'],
      allowHeaders: ['x-team', 'authorization'],
      exposeHeaders: ['x-instance'],
      allowCredentials: true,
      maxAge: 600_000,
    },
  });
  return {
    name: `answers browsers of other origins: ${name}`,
    model: mesh(rule),
    exchanges: origins.flatMap(([origin, allowed]): readonly Exchange[] => [
      {
        from: 'web',
        to: 'catalog',
        request: {
          method: 'OPTIONS',
          headers: { origin, 'access-control-request-method': 'PUT', 'access-control-request-headers': 'x-team' },
        },
        outcome: allowed
          ? {
              headers: {
                'access-control-allow-origin': origin,
                'access-control-allow-methods': /^GET, ?PUT$/,
                'access-control-allow-headers': /^x-team, ?authorization$/,
                'access-control-allow-credentials': 'true',
                'access-control-max-age': '600',
                // Answered by the proxy.
                'x-instance': null,
              },
            }
          : { headers: { 'access-control-allow-origin': null } },
      },
      {
        from: 'web',
        to: 'catalog',
        request: { headers: { origin } },
        outcome: {
          reaches: 'catalog',
          headers: allowed
            ? {
                'access-control-allow-origin': origin,
                'access-control-allow-credentials': 'true',
                'access-control-expose-headers': 'x-instance',
              }
            : { 'access-control-allow-origin': null },
        },
      },
    ]),
  };
}

describe('a rule', () => {
  let running: Mesh;
  beforeAll(async () => {
    running = await Mesh.start(mesh());
  });
  afterAll(() => running?.stop());
  beforeEach(() => running.reset());

  const counts = async (requests: number) => {
    const answers = await Promise.all(Array.from({ length: requests }, () => running.call('web', 'catalog')));
    const of = (name: string) =>
      answers.filter(({ received }) => received?.service === name || received?.version === name).length;
    return {
      v1: of('v1'),
      v2: of('v2'),
      archive: of('archive'),
      failed: answers.filter(({ status }) => status !== 200).length,
    };
  };

  it('splits requests by weight, within what a fair coin gives', async () => {
    await running.apply(
      mesh(
        httpRule({ action: forward({ ...v1, weight: 70 }, { ...v2, weight: 25 }, backend(archive, { weight: 5 })) }),
      ),
    );
    const found = await counts(600);
    expect(found.failed).toBe(0);
    for (const [name, percent] of [
      ['v1', 70],
      ['v2', 25],
      ['archive', 5],
    ] as const) {
      const { least, most } = plausibleCounts(600, percent);
      expect(found[name], `${name}: ${JSON.stringify(found)}`).toBeGreaterThanOrEqual(least);
      expect(found[name], `${name}: ${JSON.stringify(found)}`).toBeLessThanOrEqual(most);
    }
  });

  it('gives a weight of zero nothing, and follows a weight that is changed', async () => {
    await running.apply(mesh(httpRule({ action: forward({ ...v1, weight: 100 }, { ...v2, weight: 0 }) })));
    expect(await counts(50)).toEqual({ v1: 50, v2: 0, archive: 0, failed: 0 });
    await running.apply(mesh(httpRule({ action: forward({ ...v1, weight: 0 }, { ...v2, weight: 100 }) })));
    expect(await counts(50)).toEqual({ v1: 0, v2: 50, archive: 0, failed: 0 });
  });

  const copies = () => running.backend('archive').received;

  it('mirrors every request: the copy reaches another service, its answer reaches nobody', async () => {
    const mirrors = [{ service: { namespace: 'shop', name: 'archive' }, port: 80, percent: 100 }];
    await running.apply(mesh(httpRule({ action: forward(v1), mirrors })));
    running.backend('archive').reply({ status: 500 });
    for (let i = 0; i < 10; i++) {
      const answer = await running.call('web', 'catalog', { method: 'POST', path: `/copied/${i}`, body: 'twice' });
      expect(answer.received?.instance).toBe('catalog-v1-0');
    }
    await until('ten copies', () => copies().length >= 10);
    expect(
      copies()
        .map(({ path }) => path)
        .sort(),
    ).toEqual(Array.from({ length: 10 }, (_, i) => `/copied/${i}`));
    expect(copies().map(({ method, body }) => `${method} ${body.bytes}`)).toEqual(Array(10).fill('POST 5'));
  });

  it('mirrors a share of requests, within what a fair coin gives; none of zero', async () => {
    const mirrored = (percent: number) =>
      mesh(
        httpRule({
          action: forward(v1),
          mirrors: [{ service: { namespace: 'shop', name: 'archive' }, port: 80, percent }],
        }),
      );
    await running.apply(mirrored(30));
    expect((await counts(300)).v1).toBe(300);
    const { least, most } = plausibleCounts(300, 30);
    await until(`at least ${least} copies`, () => copies().length >= least);
    expect(copies().length).toBeLessThanOrEqual(most);

    await running.apply(mirrored(0));
    // What still was on its way has arrived when all connections are idle.
    await until(
      'no request on its way',
      async () => (await running.statistic('web', /^cluster\..*archive\.upstream_rq_active$/)) === 0,
    );
    running.reset();
    expect((await counts(50)).v1).toBe(50);
    expect(copies()).toEqual([]);
  });
});
