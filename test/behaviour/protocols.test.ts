import { connect as http2Connect } from 'node:http2';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Model } from '../../lib/model';
import { type Authority, authority } from '../support/envoy/authority';
import {
  backend,
  edge,
  httpRoute,
  httpRule,
  model,
  port,
  service,
  tcpRoute,
  tlsRoute,
  version,
  workload,
} from '../support/model-builder';
import { callGrpc, type EchoMethod } from './harness/grpc';
import { send, sha1OfBytes } from './harness/http-client';
import { Mesh } from './harness/mesh';
import { plausibleCounts } from './harness/share';
import { overTcp } from './harness/tcp-client';
import { overWebSocket } from './harness/websocket';

/** Everything that applications speak, through two sidecars. */

const web = workload('web');
const catalog = service('catalog');
const newer = service('newer', { ports: [port('http2')] });
const ratings = service('ratings', { ports: [port('grpc')] });
const versions = [version('v1'), version('v2')];
const store = service('store', { ports: [port('tcp', 5432)], versions });
const vault = service('vault', { ports: [port('tls', 8443)], versions });
const several = service('several', {
  ports: [port('http'), port('http', 9090, { name: 'admin', port: 9090 }), port('tcp', 6379)],
});

function mesh(parts: Partial<Model> = {}): Model {
  return model({
    services: [catalog, newer, ratings, store, vault, several],
    workloads: [web],
    edges: [
      edge(web, catalog),
      edge(web, newer),
      edge(web, ratings),
      edge(web, store),
      edge(web, vault),
      edge(web, several),
      edge(web, several, { port: 9090, at: 18_090 }),
      edge(web, several, { port: 6379 }),
    ],
    ...parts,
  });
}

let root: Authority;
let running: Mesh;
beforeAll(async () => {
  root = authority('of the vault');
  running = await Mesh.start(mesh(), { certificate: root.issue('vault.example') });
});
afterAll(async () => {
  await running?.stop();
  root?.remove();
});
beforeEach(() => running.reset());

describe('HTTP', () => {
  it('of either version reaches an application of either version', async () => {
    for (const callee of ['catalog', 'newer']) {
      for (const version of ['HTTP/1.1', 'HTTP/2'] as const) {
        const { status, received } = await running.call('web', callee, { version, path: '/a?b=c' });
        expect([status, received?.httpVersion, received?.path]).toEqual([
          200,
          callee === 'newer' ? '2.0' : '1.1',
          '/a?b=c',
        ]);
      }
    }
  });

  it('hands the application what was sent, and tells nothing of the proxies between', async () => {
    const { received, headers } = await running.call('web', 'catalog', {
      method: 'PUT',
      headers: { 'x-team': 'blue', accept: 'text/plain', 'user-agent': 'test' },
      body: 'hello',
      reply: { headers: { server: 'application', 'x-answer': '1' } },
    });
    expect(received).toMatchObject({ method: 'PUT', host: 'catalog', body: { bytes: 5 } });
    expect(received?.headers).toMatchObject({ 'x-team': 'blue', accept: 'text/plain', 'user-agent': 'test' });
    const strange = Object.keys(received?.headers ?? {}).filter((name) => name.startsWith('x-envoy'));
    expect(strange).toEqual([]);
    expect(headers).toMatchObject({ server: 'application', 'x-answer': '1' });
    expect(Object.keys(headers).filter((name) => name.startsWith('x-envoy'))).toEqual([]);
  });

  it('carries a hundred megabytes up and down, unchanged', async () => {
    const bytes = 100 * 1024 * 1024;
    const sha1 = sha1OfBytes(bytes);
    const up = await running.call('web', 'catalog', { method: 'POST', body: { bytes } });
    expect(up.received?.body).toEqual({ bytes, sha1 });
    const down = await running.call('web', 'newer', { version: 'HTTP/2', reply: { bytes } });
    expect([down.status, down.bytes, down.sha1]).toEqual([200, bytes, sha1]);
  });

  it('carries large headers, and answers 431 to what is too large', async () => {
    const large = await running.call('web', 'catalog', { headers: { 'x-large': 'a'.repeat(40_000) } });
    expect([large.status, large.received?.headers['x-large']?.length]).toEqual([200, 40_000]);
    const tooLarge = await running.call('web', 'catalog', { headers: { 'x-large': 'a'.repeat(70_000) } });
    expect([tooLarge.status, tooLarge.received]).toEqual([431, undefined]);
    const many = Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`x-header-${i}`, 'a']));
    expect((await running.call('web', 'catalog', { headers: many })).status).toBe(431);
  });

  it('carries many requests at a time over one connection', async () => {
    const session = http2Connect(`http://127.0.0.1:${running.upstream('web', 'catalog')}`);
    const one = (i: number) =>
      new Promise<string>((resolve, reject) => {
        let text = '';
        const stream = session.request({ ':path': `/${i}` }).on('error', reject);
        stream.on('data', (part: Buffer) => {
          text += part.toString();
        });
        stream.on('end', () => resolve(JSON.parse(text).path)).end();
      });
    const paths = await Promise.all(Array.from({ length: 100 }, (_, i) => one(i)));
    session.destroy();
    expect(paths).toEqual(Array.from({ length: 100 }, (_, i) => `/${i}`));
  });

  it('carries trailers and answers without a body', async () => {
    const { status, text } = await running.call('web', 'catalog', { reply: { status: 204 } });
    expect([status, text]).toEqual([204, '']);
    const head = await running.call('web', 'catalog', { method: 'HEAD' });
    expect([head.status, head.text]).toEqual([200, '']);
  });
});

