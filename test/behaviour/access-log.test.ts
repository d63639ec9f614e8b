import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AccessLog, Model, Telemetry } from '../../lib/model';
import {
  accessPolicy,
  accessRule,
  edge,
  httpRoute,
  httpRule,
  mesh as meshSettings,
  model,
  port,
  prefix,
  service,
  telemetry,
  workload,
} from '../support/model-builder';
import { until } from '../support/wait';
import { applyToConnections } from './harness/connections';
import { collector } from './harness/envoy-services';
import { Mesh } from './harness/mesh';
import { plausibleCounts } from './harness/share';
import { overTcp } from './harness/tcp-client';

/** Logs of requests and connections: route, edge and reason. */

const web = workload('web');
const ratings = service('ratings', { ports: [port('grpc')] });
const catalog = service('catalog');
const store = service('store', { ports: [port('tcp', 5432)] });

const everything: AccessLog = { enabled: true, format: { kind: 'json' }, target: { kind: 'stdout' } };

function mesh(observed: Telemetry, parts: Partial<Model> = {}): Model {
  return model({
    mesh: meshSettings({ telemetry: observed }),
    services: [ratings, catalog, store],
    workloads: [web],
    edges: [edge(web, ratings), edge(web, store), edge(web, catalog)],
    ...parts,
  });
}

let gathered: Awaited<ReturnType<typeof collector>>;
let running: Mesh;
beforeAll(async () => {
  gathered = await collector(0);
  // Who is connected while a listener changes stays with the one before until that is drained.
  running = await Mesh.start(mesh({ accessLog: everything }), {
    drain: 1,
  });
});
afterAll(async () => {
  await running?.stop();
  gathered?.close();
});
beforeEach(() => {
  running.reset();
  gathered.records.splice(0);
});

type Line = { readonly [field: string]: unknown };

/** Lines of a proxy's log about a path, when there are so many. */
async function lines(proxy: string, path: string, count = 1): Promise<readonly Line[]> {
  const found = () =>
    running
      .proxy(proxy)
      .accessLog()
      .filter((line) => line.path === path);
  await until(`${count} lines of ${proxy} about ${path}`, () => found().length >= count);
  return found();
}

let paths = 0;
const somewhere = () => `/path/${paths++}`;

