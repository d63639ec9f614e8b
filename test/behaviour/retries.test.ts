import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Edge, HttpRule, Model, Retries } from '../../lib/model';
import {
  edge,
  grpcRoute,
  grpcRule,
  httpRoute,
  httpRule,
  model,
  port,
  prefix,
  service,
  workload,
} from '../support/model-builder';
import type { GrpcCall } from './harness/grpc';
import type { Request } from './harness/http-client';
import { Mesh } from './harness/mesh';
import type { Reply } from './harness/received';

/** Tries after the first, tries beside the first, and how long is waited: against a server that fails and dawdles on demand. */

const web = workload('web');
const catalog = service('catalog');
const newer = service('newer', { ports: [port('http2')] });
const ratings = service('ratings', { ports: [port('grpc')] });

/** Pauses between tries are short here, so that tests are. */
const backoff = { base: 1, max: 5 };

function mesh(over: { readonly edge?: Partial<Edge>; readonly rules?: readonly HttpRule[] } = {}): Model {
  return model({
    services: [catalog, newer, ratings],
    workloads: [web],
    edges: [edge(web, catalog, over.edge), edge(web, newer, over.edge), edge(web, ratings, over.edge)],
    routes: over.rules ? [httpRoute(catalog, over.rules)] : [],
  });
}

let running: Mesh;
beforeAll(async () => {
  running = await Mesh.start(mesh());
});
afterAll(() => running?.stop());
beforeEach(() => running.reset());

const once: GrpcCall = { method: 'Once', messages: ['hello'] };

async function tried(callee: string, reply: Reply, request: Request = {}) {
  running.reset();
  const { status } = await running.call('web', callee, { ...request, reply });
  return { status, tries: running.backend(callee).received.length };
}

async function triedGrpc(reply: Reply) {
  running.reset();
  const { code } = await running.grpc('web', 'ratings', { ...once, reply });
  return { code, tries: running.backend('ratings').received.length };
}

describe('without a word about it', () => {
  beforeAll(() => running.apply(mesh()));

  it('nothing is tried again that has reached the application, least of all a POST', async () => {
    for (const method of ['GET', 'POST']) {
      expect(await tried('catalog', { status: 503, times: 1 }, { method })).toEqual({ status: 503, tries: 1 });
      expect(await tried('catalog', { reset: 'internal', times: 1 }, { method })).toEqual({ status: 503, tries: 1 });
    }
    expect(await tried('newer', { reset: 'internal', times: 1 }, { method: 'POST' })).toEqual({
      status: 503,
      tries: 1,
    });
    expect(await triedGrpc({ status: 13, times: 1 })).toEqual({ code: 13, tries: 1 });
  });

  it('what the application has refused to begin is tried again, a POST too', async () => {
    const request = { method: 'POST', body: 'buy' };
    expect(await tried('newer', { reset: 'refused', times: 1 }, request)).toEqual({ status: 200, tries: 2 });
    expect(await tried('newer', { reset: 'refused' }, request)).toEqual({ status: 503, tries: 3 });
  });
});