describe('a WebSocket', () => {
  it('is opened and carries texts both ways', async () => {
    const where = {
      host: '127.0.0.1',
      port: running.upstream('web', 'catalog'),
      path: '/chat',
      headers: { host: 'catalog' },
    };
    expect(await overWebSocket(where, ['one', 'two', 'three'])).toEqual(['echo one', 'echo two', 'echo three']);
    expect(running.backend('catalog').received[0]).toMatchObject({ path: '/chat', host: 'catalog' });
  });

  it('stays open for longer than a request may take', async () => {
    await running.apply(mesh({ routes: [httpRoute(catalog, [httpRule({ timeout: 100 })])] }));
    const where = { host: '127.0.0.1', port: running.upstream('web', 'catalog'), path: '/chat' };
    expect(await overWebSocket(where, ['one', 'two'], 400)).toEqual(['echo one', 'echo two']);
    await running.apply(mesh());
  });
});

describe('gRPC', () => {
  const calls: readonly (readonly [EchoMethod, readonly string[], readonly string[]])[] = [
    ['Once', ['hello'], ['ratings-0: hello']],
    ['Many', ['a b c'], ['ratings-0: a', 'ratings-0: b', 'ratings-0: c']],
    ['Collect', ['a', 'b', 'c'], ['ratings-0: a b c']],
    ['Chat', ['a', 'b', 'c'], ['ratings-0: a', 'ratings-0: b', 'ratings-0: c']],
  ];
  for (const [method, messages, answers] of calls) {
    it(`carries ${method === 'Once' ? 'one message each way' : `streams: ${method}`}`, async () => {
      const answer = await running.grpc('web', 'ratings', { method, messages, metadata: { tenant: 'gold' } });
      expect(answer).toMatchObject({ code: 0, messages: answers });
      expect(running.backend('ratings').received[0]?.headers).toMatchObject({ tenant: 'gold' });
    });
  }

  it('hands on the status of the application', async () => {
    const answer = await running.grpc('web', 'ratings', { method: 'Once', messages: ['hello'], reply: { status: 5 } });
    expect(answer).toEqual({ code: 5, details: 'as it was told', messages: [] });
  });

  it('keeps the deadline of its client', async () => {
    const started = performance.now();
    const answer = await callGrpc(
      { port: running.upstream('web', 'ratings') },
      { method: 'Once', messages: ['hello'], reply: { delay: 5_000 }, deadline: 300 },
    );
    expect(answer.code).toBe(4);
    expect(performance.now() - started).toBeLessThan(4_000);
  });
});

