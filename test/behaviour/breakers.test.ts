import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Model, TrafficPolicy } from '../../lib/model';
import { edge, model, port, service, trafficPolicy, workload } from '../support/model-builder';
import { until } from '../support/wait';
import { Mesh } from './harness/mesh';

/** What is refused so that it does no harm: circuit breakers, outlier ejection, health checks. */

const web = workload('web');
const catalog = service('catalog');
const ratings = service('ratings', { ports: [port('grpc')] });
const store = service('store', { ports: [port('tcp', 5432)] });
const instances = { catalog: [{}, {}] };

function mesh(policy: Partial<TrafficPolicy> = {}): Model {
  return model({
    services: [catalog, ratings, store],
    workloads: [web],
    // Nothing is tried again, so that every failure is seen.
    edges: [edge(web, catalog, { retries: { attempts: 0 } }), edge(web, ratings), edge(web, store)],
    trafficPolicies: [trafficPolicy(catalog, { loadBalancing: { kind: 'roundRobin' }, ...policy })],
  });
}

let running: Mesh;
beforeAll(async () => {
  running = await Mesh.start(mesh(), { instances });
});
afterAll(() => running?.stop());
beforeEach(() => running.reset());

const statistic = (name: string) =>
  running.statistic('web', new RegExp(`^cluster\\.outbound\\|80\\|\\|shop\\|catalog\\.${name}$`));

