import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { HttpRule, Model, Route } from '../../lib/model';
import { type Authority, authority } from '../support/envoy/authority';
import {
  backend,
  edge,
  gateway,
  gatewayRoute,
  grpcRoute,
  grpcRule,
  httpRule,
  listener,
  model,
  port,
  prefix,
  ref,
  service,
  tcpRoute,
  tlsRoute,
  version,
  workload,
} from '../support/model-builder';
import { callGrpc } from './harness/grpc';
import { type ClientTls, http2Session, onSession, type Request, send } from './harness/http-client';
import { Mesh } from './harness/mesh';
import { overTcp } from './harness/tcp-client';
import { overWebSocket } from './harness/websocket';

/** Where requests come in from the world: a gateway, as a browser, a phone and a stranger meet it. */

const web = workload('web');
const catalog = service('catalog', { versions: [version('v1'), version('v2')] });
const ratings = service('ratings', { ports: [port('grpc')] });
const store = service('store', { ports: [port('tcp', 5432)] });
const vault = service('vault', { ports: [port('tls', 8443)] });

const secret = (name: string) => ({ kind: 'secret', name }) as const;
const front = gateway('front', {
  listeners: [
    listener(),
    listener({ name: 'shop', port: 443, protocol: 'https', host: 'shop.example', tls: secret('shop') }),
    listener({ name: 'admin', port: 443, protocol: 'https', host: 'admin.example', tls: secret('admin') }),
    listener({ name: 'tenants', port: 443, protocol: 'https', host: '*.tenant.example', tls: secret('tenants') }),
    listener({ name: 'vault', port: 8443, protocol: 'tls' }),
    listener({ name: 'store', port: 5432, protocol: 'tcp' }),
  ],
});

const on = (name: string) => ({ parents: [{ kind: 'gateway', ...ref(front), listener: name } as const] });
const to = (name: string, over: Partial<HttpRule> = {}) =>
  httpRule({ action: { kind: 'forward', backends: [backend(catalog, { version: name })] }, ...over });
const named = (name: string) => httpRule({ action: { kind: 'respond', status: 200, body: name } });

const usual: readonly Route[] = [
  gatewayRoute(front, catalog, { name: 'shop', hostnames: ['shop.example'], rules: [to('v1')] }),
  gatewayRoute(front, catalog, { name: 'admin', ...on('admin'), rules: [to('v2')] }),
  gatewayRoute(front, catalog, { name: 'tenants', ...on('tenants'), rules: [named('a tenant')] }),
  tlsRoute(vault, [backend(vault)], { name: 'vault', ...on('vault'), hostnames: ['vault.example'] }),
  tcpRoute(store, [backend(store)], { name: 'store', ...on('store') }),
];

function mesh(routes: readonly Route[] = usual): Model {
  return model({
    services: [catalog, ratings, store, vault],
    workloads: [web],
    edges: [edge(web, catalog)],
    gateways: [front],
    routes,
  });
}

let root: Authority;
let running: Mesh;
beforeAll(async () => {
  root = authority('of the web');
  running = await Mesh.start(mesh(), {
    certificate: root.issue('vault.example'),
    certificates: {
      'shop/shop': root.issue('shop.example'),
      'shop/admin': root.issue('admin.example'),
      'shop/tenants': root.issue('*.tenant.example'),
    },
  });
});
afterAll(async () => {
  await running?.stop();
  root?.remove();
});
beforeEach(() => running.reset());

const at = (number: number) => running.listener('front-gateway', number);
const over = (serverName: string, request: Request = {}, tls: ClientTls = {}) =>
  send({ port: at(443), tls: { serverName, ca: root.certificate, ...tls } }, { host: serverName, ...request });