describe('what is tried again', () => {
  const conditions: readonly (readonly [Retries, Reply, Reply])[] = [
    [{ attempts: 1, on: ['5xx'] }, { status: 500 }, { status: 404 }],
    [{ attempts: 1, on: ['5xx'] }, { reset: 'internal' }, { status: 429 }],
    [{ attempts: 1, on: ['gateway-error'] }, { status: 502 }, { status: 500 }],
    [{ attempts: 1, on: ['retriable-4xx'] }, { status: 409 }, { status: 400 }],
    [{ attempts: 1, on: ['reset'] }, { reset: 'internal' }, { status: 503 }],
    [{ attempts: 1, on: [], statuses: [429, 418] }, { status: 418 }, { status: 503 }],
    [{ attempts: 1, on: ['gateway-error'], statuses: [429] }, { status: 429 }, { status: 500 }],
    [{ attempts: 1, on: ['gateway-error'], statuses: [429] }, { status: 503 }, { status: 418 }],
  ];
  for (const [retries, retried, not] of conditions) {
    const { on = [], statuses = [] } = retries;
    it(`${[...on, ...statuses].join(' or ')}: ${JSON.stringify(retried)}, and not ${JSON.stringify(not)}`, async () => {
      await running.apply(mesh({ edge: { retries: { ...retries, backoff } } }));
      expect(await tried('catalog', { ...retried, times: 1 })).toEqual({ status: 200, tries: 2 });
      expect(await tried('catalog', { ...not, times: 1 })).toEqual({ status: not.status, tries: 1 });
    });
  }

  const grpcConditions = [
    ['cancelled', 1],
    ['deadline-exceeded', 4],
    ['resource-exhausted', 8],
    ['internal', 13],
    ['unavailable', 14],
  ] as const;
  for (const [condition, status] of grpcConditions) {
    it(`of gRPC ${condition}: status ${status}, and not another`, async () => {
      await running.apply(mesh({ edge: { retries: { attempts: 1, on: [condition], backoff } } }));
      expect(await triedGrpc({ status, times: 1 })).toEqual({ code: 0, tries: 2 });
      expect(await triedGrpc({ status: 9, times: 1 })).toEqual({ code: 9, tries: 1 });
    });
  }
});

describe('how often', () => {
  it('as often as was said, and then what came last is the answer', async () => {
    await running.apply(mesh({ edge: { retries: { attempts: 3, on: ['5xx'], backoff } } }));
    expect(await tried('catalog', { status: 503, times: 3 })).toEqual({ status: 200, tries: 4 });
    expect(await tried('catalog', { status: 503 })).toEqual({ status: 503, tries: 4 });
  });

  it('never, where none are wanted', async () => {
    await running.apply(mesh({ edge: { retries: { attempts: 0 } } }));
    expect(await tried('newer', { reset: 'refused' })).toEqual({ status: 503, tries: 1 });
  });

  it('as the rule says, where it says something else than the edge', async () => {
    const rules = [
      httpRule({ matches: [prefix('/often')], retries: { attempts: 4, on: ['5xx'], backoff } }),
      httpRule({ matches: [prefix('/never')], retries: { attempts: 0 } }),
      httpRule(),
    ];
    await running.apply(mesh({ edge: { retries: { attempts: 1, on: ['5xx'], backoff } }, rules }));
    expect(await tried('catalog', { status: 500 }, { path: '/often' })).toEqual({ status: 500, tries: 5 });
    expect(await tried('catalog', { status: 500 }, { path: '/never' })).toEqual({ status: 500, tries: 1 });
    expect(await tried('catalog', { status: 500 })).toEqual({ status: 500, tries: 2 });
  });

  it('as the mesh says, where nobody else says something', async () => {
    const { mesh: settings, ...rest } = mesh();
    const retries: Retries = { attempts: 2, on: ['5xx'], backoff };
    await running.apply({ ...rest, mesh: { ...settings, defaults: { ...settings.defaults, retries } } });
    expect(await tried('catalog', { status: 500 })).toEqual({ status: 500, tries: 3 });
  });

  it('within the budget: when everything fails at once, few of it is tried again', async () => {
    const budget = { percent: 10, minConcurrency: 1 };
    await running.apply(mesh({ edge: { retries: { attempts: 1, on: ['5xx'], backoff, budget } } }));
    const requests = 40;
    const overflow = /^cluster\.outbound\|80\|\|shop\|catalog\.upstream_rq_retry_overflow$/;
    const before = await running.statistic('web', overflow);
    // All are in flight before the first fails, and retries are in flight until the last has failed.
    const answers = await Promise.all(
      Array.from({ length: requests }, () => running.call('web', 'catalog', { reply: { status: 503, delay: 500 } })),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]));
    const retried = running.backend('catalog').received.length - requests;
    expect(retried).toBeGreaterThan(0);
    expect((await running.statistic('web', overflow)) - before).toBe(requests - retried);
    // A tenth of what is in flight, with room for the tries that came back before the last of the first ones did.
    expect(retried).toBeLessThanOrEqual(requests / 4);
  });
});

