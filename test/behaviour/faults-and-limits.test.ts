import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Edge, GlobalRateLimit, HttpRule, Model } from '../../lib/model';
import {
  edge,
  grpcRoute,
  grpcRule,
  httpMatch,
  httpRoute,
  httpRule,
  model,
  port,
  prefix,
  service,
  workload,
} from '../support/model-builder';
import { type Asked, rateLimitServer } from './harness/envoy-services';
import type { GrpcCall } from './harness/grpc';
import type { Request } from './harness/http-client';
import { Mesh } from './harness/mesh';
import { plausibleCounts } from './harness/share';

/** Failures and delays on purpose, and limits of how often: both are enforced by the proxy of whom is called. */

const web = workload('web');
const report = workload('report');
const catalog = service('catalog');
const ratings = service('ratings', { ports: [port('grpc')] });
const limiter = service('limiter', { ports: [port('grpc')] });

function mesh(rules: readonly HttpRule[], over: Partial<Edge> = {}, more: Partial<Model> = {}): Model {
  return model({
    services: [catalog, ratings, limiter],
    workloads: [web, report],
    edges: [edge(web, catalog, over), edge(report, catalog), edge(web, ratings)],
    routes: [httpRoute(catalog, rules)],
    ...more,
  });
}

const asked: Asked[] = [];
let limit = Number.POSITIVE_INFINITY;

let running: Mesh;
beforeAll(async () => {
  running = await Mesh.start(mesh([]), {
    applications: {
      limiter: async (options) => {
        const server = await rateLimitServer(options.port, (one, before) => {
          asked.push(one);
          return before >= limit;
        });
        return server;
      },
    },
  });
});
afterAll(() => running?.stop());
beforeEach(() => {
  running.reset();
  asked.splice(0);
});

const arrived = () => running.backends('catalog').flatMap(({ received }) => received).length;

async function statuses(requests: number, request: Request = {}, caller = 'web') {
  const counts: { [status: number]: number } = {};
  for (let i = 0; i < requests; i++) {
    const { status } = await running.call(caller, 'catalog', request);
    counts[status] = (counts[status] ?? 0) + 1;
  }
  return counts;
}

function expectShare(count: number, total: number, percent: number): void {
  const { least, most } = plausibleCounts(total, percent);
  expect(count).toBeGreaterThanOrEqual(least);
  expect(count).toBeLessThanOrEqual(most);
}

describe('a fault', () => {
  it('delays what its rule is about, and nothing else', async () => {
    const delay = { duration: 400, percent: 100 };
    await running.apply(mesh([httpRule({ matches: [prefix('/slow')], fault: { delay } }), httpRule()]));
    const slow = await running.call('web', 'catalog', { path: '/slow' });
    expect(slow.received?.path).toBe('/slow');
    expect(slow.took).toBeGreaterThanOrEqual(395);
    expect((await running.call('web', 'catalog')).took).toBeLessThan(390);
  });

  it('aborts with a status, before the application sees anything', async () => {
    const abort = { status: { kind: 'http', status: 418 }, percent: 100 } as const;
    await running.apply(mesh([httpRule({ matches: [prefix('/broken')], fault: { abort } }), httpRule()]));
    expect(await statuses(5, { path: '/broken' })).toEqual({ 418: 5 });
    expect(arrived()).toBe(0);
    expect(await statuses(5)).toEqual({ 200: 5 });
  });

  it('hits a share of the requests, within what a fair coin gives', async () => {
    const abort = { status: { kind: 'http', status: 503 }, percent: 30 } as const;
    await running.apply(mesh([httpRule({ fault: { abort } })], { retries: { attempts: 0 } }));
    const found = await statuses(300);
    expectShare(found[503] ?? 0, 300, 30);
    expect((found[200] ?? 0) + (found[503] ?? 0)).toBe(300);
  });

  it('is what retries are exercised with: they see it, and overcome it', async () => {
    const abort = { status: { kind: 'http', status: 503 }, percent: 50 } as const;
    const retries = { attempts: 9, on: ['gateway-error'], backoff: { base: 1, max: 2 } } as const;
    await running.apply(mesh([httpRule({ fault: { abort } })], { retries }));
    // Each request fails with a probability of one in 2¹⁰.
    const found = await statuses(100);
    expectShare(found[503] ?? 0, 100, 100 / 2 ** 10);
    const tries = await running.statistic('web', /^cluster\.outbound\|80\|\|shop\|catalog\.upstream_rq_retry$/);
    expect(tries).toBeGreaterThan(50);
  });

  it('of a delay is what the time of a try is exercised with', async () => {
    const delay = { duration: 2_000, percent: 100 };
    await running.apply(mesh([httpRule({ fault: { delay } })], { timeout: 300, retries: { attempts: 0 } }));
    const late = await running.call('web', 'catalog');
    expect(late.status).toBe(504);
    expect(late.took).toBeLessThan(1_900);
  });

  it('hits the callers of its rule alone', async () => {
    const abort = { status: { kind: 'http', status: 503 }, percent: 100 } as const;
    const from = [{ namespace: 'shop', serviceAccount: 'report' }];
    await running.apply(mesh([httpRule({ from, fault: { abort } }), httpRule()]));
    expect(await statuses(3)).toEqual({ 200: 3 });
    expect(await statuses(3, {}, 'report')).toEqual({ 503: 3 });
  });

  it('cannot be had, or avoided, by an application that asks for it', async () => {
    const abort = { status: { kind: 'http', status: 503 }, percent: 100 } as const;
    await running.apply(mesh([httpRule({ matches: [prefix('/broken')], fault: { abort } }), httpRule()]));
    const forged = { 'x-meshwright-rule': 'shop/catalog/none', 'x-envoy-fault-abort-request': '503' };
    expect(await statuses(2, { path: '/broken', headers: forged })).toEqual({ 503: 2 });
    const fine = await running.call('web', 'catalog', { headers: forged });
    expect(fine.status).toBe(200);
    expect(fine.received?.headers).not.toHaveProperty('x-meshwright-rule');
    const marked = await running.call('web', 'catalog', {});
    expect(marked.received?.headers).not.toHaveProperty('x-meshwright-rule');
  });

  it('of gRPC is a status of gRPC', async () => {
    const abort = { status: { kind: 'grpc', status: 8 }, percent: 100 } as const;
    await running.apply(mesh([], {}, { routes: [grpcRoute(ratings, [grpcRule({ fault: { abort } })])] }));
    const call: GrpcCall = { method: 'Once', messages: ['hello'] };
    expect((await running.grpc('web', 'ratings', call)).code).toBe(8);
    expect(running.backend('ratings').received).toEqual([]);
  });
});