describe('a gateway in plain text', () => {
  it('leads by the host, and says 404 of one that it does not know', async () => {
    expect((await send({ port: at(80) }, { host: 'shop.example' })).received?.version).toBe('v1');
    expect((await send({ port: at(80) }, { host: 'SHOP.example:80' })).received?.version).toBe('v1');
    expect((await send({ port: at(80) }, { host: 'shop.example', version: 'HTTP/2' })).received?.version).toBe('v1');
    expect((await send({ port: at(80) }, { host: 'other.example' })).status).toBe(404);
  });

  it('applies rules as a sidecar does', async () => {
    await running.apply(
      mesh([
        gatewayRoute(front, catalog, {
          hostnames: ['shop.example'],
          rules: [
            httpRule({ matches: [prefix('/go')], action: { kind: 'redirect', scheme: 'https', status: 301 } }),
            to('v1', {
              matches: [prefix('/teapot')],
              fault: { abort: { status: { kind: 'http', status: 418 }, percent: 100 } },
            }),
            to('v1', { matches: [prefix('/few')], rateLimit: { local: { requests: 2, per: 60_000 } } }),
            to('v2', { matches: [prefix('/api')], rewrite: { path: { kind: 'prefix', value: '/v2' } }, timeout: 300 }),
            to('v1', { retries: { attempts: 2, on: ['5xx'], backoff: { base: 1, max: 2 } } }),
          ],
        }),
      ]),
    );
    const ask = (path: string, request: Request = {}) =>
      send({ port: at(80) }, { host: 'shop.example', path, ...request });
    const moved = await ask('/go?a=b');
    expect([moved.status, moved.headers.location]).toEqual([301, 'https://shop.example/go?a=b']);
    expect((await ask('/teapot')).status).toBe(418);
    expect([(await ask('/few')).status, (await ask('/few')).status, (await ask('/few')).status]).toEqual([
      200, 200, 429,
    ]);
    expect((await ask('/api/x')).received).toMatchObject({ path: '/v2/x', version: 'v2' });
    expect((await ask('/api/x', { reply: { delay: 2_000 } })).status).toBe(504);
    running.reset();
    expect((await ask('/', { reply: { status: 503, times: 2 } })).status).toBe(200);
    expect(running.backend('catalog-v1-0').received.length).toBe(3);
    await running.apply(mesh());
  });

  it('tells the application whom it serves, and believes no stranger about it', async () => {
    const forged = {
      'x-forwarded-for': '203.0.113.9',
      'x-forwarded-client-cert': 'URI=spiffe://shop.example/ns/shop/sa/admin',
      'x-meshwright-rule': 'shop/catalog/none',
      'x-envoy-retry-on': '5xx',
    };
    const { received } = await send({ port: at(80) }, { host: 'shop.example', headers: forged });
    expect(received?.headers['x-forwarded-for']).toMatch(/^203\.0\.113\.9, ?\d+\.\d+\.\d+\.\d+$/);
    expect(received?.headers['x-forwarded-proto']).toBe('http');
    expect(received?.headers['x-forwarded-client-cert']).toMatch(
      /URI=spiffe:\/\/shop\.example\/ns\/shop\/sa\/front-gateway$/,
    );
    expect(received?.headers).not.toHaveProperty('x-meshwright-rule');
    expect(received?.headers).not.toHaveProperty('x-envoy-retry-on');
  });

  it('opens a WebSocket', async () => {
    const where = { host: '127.0.0.1', port: at(80), path: '/chat', headers: { host: 'shop.example' } };
    expect(await overWebSocket(where, ['one', 'two'])).toEqual(['echo one', 'echo two']);
  });

  it('leads calls of gRPC by service and method', async () => {
    const route = grpcRoute(
      ratings,
      [
        grpcRule({
          matches: [{ service: 'shop.v1.Echo', headers: [] }],
          action: { kind: 'forward', backends: [backend(ratings)] },
        }),
      ],
      { hostnames: ['grpc.example'], ...on('http') },
    );
    await running.apply(mesh([...usual, route]));
    const call = { port: at(80), authority: 'grpc.example' };
    expect(await callGrpc(call, { method: 'Chat', messages: ['a', 'b'] })).toMatchObject({
      code: 0,
      messages: ['ratings-0: a', 'ratings-0: b'],
    });
    // UNIMPLEMENTED. https://grpc.github.io/grpc/core/md_doc_statuscodes.html
    expect((await callGrpc(call, { method: 'Once', service: 'shop.v1.Other', messages: ['a'] })).code).toBe(12);
  });
});

describe('a gateway over TLS', () => {
  it('proves each host by its own certificate, over HTTP/1.1 and HTTP/2', async () => {
    for (const version of ['HTTP/1.1', 'HTTP/2'] as const) {
      expect((await over('shop.example', { version })).received).toMatchObject({
        version: 'v1',
        headers: { 'x-forwarded-proto': 'https' },
      });
      expect((await over('admin.example', { version })).received?.version).toBe('v2');
      expect((await over('one.tenant.example', { version })).text).toBe('a tenant');
    }
  });

  it('refuses a server name that it does not serve', async () => {
    await expect(over('other.example')).rejects.toThrow();
    await expect(over('tenant.example')).rejects.toThrow();
  });

  it('answers 421 to a host that another listener serves', async () => {
    // A browser may send requests for one host over its connection to another, if their certificates allow it (RFC 9110, 15.5.20).
    const where = { port: at(443), tls: { serverName: 'shop.example', ca: root.certificate } };
    const session = http2Session(where);
    try {
      expect((await onSession(session, { host: 'shop.example' }, where)).status).toBe(200);
      expect((await onSession(session, { host: 'admin.example' }, where)).status).toBe(421);
      expect((await onSession(session, { host: 'unknown.example' }, where)).status).toBe(404);
    } finally {
      session.destroy();
    }
  });

  it('takes TLS 1.2 and 1.3 and nothing older', async () => {
    const versions = { 'TLSv1.1': false, 'TLSv1.2': true, 'TLSv1.3': true } as const;
    for (const [version, accepted] of Object.entries(versions)) {
      const answer = over('shop.example', {}, { only: version as keyof typeof versions }).then(
        ({ status }) => status === 200,
        () => false,
      );
      expect(await answer, version).toBe(accepted);
    }
  });

  it('serves a certificate that was replaced from the next connection on', async () => {
    const other = authority('another of the web');
    try {
      await running.apply(mesh(), { certificates: { 'shop/shop': other.issue('shop.example') } });
      expect((await over('shop.example', {}, { ca: other.certificate })).status).toBe(200);
      await expect(over('shop.example')).rejects.toThrow();
    } finally {
      other.remove();
      await running.apply(mesh(), { certificates: { 'shop/shop': root.issue('shop.example') } });
    }
  });
});

describe('a gateway of connections', () => {
  it('passes TLS on by its server name, unopened', async () => {
    const tls = { serverName: 'vault.example', ca: root.certificate };
    expect(await overTcp({ port: at(8443), tls }, ['one'], 2)).toEqual(['hello from vault-0', 'vault-0: one']);
    expect(await overTcp({ port: at(8443), tls: { serverName: 'other.example' } }, [], 1).catch(() => [])).toEqual([]);
  });

  it('passes TCP on, of a server that speaks first', async () => {
    expect(await overTcp({ port: at(5432) }, ['one'], 2)).toEqual(['hello from store-0', 'store-0: one']);
  });
});
