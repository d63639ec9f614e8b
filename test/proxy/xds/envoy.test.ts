import { once } from 'node:events';
import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type Resource, resourceTypes } from '../../../proxy/xds';
import { accepting } from '../../support/envoy/process';
import { resource } from '../../support/xds/resources';
import { Served } from '../../support/xds/served';
import { startServer } from '../../support/xds/started';
import { freePort, startProxy } from '../../support/xds/tunnelled';

/** A real Envoy, with the bootstrap of a pod, served from here. */

const { cluster, endpoints, listener, route } = resourceTypes;

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

describe('a real Envoy', () => {
  it('has what it is to have, in order, and is ready last', async () => {
    const [port, ready, first] = [await freePort(), await freePort(), await backend('first')];
    const served = new Served([
      resource.readiness(ready),
      resource.listener('web', port),
      resource.route('web', 'one'),
      resource.cluster('one'),
      resource.endpoints('one', [first]),
    ]);
    const { server } = await connected(served);
    await accepting(ready);
    expect(await get(port)).toBe('first');
    const sent = served.reports.flatMap((report) =>
      report.kind === 'sent' ? [[report.typeUrl, [...report.resources.keys()]]] : [],
    );
    expect(sent).toEqual([
      [cluster, ['one']],
      [endpoints, ['one']],
      [listener, ['web']],
      [route, ['web']],
      [listener, ['readiness']],
    ]);
    await expect.poll(() => server.streams().map(({ key, settled }) => [key, settled])).toEqual([['web', true]]);
  });

  it('fails no request while all that it has is changed again and again', async () => {
    const port = await freePort();
    const backends = [await backend('0'), await backend('1'), await backend('2')];
    const names = ['a', 'b', 'c'];
    /** Everything leads from one cluster to another, and clusters that go are changed before. */
    const mesh = (round: number): Resource[] => {
      const now = names[round % 3] ?? '';
      const next = names[(round + 1) % 3] ?? '';
      return [
        resource.listener('web', port, 1 + Math.floor(round / 10)),
        resource.route('web', now, round),
        ...[...new Set(round % 2 === 0 ? [now] : [now, next])].flatMap((name) => [
          resource.cluster(name, 1 + (round % 5)),
          resource.endpoints(name, [backends[round % 3] ?? 0]),
        ]),
      ];
    };
    const served = new Served(mesh(0));
    const { server } = await connected(served);
    await accepting(port);
    const load = steadyRequests(port);
    undo.push(() => load.stop());
    for (let round = 1; round <= 60; round++) {
      served.set(mesh(round));
      // Some rounds come upon others that are under way.
      if (round % 4 !== 0)
        await expect.poll(() => server.streams().every(({ settled }) => settled), { interval: 2 }).toBe(true);
    }
    const before = load.answers.length;
    await expect.poll(() => load.answers.length).toBeGreaterThan(before + 20);
    await load.stop();
    expect(load.failures).toEqual([]);
    expect(new Set(load.answers)).toEqual(new Set(['0', '1', '2']));
    expect(served.reports.filter(({ kind }) => kind === 'refused')).toEqual([]);
  });

  it('gets its endpoints again when its cluster was changed, and takes the change at once', async () => {
    const [port, first] = [await freePort(), await backend('first')];
    const mesh = (mark: number) => [
      resource.listener('web', port),
      resource.route('web', 'one'),
      resource.cluster('one', mark),
      resource.endpoints('one', [first]),
    ];
    const served = new Served(mesh(1));
    const { options } = await connected(served);
    await accepting(port);
    const metric = async () =>
      (await get(options.metricsPort ?? 0, '/stats/prometheus')).match(/warming_clusters\S* (\d+)/)?.[1];
    served.set(mesh(2));
    const isAcknowledged = () =>
      served.reports.filter(({ kind, typeUrl }) => kind === 'acknowledged' && typeUrl === endpoints).length === 2;
    await served.until(isAcknowledged);
    // Envoy would wait for them for fifteen seconds.
    if ((await metric()) !== undefined) await expect.poll(metric, { timeout: 2_000 }).toBe('0');
    expect(await get(port)).toBe('first');
  });

  it('keeps what it has when it refuses what comes, and takes the rest of it', async () => {
    const [port, other, first, second] = [
      await freePort(),
      await freePort(),
      await backend('first'),
      await backend('second'),
    ];
    const mesh = (to: string, more: readonly Resource[]) => [
      resource.cluster('one'),
      resource.endpoints('one', [first]),
      resource.cluster('two'),
      resource.endpoints('two', [second]),
      resource.route('web', to),
      resource.route('other', 'two'),
      ...more,
    ];
    const served = new Served(mesh('one', [resource.listener('web', port)]));
    const { server } = await connected(served);
    await accepting(port);
    served.set(mesh('two', [resource.refusedListener('web', port, 2), resource.listener('other', other)]));
    await accepting(other);
    expect(await get(other)).toBe('second');
    // The listener is as it was, and its routes are those of now.
    await expect.poll(() => get(port)).toBe('second');
    const refused = () => server.streams()[0]?.types.find(({ typeUrl }) => typeUrl === listener)?.refused;
    await expect
      .poll(() => [...(refused() ?? [])].map(([name, { reason }]) => [name, /there\/is\/no/.test(reason)]))
      .toEqual([['web', true]]);
    expect(server.streams()[0]?.settled).toBe(false);

    served.set(mesh('one', [resource.listener('web', port, 3), resource.listener('other', other)]));
    await expect.poll(() => server.streams()[0]?.settled).toBe(true);
    expect(await get(port)).toBe('first');
  });

  it('that connects again gets nothing that it has', async () => {
    const [port, first, second] = [await freePort(), await backend('first'), await backend('second')];
    const mesh = (to: number) => [
      resource.listener('web', port),
      resource.route('web', 'one'),
      resource.cluster('one'),
      resource.endpoints('one', [to]),
    ];
    const served = new Served(mesh(first));
    const { server, root } = await connected(served);
    await accepting(port);
    await expect.poll(() => server.streams()[0]?.settled).toBe(true);
    const relayed = server.port;
    await server.close({ graceful: true });
    served.reports.length = 0;
    served.set(mesh(second));
    // Routes and listeners are what they were; Envoy serves on while nobody tells it anything.
    expect(await get(port)).toBe('first');
    const again = await startServer(served, { port: relayed, root });
    undo.push(() => again.close());
    await expect.poll(() => again.server.streams()[0]?.settled, { timeout: 15_000 }).toBe(true);
    await expect.poll(() => get(port)).toBe('second');
    const sent = served.reports.flatMap((report) => (report.kind === 'sent' ? [...report.resources.keys()] : []));
    expect(sent).toEqual(['one']);
  });
});