describe('TCP', () => {
  it('of a server that speaks first is carried both ways', async () => {
    const heard = await overTcp({ port: running.upstream('web', 'store') }, ['one', 'two'], 3);
    const [greeting = '', ...answers] = heard;
    const instance = greeting.replace('hello from ', '');
    expect(instance).toMatch(/^store-v[12]-0$/);
    expect(answers).toEqual([`${instance}: one`, `${instance}: two`]);
  });

  it('is split by weight, connection by connection, within what a fair coin gives', async () => {
    const split = [backend(store, { version: 'v1', weight: 75 }), backend(store, { version: 'v2', weight: 25 })];
    await running.apply(mesh({ routes: [tcpRoute(store, split)] }));
    const heard = await Promise.all(
      Array.from({ length: 200 }, () => overTcp({ port: running.upstream('web', 'store') }, [], 1)),
    );
    const first = heard.filter(([greeting]) => greeting === 'hello from store-v1-0').length;
    const second = heard.filter(([greeting]) => greeting === 'hello from store-v2-0').length;
    expect(first + second).toBe(200);
    const { least, most } = plausibleCounts(200, 75);
    expect(first).toBeGreaterThanOrEqual(least);
    expect(first).toBeLessThanOrEqual(most);
  });
});

describe('TLS of the application', () => {
  const over = (serverName: string) => {
    const tls = { serverName, ca: root.certificate };
    return overTcp({ port: running.upstream('web', 'vault'), tls }, ['secret'], 2);
  };

  it('is carried as it is: the client verifies the application itself', async () => {
    const [greeting = '', answer] = await over('vault.example');
    expect(greeting).toMatch(/^hello from vault-v[12]-0$/);
    expect(answer).toBe(`${greeting.replace('hello from ', '')}: secret`);
    expect(running.backends('vault').flatMap(({ received }) => received.map(({ host }) => host))).toEqual([
      'vault.example',
    ]);
  });

  it('is led by its server name', async () => {
    await running.apply(
      mesh({
        routes: [
          tlsRoute(vault, [backend(vault, { version: 'v2' })], { name: 'named', hostnames: ['vault.example'] }),
          tlsRoute(vault, [backend(vault, { version: 'v1' })], { name: 'others' }),
        ],
      }),
    );
    for (let i = 0; i < 4; i++) expect((await over('vault.example'))[0]).toBe('hello from vault-v2-0');
    for (let i = 0; i < 4; i++) {
      const tls = { serverName: 'other.example' };
      expect((await overTcp({ port: running.upstream('web', 'vault'), tls }, [], 1))[0]).toBe('hello from vault-v1-0');
    }
  });
});

describe('a service of several ports', () => {
  it('is called by each of them, one at a port of the caller’s choice', async () => {
    await running.apply(mesh());
    const [plain, admin] = running.backends('several').filter(({ options }) => options.instance === 'several-0');
    expect((await running.call('web', 'several', { port: 80 })).received?.port).toBe(plain?.options.port);
    expect((await running.call('web', 'several', { port: 18_090 })).received?.port).toBe(admin?.options.port);
    expect(await overTcp({ port: running.upstream('web', 'several', 6379) }, [], 1)).toEqual(['hello from several-0']);
  });
});

describe('an instance that is not there', () => {
  it('is answered with 503, and over TCP by closing', async () => {
    await running.backend('catalog').close();
    expect((await running.call('web', 'catalog')).status).toBe(503);
    expect((await send({ port: running.upstream('web', 'catalog') }, { version: 'HTTP/2' })).status).toBe(503);
  });
});
