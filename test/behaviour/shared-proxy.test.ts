import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Model, MutualTls } from '../../lib/model';
import {
  accessPolicy,
  accessRule,
  backend,
  edge,
  httpRoute,
  httpRule,
  identity,
  model,
  port,
  prefix,
  service,
  sharedProxy,
  version,
  workload,
} from '../support/model-builder';
import { callGrpc } from './harness/grpc';
import { type Request, send } from './harness/http-client';
import { Mesh } from './harness/mesh';
import { overTcp } from './harness/tcp-client';

/** One proxy before a group of services, whose callers and instances have none of their own. */

const web = workload('web');
const stranger = workload('stranger');
const catalog = service('catalog', { versions: [version('v1'), version('v2')] });
const ratings = service('ratings', { ports: [port('grpc')] });
const store = service('store', { ports: [port('tcp', 5432)] });

function mesh(parts: Partial<Model> = {}, mutualTls: MutualTls = 'permissive'): Model {
  return model({
    services: [catalog, ratings, store].map((one) => ({ ...one, mutualTls })),
    workloads: [web, stranger],
    edges: [edge(web, catalog), edge(web, ratings), edge(web, store)],
    sharedProxies: [sharedProxy('edge', [catalog, ratings, store])],
    ...parts,
  });
}

let running: Mesh;
beforeAll(async () => {
  running = await Mesh.start(mesh());
});
afterAll(() => running?.stop());
beforeEach(() => running.reset());

const plain = (request: Request = {}) =>
  send({ port: running.shared('edge', 'catalog') }, { host: 'catalog', ...request });
const toVersion = (name: string) => ({ kind: 'forward', backends: [backend(catalog, { version: name })] }) as const;

describe('a shared proxy', () => {
  it('serves callers without a sidecar, where they are accepted', async () => {
    await running.apply(mesh());
    expect((await plain({ path: '/a?b=c' })).received).toMatchObject({
      path: '/a?b=c',
      host: 'catalog',
      service: 'catalog',
    });
    expect(
      await callGrpc({ port: running.shared('edge', 'ratings') }, { method: 'Chat', messages: ['a', 'b'] }),
    ).toMatchObject({ code: 0, messages: ['ratings-0: a', 'ratings-0: b'] });
    expect(await overTcp({ port: running.shared('edge', 'store', 5432) }, ['one'], 2)).toEqual([
      'hello from store-0',
      'store-0: one',
    ]);
  });

  it('serves callers with a sidecar over mutual TLS', async () => {
    const { received } = await running.call('web', 'catalog', { path: '/x' });
    expect(received?.path).toBe('/x');
    expect(received?.headers['x-forwarded-client-cert']).toMatch(/sa\/web$/);
    expect(await overTcp({ port: running.upstream('web', 'store') }, [], 1)).toEqual(['hello from store-0']);
    expect((await running.grpc('web', 'ratings', { method: 'Once', messages: ['a'] })).messages).toEqual([
      'ratings-0: a',
    ]);
  });

  it('applies the rules of its services for everybody: matches, rewrites, faults, limits, retries', async () => {
    await running.apply(
      mesh({
        routes: [
          httpRoute(catalog, [
            httpRule({
              matches: [prefix('/two')],
              rewrite: { path: { kind: 'prefix', value: '/' } },
              action: toVersion('v2'),
            }),
            httpRule({
              matches: [prefix('/broken')],
              fault: { abort: { status: { kind: 'http', status: 418 }, percent: 100 } },
            }),
            httpRule({ matches: [prefix('/few')], rateLimit: { local: { requests: 2, per: 60_000 } } }),
            httpRule({ action: toVersion('v1'), retries: { attempts: 2, on: ['5xx'], backoff: { base: 1, max: 2 } } }),
          ]),
        ],
      }),
    );
    for (const ask of [plain, (request: Request) => running.call('web', 'catalog', request)]) {
      running.reset();
      expect((await ask({ path: '/two/x' })).received).toMatchObject({ path: '/x', version: 'v2' });
      expect((await ask({ path: '/broken' })).status).toBe(418);
      running.reset();
      expect((await ask({ reply: { status: 503, times: 2 } })).status).toBe(200);
      expect(running.backend('catalog-v1-0').received.length).toBe(3);
    }
    const few = [
      await plain({ path: '/few' }),
      await running.call('web', 'catalog', { path: '/few' }),
      await plain({ path: '/few' }),
    ];
    expect(few.map(({ status }) => status)).toEqual([200, 200, 429]);
  });

  it('applies a rule for certain callers to who proves to be one of them', async () => {
    await running.apply(
      mesh({
        routes: [
          httpRoute(catalog, [
            httpRule({ from: [identity(web)], action: toVersion('v2') }),
            httpRule({ action: toVersion('v1') }),
          ]),
        ],
      }),
    );
    expect((await running.call('web', 'catalog')).received?.version).toBe('v2');
    expect((await plain()).received?.version).toBe('v1');
    const forged = { 'x-forwarded-client-cert': 'By=a;Hash=b;URI=spiffe://shop.example/ns/shop/sa/web' };
    expect((await plain({ headers: forged })).received?.version).toBe('v1');
  });

  it('refuses what access does not allow, and plain text where mutual TLS is strict', async () => {
    const deny = accessRule({ action: 'deny', requests: [{ kind: 'http', ...prefix('/admin') }] });
    await running.apply(mesh({ accessPolicies: [accessPolicy(catalog, { rules: [deny] })] }));
    expect((await running.call('web', 'catalog')).status).toBe(200);
    expect((await running.call('web', 'catalog', { path: '/admin' })).status).toBe(403);
    expect((await plain({ path: '/admin' })).status).toBe(403);

    await running.apply(mesh({}, 'strict'));
    const refused = await plain();
    expect([refused.status, refused.received]).toEqual([403, undefined]);
    expect(refused.text).toContain('catalog');
    expect((await running.call('web', 'catalog')).status).toBe(200);
  });

  it('leaves an instance that fails alone, as a sidecar would', async () => {
    await running.apply(mesh(), { instances: { catalog: [{ version: 'v1' }, { version: 'v2' }] } });
    running.backend('catalog-v1-0').reply({ status: 503 });
    const counts = { failed: 0, well: 0 };
    for (let i = 0; i < 40; i++) {
      if ((await plain()).status === 200) counts.well++;
      else counts.failed++;
    }
    // The default: after five failures in a row.
    expect(counts).toEqual({ failed: 5, well: 35 });
  });
});