async function connected(served: Served) {
  const started = await startServer(served);
  undo.push(() => started.close());
  const proxy = await startProxy(started);
  undo.push(() => proxy.stop());
  return { ...started, ...proxy };
}

async function backend(body: string): Promise<number> {
  const server = createServer((_, response) => response.end(body)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  undo.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** Requests one after the other, on a few connections, until it is stopped. */
function steadyRequests(port: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  const answers: string[] = [];
  const failures: string[] = [];
  let isStopped = false;
  const worker = async () => {
    while (!isStopped) {
      try {
        const answer = await get(port, '/', agent);
        (answer.length === 1 ? answers : failures).push(answer);
      } catch (error) {
        failures.push(String(error));
      }
    }
  };
  const workers = Array.from({ length: 4 }, worker);
  const stop = async () => {
    isStopped = true;
    await Promise.all(workers);
    agent.destroy();
  };
  return { answers, failures, stop };
}

function get(port: number, path = '/', agent = new Agent({ keepAlive: false })): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request({ port, host: '127.0.0.1', agent, path }, async (response) => {
      let body = '';
      for await (const part of response) body += part;
      resolve(response.statusCode === 200 ? body : `${response.statusCode} ${body}`);
    });
    sent.setTimeout(10_000, () => sent.destroy(new Error('no answer')));
    sent.on('error', reject).end();
  });
}