describe('an access log', () => {
  const logging = (accessLog: AccessLog, parts: Partial<Model> = {}) =>
    applyToConnections(running, mesh({ accessLog }, parts), [['web', 'catalog', 'catalog']]);

  it('says at both ends who called whom, by which route, and how it ended', async () => {
    await logging(everything, { routes: [httpRoute(catalog, [httpRule({ matches: [prefix('/path')] })])] });
    const path = somewhere();
    await running.call('web', 'catalog', {
      path: `${path}?secret=1`,
      headers: { 'x-request-id': '0b4a1f3e-0000-4000-8000-000000000000' },
    });
    const [out] = await lines('web', path);
    expect(out).toMatchObject({
      caller: 'spiffe://shop.example/ns/shop/sa/web',
      callee: 'outbound|80||shop|catalog',
      method: 'GET',
      authority: 'catalog',
      status: 200,
      reason: 'via_upstream',
    });
    expect(out?.route).toMatch(/^shop\/catalog/);
    const [arrived] = await lines('catalog', path);
    expect(arrived).toMatchObject({
      caller: 'spiffe://shop.example/ns/shop/sa/web',
      callee: 'catalog.shop',
      status: 200,
      request: out?.request,
    });
    expect(JSON.stringify([out, arrived])).not.toContain('secret');
  });

  it('says why a request was refused, and by which rule', async () => {
    const rule = accessRule({ action: 'deny', requests: [{ kind: 'http', ...prefix('/path') }] });
    await logging(everything, { accessPolicies: [accessPolicy(catalog, { rules: [rule] })] });
    const path = somewhere();
    expect((await running.call('web', 'catalog', { path })).status).toBe(403);
    const [arrived] = await lines('catalog', path);
    expect(arrived).toMatchObject({ status: 403, caller: 'spiffe://shop.example/ns/shop/sa/web' });
    expect(arrived?.reason).toMatch(/^rbac_access_denied_matched_policy\[.+\]$/);
  });

  it('says that there was no answer, and of what kind the failure was', async () => {
    await logging(everything);
    const path = somewhere();
    expect((await running.call('web', 'catalog', { path, reply: { reset: 'internal' } })).status).toBe(503);
    const [arrived] = await lines('catalog', path);
    expect(arrived).toMatchObject({ status: 503, flags: expect.stringMatching(/U/) });
    const late = somewhere();
    await logging(everything, { edges: [edge(web, catalog, { timeout: 100 })] });
    expect((await running.call('web', 'catalog', { path: late, reply: { delay: 1_000 } })).status).toBe(504);
    expect((await lines('web', late))[0]).toMatchObject({ status: 504, flags: 'UT', reason: 'response_timeout' });
  });

  it('says of a connection whose it was, and why it was refused', async () => {
    const rule = accessRule({ action: 'deny', from: [{ kind: 'identity', namespace: 'shop', serviceAccount: 'web' }] });
    const connections = () =>
      running
        .proxy('store')
        .accessLog()
        .filter(({ callee }) => callee === 'store.shop');
    await logging(everything);
    await overTcp({ port: running.upstream('web', 'store') }, ['hello'], 2);
    const open = await until('a line about the connection', () => connections().find(({ received }) => received === 6));
    expect(open.caller).toBe('spiffe://shop.example/ns/shop/sa/web');
    const before = connections().length;
    await logging(everything, { accessPolicies: [accessPolicy(store, { rules: [rule] })] });
    await overTcp({ port: running.upstream('web', 'store') }, ['hello'], 1).catch(() => []);
    const refused = await until('a line about a refusal', () => connections()[before]);
    expect(refused.caller).toBe('spiffe://shop.example/ns/shop/sa/web');
    expect(`${refused.reason} ${refused.flags}`).not.toBe('undefined -');
  });

  it('says the status of a call of gRPC', async () => {
    await logging(everything);
    await running.grpc('web', 'ratings', { method: 'Once', messages: ['a'], reply: { status: 5 } });
    const [out] = (await lines('web', '/shop.v1.Echo/Once')).slice(-1);
    expect(out).toMatchObject({ status: 200 });
    expect(Number(out?.grpc)).toBe(5);
  });

  it('holds what its filter lets through: statuses, durations, an expression', async () => {
    const slow = async () => {
      const path = somewhere();
      await running.call('web', 'catalog', { path, reply: { delay: 300 } });
      return path;
    };
    const failed = async () => {
      const path = somewhere();
      await running.call('web', 'catalog', { path, reply: { status: 404 } });
      return path;
    };
    const logged = () =>
      new Set(
        running
          .proxy('catalog')
          .accessLog()
          .map(({ path }) => path),
      );

    await logging({ ...everything, filter: { minStatus: 400 } });
    const [unseen, seen] = [await slow(), await failed()];
    await lines('catalog', seen);
    expect(logged().has(unseen)).toBe(false);

    await logging({ ...everything, filter: { minDuration: 250 } });
    const [quick, long] = [await failed(), await slow()];
    await lines('catalog', long);
    expect(logged().has(quick)).toBe(false);

    await logging({ ...everything, filter: { cel: 'request.method == "DELETE"' } });
    const [got, deleted] = [await failed(), somewhere()];
    await running.call('web', 'catalog', { path: deleted, method: 'DELETE' });
    await lines('catalog', deleted);
    expect(logged().has(got)).toBe(false);
  });

  it('holds a share of what is left, within what a fair coin gives', async () => {
    await logging({ ...everything, filter: { sample: 30 } });
    const path = somewhere();
    await Promise.all(Array.from({ length: 200 }, () => running.call('web', 'catalog', { path })));
    const last = somewhere();
    await logging(everything);
    await running.call('web', 'catalog', { path: last });
    await lines('catalog', last);
    const { least, most } = plausibleCounts(200, 30);
    const count = running
      .proxy('catalog')
      .accessLog()
      .filter((line) => line.path === path).length;
    expect(count).toBeGreaterThanOrEqual(least);
    expect(count).toBeLessThanOrEqual(most);
  });

  it('has the fields or the line that were asked for', async () => {
    const path = somewhere();
    await logging({
      ...everything,
      format: { kind: 'json', fields: { what: '%REQ(:METHOD)% %REQ(:PATH)%', path: '%REQ(:PATH)%' } },
    });
    await running.call('web', 'catalog', { path });
    expect((await lines('catalog', path))[0]).toEqual({ what: `GET ${path}`, path });
    await logging({ ...everything, format: { kind: 'text', line: 'seen %REQ(:METHOD)% %REQ(:PATH)%' } });
    const other = somewhere();
    await running.call('web', 'catalog', { path: other });
    await until('a line of text', () => running.proxy('catalog').output().split('\n').includes(`seen GET ${other}`));
  });

  it('of one service is its own, where it has one; none, where it wants none', async () => {
    await logging(everything, { telemetries: [telemetry(catalog, { accessLog: { enabled: false } })] });
    const path = somewhere();
    await running.call('web', 'catalog', { path });
    await lines('web', path);
    const next = somewhere();
    await logging(everything);
    await running.call('web', 'catalog', { path: next });
    await lines('catalog', next);
    expect(
      running
        .proxy('catalog')
        .accessLog()
        .some((line) => line.path === path),
    ).toBe(false);
  });

  it('goes to a collector of OpenTelemetry', async () => {
    await logging({ ...everything, target: { kind: 'otlp', host: '127.0.0.1', port: gathered.port } });
    const path = somewhere();
    await running.call('web', 'catalog', { path });
    const records = await until(
      'a record of each end',
      () => {
        const found = gathered.records.filter(({ attributes }) => attributes.path === path);
        return found.length >= 2 && found;
      },
      { patience: 20_000 },
    );
    expect(records.map((record) => record.service).sort()).toEqual(['catalog.shop', 'web.shop']);
    for (const { attributes } of records) {
      expect(attributes).toMatchObject({
        caller: 'spiffe://shop.example/ns/shop/sa/web',
        status: '200',
        method: 'GET',
      });
    }
  });
});