describe('a rate limit of each instance', () => {
  const minute = 60_000;

  it('lets through as many as it says, and no more', async () => {
    await running.apply(mesh([httpRule({ rateLimit: { local: { requests: 5, per: minute } } })]));
    expect(await statuses(8)).toEqual({ 200: 5, 429: 3 });
    expect(arrived()).toBe(5);
  });

  it('and a burst beyond', async () => {
    await running.apply(mesh([httpRule({ rateLimit: { local: { requests: 4, per: minute, burst: 3 } } })]));
    expect(await statuses(10)).toEqual({ 200: 7, 429: 3 });
  });

  it('lets go on when time has passed', async () => {
    await running.apply(mesh([httpRule({ rateLimit: { local: { requests: 2, per: 500 } } })]));
    expect(await statuses(4)).toEqual({ 200: 2, 429: 2 });
    const since = performance.now();
    while ((await running.call('web', 'catalog')).status === 429);
    expect(performance.now() - since).toBeLessThan(1_500);
  });

  it('of one rule does not count what another is about', async () => {
    const local = { requests: 2, per: minute };
    await running.apply(mesh([httpRule({ matches: [prefix('/few')], rateLimit: { local } }), httpRule()]));
    expect(await statuses(4)).toEqual({ 200: 4 });
    expect(await statuses(4, { path: '/few' })).toEqual({ 200: 2, 429: 2 });
    expect(await statuses(4)).toEqual({ 200: 4 });
  });

  it('is counted by each instance for itself, whoever calls', async () => {
    const local = { requests: 3, per: minute };
    await running.apply(mesh([httpRule({ rateLimit: { local } })]), { instances: { catalog: [{}, {}] } });
    const counts = { web: await statuses(10), report: await statuses(10, {}, 'report') };
    expect((counts.web[200] ?? 0) + (counts.report[200] ?? 0)).toBe(6);
    expect(running.backends('catalog').map(({ received }) => received.length)).toEqual([3, 3]);
  });
});

describe('a rate limit of all instances together', () => {
  const global = (over: Partial<GlobalRateLimit>): HttpRule =>
    httpRule({
      rateLimit: {
        global: {
          service: { namespace: 'shop', name: 'limiter' },
          port: 80,
          domain: 'shop',
          descriptors: [{ kind: 'value', key: 'service', value: 'catalog' }],
          onFailure: 'deny',
          ...over,
        },
      },
    });

  it('asks the rate limit service, and does what it says', async () => {
    limit = 3;
    await running.apply(mesh([global({})]), { instances: { catalog: [{}, {}] } });
    expect(await statuses(5)).toEqual({ 200: 3, 429: 2 });
    expect(asked[0]).toEqual({ domain: 'shop', descriptors: [[{ key: 'service', value: 'catalog' }]] });
    expect(arrived()).toBe(3);
  });

  it('asks by header, by address and by identity of the caller', async () => {
    limit = Number.POSITIVE_INFINITY;
    await running.apply(
      mesh([
        global({
          descriptors: [
            { kind: 'header', key: 'user', header: 'x-user' },
            { kind: 'sourceIdentity' },
            { kind: 'sourceAddress' },
          ],
        }),
      ]),
    );
    expect(await statuses(1, { headers: { 'x-user': 'ann' } })).toEqual({ 200: 1 });
    const entries = asked.flatMap(({ descriptors }) => descriptors.flat());
    expect(entries.map(({ value }) => value)).toEqual(['ann', 'spiffe://shop.example/ns/shop/sa/web', '127.0.0.1']);
  });

  it('is about the matches of its rule alone', async () => {
    await running.apply(mesh([{ ...global({}), matches: [httpMatch({ method: 'POST' })] }, httpRule()]));
    expect(await statuses(2)).toEqual({ 200: 2 });
    expect(asked).toEqual([]);
    expect(await statuses(2, { method: 'POST' })).toEqual({ 200: 2 });
    expect(asked.length).toBe(2);
  });

  it('lets pass or refuses what it cannot ask about, as it was told', async () => {
    // A service that answers nothing that it is asked: no process behind its proxy.
    const nobody = service('nobody', { ports: [port('grpc')] });
    const { services, ...rest } = mesh([global({ service: nobody, onFailure: 'deny' })]);
    const options = { applications: { nobody: async () => ({ close: () => {} }) } };
    await running.apply({ ...rest, services: [...services, nobody] }, options);
    expect(await statuses(2)).toEqual({ 500: 2 });
    const allowing = mesh([global({ service: nobody, onFailure: 'allow' })]);
    await running.apply({ ...allowing, services: [...services, nobody] });
    expect(await statuses(2)).toEqual({ 200: 2 });
  });
});