async function reached(requests: number) {
  const counts: { [instance: string]: number } = {};
  for (let i = 0; i < requests; i++) {
    const { status, headers } = await running.call('web', 'catalog');
    const name = status === 200 ? (headers['x-instance'] ?? 'nobody') : `${status}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/** What comes first over a connection: data, or its end. */
function firstOf(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    socket.on('error', () => {});
    socket.once('data', (data) => resolve(String(data)));
    socket.once('close', () => resolve('closed'));
  });
}

describe('a circuit breaker', () => {
  it('refuses at once what is more than may be in flight, and lets go on when there is room', async () => {
    await running.apply(mesh({ limits: { maxRequests: 2 } }));
    const slow = [0, 1].map(() => running.call('web', 'catalog', { reply: { delay: 800 } }));
    await until('two requests in flight', async () => (await statistic('upstream_rq_active')) === 2);
    const refused = await running.call('web', 'catalog');
    expect(refused.status).toBe(503);
    expect(refused.text).toContain('overflow');
    expect(refused.took).toBeLessThan(500);
    expect((await Promise.all(slow)).map(({ status }) => status)).toEqual([200, 200]);
    expect((await running.call('web', 'catalog')).status).toBe(200);
    expect(running.backends('catalog').flatMap(({ received }) => received).length).toBe(3);
  });

  it('holds for connections of TCP', async () => {
    await running.apply({
      ...mesh(),
      trafficPolicies: [trafficPolicy(store, { limits: { maxConnections: 1 } })],
    });
    // Whoever has just looked whether the port is there may be the one connection for a moment still.
    const opened = await until('the one connection', async () => {
      const socket = connect(running.upstream('web', 'store'), '127.0.0.1');
      return (await firstOf(socket)) === 'hello from store-0\n' && socket;
    });
    expect(await firstOf(connect(running.upstream('web', 'store'), '127.0.0.1'))).toBe('closed');
    opened.destroy();
  });
});

describe('a connection', () => {
  const opened = () => statistic('upstream_cx_total');

  it('carries no more requests than it may', async () => {
    await running.apply(mesh({ limits: { maxRequestsPerConnection: 2 } }));
    const before = await opened();
    // In turn: four for each of two instances.
    await reached(8);
    expect((await opened()) - before).toBe(4);
  });

  it('is closed when it has been idle, or has lived, for as long as it may', async () => {
    for (const connection of [{ idleTimeout: 300 }, { maxDuration: 300 }]) {
      await running.apply(mesh({ connection }));
      await reached(2);
      await until('no connection', async () => (await statistic('upstream_cx_active')) === 0);
    }
  });
});

describe('outlier ejection', () => {
  const ejecting = { interval: 50, baseEjectionTime: 60_000, maxEjectionPercent: 50 };
  const bad = () => running.backend('catalog-0');

  it('leaves an instance alone after so many failures in a row', async () => {
    await running.apply(mesh({ outlierDetection: { ...ejecting, consecutive5xx: 3 } }));
    bad().reply({ status: 500 });
    const before = await reached(20);
    expect(before['500'] ?? 0).toBe(3);
    expect(await reached(20)).toEqual({ 'catalog-1': 20 });
    expect(await statistic('outlier_detection\\.ejections_active')).toBe(1);
  });

  it('takes it back when its time is over, and no sooner', async () => {
    await running.apply(mesh({ outlierDetection: { ...ejecting, baseEjectionTime: 700, consecutive5xx: 2 } }));
    bad().reply({ status: 500 });
    let failures = 0;
    while (failures < 2) failures += (await reached(1))['500'] ?? 0;
    const since = performance.now();
    bad().reply(undefined);
    expect(await reached(6)).toEqual({ 'catalog-1': 6 });
    await until('a request to it', async () => (await reached(1))['catalog-0'] === 1);
    // Less a look: it is taken back at the first one after its time.
    expect(performance.now() - since).toBeGreaterThan(600);
  });

  it('counts gateway errors apart from other failures', async () => {
    await running.apply(
      mesh({ outlierDetection: { ...ejecting, consecutive5xx: 1_000, consecutiveGatewayErrors: 2 } }),
    );
    bad().reply({ status: 500 });
    expect((await reached(20))['500']).toBe(10);
    bad().reply({ status: 502 });
    expect((await reached(20))['502']).toBe(2);
    expect(await reached(10)).toEqual({ 'catalog-1': 10 });
  });

  it('never leaves more alone than it may', async () => {
    await running.apply(mesh({ outlierDetection: { ...ejecting, consecutive5xx: 2 } }));
    for (const backend of running.backends('catalog')) backend.reply({ status: 500 });
    await reached(20);
    expect(await statistic('outlier_detection\\.ejections_active')).toBe(1);
    expect(await statistic('outlier_detection\\.ejections_overflow')).toBeGreaterThan(0);
  });

  it('leaves an instance alone that answers well less often than the others', async () => {
    const successRate = { standardDeviations: 0.5, minimumHosts: 2, minimumRequests: 5 };
    await running.apply(mesh({ outlierDetection: { ...ejecting, interval: 500, consecutive5xx: 1_000, successRate } }));
    bad().reply({ status: 500 });
    await until('only the other', async () => {
      const { 500: failed = 0 } = await reached(20);
      return failed === 0;
    });
  });

  it('does nothing where it is off', async () => {
    await running.apply(mesh({ outlierDetection: { enabled: false } }));
    bad().reply({ status: 500 });
    expect((await reached(30))['500']).toBe(15);
  });
});

describe('health checks', () => {
  const timing = { interval: 50, timeout: 1_000, unhealthyThreshold: 1, healthyThreshold: 1 };
  const healthy = (count: number) =>
    until(`${count} healthy instances`, async () => (await statistic('membership_healthy')) === count);

  it('find an instance that says that it is not well, and find when it is again', async () => {
    await running.apply(mesh({ healthCheck: { ...timing, kind: 'http', path: '/healthz' } }));
    await healthy(2);
    running.backend('catalog-0').reply({ status: 503 });
    await healthy(1);
    expect(await reached(10)).toEqual({ 'catalog-1': 10 });
    running.backend('catalog-0').reply(undefined);
    await healthy(2);
    expect(running.backend('catalog-0').received.some(({ path }) => path === '/healthz')).toBe(true);
  });

  it('by connecting alone find a proxy that is gone', async () => {
    await running.apply(mesh({ healthCheck: { ...timing, kind: 'tcp' } }), { instances: { catalog: [{}, {}, {}] } });
    await healthy(3);
    await running.restartProxy('catalog-2', 'kill', () => healthy(2));
    await healthy(3);
  });

  it('ask by gRPC’s own protocol', async () => {
    await running.apply({
      ...mesh(),
      trafficPolicies: [trafficPolicy(ratings, { healthCheck: { ...timing, kind: 'grpc' } })],
    });
    const well = (count: number) =>
      until(`${count} healthy instances`, async () => {
        return (
          (await running.statistic('web', /^cluster\.outbound\|80\|\|shop\|ratings\.membership_healthy$/)) === count
        );
      });
    await well(1);
    running.backend('ratings').reply({ status: 14 });
    await well(0);
    running.backend('ratings').reply(undefined);
    await well(1);
  });

  it('may be content with another status', async () => {
    await running.apply(mesh({ healthCheck: { ...timing, kind: 'http', path: '/healthz', statuses: [418] } }), {
      instances,
    });
    for (const backend of running.backends('catalog')) backend.reply({ status: 418 });
    await healthy(2);
    running.backend('catalog-1').reply({ status: 200 });
    await healthy(1);
  });
});