describe('how long', () => {
  it('each try has its own time, and the request has its own', async () => {
    const retries: Retries = { attempts: 2, on: ['gateway-error', 'reset'], perTryTimeout: 300, backoff };
    await running.apply(mesh({ edge: { timeout: 5_000, retries } }));
    expect(await tried('catalog', { delay: 4_000, times: 1 })).toEqual({ status: 200, tries: 2 });
    const slow = await running.call('web', 'catalog', { reply: { delay: 4_000 } });
    expect(slow.status).toBe(504);
    // Envoy's timers are of its event loop's time, which may be some milliseconds behind.
    expect(slow.took).toBeGreaterThanOrEqual(3 * 290);
    expect(slow.took).toBeLessThan(4_000);
  });

  it('as the edge says; as the rule says, where it says something else; without end, where that is zero', async () => {
    const rules = [
      httpRule({ matches: [prefix('/quick')], timeout: 100 }),
      httpRule({ matches: [prefix('/endless')], timeout: 0 }),
      httpRule(),
    ];
    await running.apply(mesh({ edge: { timeout: 400 }, rules }));
    const timed = async (path: string, delay: number) => {
      const { status, took } = await running.call('web', 'catalog', { path, reply: { delay } });
      return [status, took] as const;
    };
    const [[quick, tookQuick], [plain, tookPlain], [endless, tookEndless], [early]] = await Promise.all([
      timed('/quick', 2_000),
      timed('/', 2_000),
      timed('/endless', 800),
      timed('/', 1),
    ]);
    expect([quick, plain, endless, early]).toEqual([504, 504, 200, 200]);
    expect(tookQuick).toBeGreaterThanOrEqual(90);
    expect(tookQuick).toBeLessThan(tookPlain);
    expect(tookPlain).toBeGreaterThanOrEqual(390);
    expect(tookPlain).toBeLessThan(2_000);
    expect(tookEndless).toBeGreaterThanOrEqual(790);
  });

  it('a call of gRPC that takes too long is answered with gRPC’s own status', async () => {
    const { routes: _, ...rest } = mesh();
    await running.apply({ ...rest, routes: [grpcRoute(ratings, [grpcRule({ timeout: 200 })])] });
    const { code } = await running.grpc('web', 'ratings', { ...once, reply: { delay: 2_000 } });
    // Envoy says 504 as UNAVAILABLE unless it is told otherwise; DEADLINE_EXCEEDED is what gRPC knows it as.
    expect(code).toBe(4);
  });
});

describe('hedging', () => {
  beforeAll(() => running.apply(mesh({ edge: { hedging: { after: 150, attempts: 1 } } })));

  it('sends a second request when the first is late, and takes what comes first', async () => {
    const { status, took } = await running.call('web', 'catalog', { reply: { delay: 3_000, times: 1 } });
    expect(status).toBe(200);
    expect(took).toBeGreaterThanOrEqual(140);
    expect(took).toBeLessThan(2_500);
    expect(running.backend('catalog').received.length).toBe(2);
  });

  it('takes the first, if that comes back before the second', async () => {
    // Both dawdle alike, so the first is first, although it was late.
    const { status, took } = await running.call('web', 'catalog', { reply: { delay: 600 } });
    expect(status).toBe(200);
    expect(took).toBeLessThan(740);
    expect(running.backend('catalog').received.length).toBe(2);
  });

  it('sends one where one is answered in time', async () => {
    expect(await tried('catalog', {})).toEqual({ status: 200, tries: 1 });
  });
});

describe('an instance that is gone', () => {
  it('costs no request: what has not reached it is sent to another', async () => {
    await running.apply(mesh(), { instances: { catalog: [{}, {}] } });
    const all = async () => {
      const statuses = [];
      for (let i = 0; i < 12; i++)
        statuses.push((await running.call('web', 'catalog', { method: 'POST', body: 'buy' })).status);
      return [...new Set(statuses)];
    };
    expect(await all()).toEqual([200]);
    // The application behind its proxy.
    await running.backend('catalog-1').close();
    expect(await all()).toEqual([200]);
    // The proxy too.
    await running.proxy('catalog-1').kill();
    expect(await all()).toEqual([200]);
  });
});
