import { once } from 'node:events';
import { constants } from 'node:http2';
import { connect as connectTcp, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Limits, resourceTypes } from '../../../proxy/xds';
import { encode } from '../../../proxy/xds/codec';
import { VirtualClock } from '../../support/clock';
import { type Authority, authority } from '../../support/envoy/authority';
import { ConnectedCall, connectTo, frame } from '../../support/xds/connected-client';
import { megabytesInUse } from '../../support/xds/memory';
import { http2Frame, literalHeaders, preface, rawConnection } from '../../support/xds/raw-http2';
import { resource } from '../../support/xds/resources';
import { Served } from '../../support/xds/served';
import { plain } from '../../support/xds/simulated-stream';
import { type StartedServer, startServer } from '../../support/xds/started';

/** What may come to a port that anybody in the cluster can reach. Each time a proxy is connected beside it, and notices nothing. */

const { cluster, listener } = resourceTypes;
const node = { id: 'web-0' };
const firstRequest = { typeUrl: cluster, node };

let root: Authority;
beforeAll(() => {
  root = authority('root of the test');
});
afterAll(() => root.remove());

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

let served: Served;
beforeEach(() => {
  served = new Served([resource.cluster('a')]);
});

interface Started extends StartedServer {
  /** Changes something, and sees that it reaches the proxy that behaves. */
  readonly expectService: () => Promise<void>;
}

async function started(limits: Partial<Limits> = {}, clock?: VirtualClock): Promise<Started> {
  const server = await startServer(served, { root, limits, ...(clock ? { clock } : {}) });
  undo.push(() => server.close());
  const session = await connectTo(server);
  undo.push(() => session.destroy());
  const call = new ConnectedCall(session, { token: 'token-good' });
  call.ask(firstRequest);
  await call.response();
  let nonce = 1;
  const expectService = async () => {
    call.ask({ typeUrl: cluster, responseNonce: String(nonce++) });
    served.set([resource.cluster('a', nonce)]);
    expect(await call.response()).toMatchObject({ nonce: String(nonce), resources: [{ name: 'a' }] });
  };
  return { ...server, expectService };
}

const reasons = ({ lines }: StartedServer) => lines.filter(({ level }) => level === 'warn').map(({ reason }) => reason);

describe('a call', () => {
  it.each<[string, ConstructorParameters<typeof ConnectedCall>[1], string]>([
    ['without a token', { token: undefined }, 'shows no token'],
    ['with an empty token', { token: '' }, 'shows no token'],
    ['with what is no token', { token: undefined, headers: { authorization: 'Basic abc' } }, 'shows no token'],
    ['with a token of nobody', { token: 'forged' }, 'the token is of nobody'],
  ])('%s is told nothing but that', async (_, options, reason) => {
    const serving = await started();
    const session = await connectTo(serving);
    undo.push(() => session.destroy());
    const call = new ConnectedCall(session, options);
    call.ask(firstRequest);
    expect(await call.ending()).toEqual({ http: 200, status: '16', message: '' });
    expect(serving.lines.filter(({ level }) => level === 'warn')).toMatchObject([
      { message: 'a stream of xDS is closed', status: 'UNAUTHENTICATED', reason },
    ]);
    expect(serving.server.statistics.refusedStreams.get('UNAUTHENTICATED')).toBe(1);
    await serving.expectService();
  });

  const rubbish = Buffer.from('ffffffffffffffffffff', 'hex');
  const request = (json: object) => encode(json, 'envoy.service.discovery.v3.DeltaDiscoveryRequest');
  it.each<[string, Buffer, string, string]>([
    ['that is no request', frame(rubbish), '3', 'a message is not a request of xDS'],
    ['without a node', frame(request({ typeUrl: cluster })), '3', 'the first request names no node'],
    ['for an unknown type', frame(request({ typeUrl: 'x', node })), '3', 'there is no type "x"'],
    ['that is compressed', frame(request(firstRequest), 1), '12', 'a message is compressed, which was not offered'],
    [
      'that is too large',
      frame(Buffer.alloc(0), 0, 5_000_000),
      '8',
      'a message has 5000000 bytes; 4194304 are the most that is accepted',
    ],
    [
      'of a proxy that nobody knows',
      frame(request({ ...firstRequest, node: { id: 'nobody' } })),
      '7',
      'there is no such proxy',
    ],
  ])('with a message %s is refused', async (_, bytes, status, message) => {
    const serving = await started();
    const session = await connectTo(serving);
    undo.push(() => session.destroy());
    const call = new ConnectedCall(session);
    call.stream.write(bytes);
    expect(await call.ending()).toEqual({ http: 200, status, message });
    expect(reasons(serving)).toEqual([message]);
    await serving.expectService();
  });

  it('that breaks off in a message is refused', async () => {
    const serving = await started();
    const session = await connectTo(serving);
    undo.push(() => session.destroy());
    const call = new ConnectedCall(session);
    call.stream.end(frame(Buffer.alloc(1), 0, 10));
    expect(await call.ending()).toMatchObject({ status: '3', message: 'the last message is incomplete' });
    await serving.expectService();
  });

  it('of what is not served is refused', async () => {
    const serving = await started();
    const session = await connectTo(serving);
    undo.push(() => session.destroy());
    const unknown = new ConnectedCall(session, { path: '/a.Service/Method' });
    expect(await unknown.ending()).toEqual({
      http: 200,
      status: '12',
      message: 'there is no method /a.Service/Method',
    });
    const type = new ConnectedCall(session, { headers: { 'content-type': 'text/html' } });
    expect(await type.ending()).toMatchObject({ http: 415 });
    const get = session.request({ ':path': '/' });
    const [headers] = await once(get, 'response');
    expect(headers[':status']).toBe(405);
    expect(serving.lines.filter(({ level }) => level === 'warn').map(({ message, path }) => [message, path])).toEqual([
      ['a call is of an unknown method', '/a.Service/Method'],
      ['a request is not gRPC', '/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources'],
      ['a request is not gRPC', '/'],
    ]);
    await serving.expectService();
  });

  it('that says nothing is ended', async () => {
    const clock = new VirtualClock(0);
    const serving = await started({ firstRequest: 10_000 }, clock);
    const session = await connectTo(serving);
    undo.push(() => session.destroy());
    const call = new ConnectedCall(session);
    await new Promise((resolve) => session.ping(resolve));
    await clock.advance(10_000);
    expect(await call.ending()).toMatchObject({ status: '4', message: 'no request has come in 10000 ms' });
    await serving.expectService();
  });

  it('one after the other without a good token ends the connection', async () => {
    const serving = await started();
    const session = await connectTo(serving);
    const closed = once(session, 'close');
    for (let count = 0; count < 20; count++) await new ConnectedCall(session, { token: 'forged' }).ending();
    await closed;
    expect(reasons(serving)).toContain('its streams do not prove themselves');
    await serving.expectService();
  });
});

describe('a client with more streams than it needs', () => {
  it('loses the oldest, and nobody else loses any', async () => {
    const serving = await started({ streamsPerClient: 3 });
    const session = await connectTo(serving);
    undo.push(() => session.destroy());
    const calls: ConnectedCall[] = [];
    for (let count = 0; count < 5; count++) {
      const call = new ConnectedCall(session, { token: 'token-greedy' });
      call.ask(firstRequest);
      await call.response();
      calls.push(call);
    }
    for (const call of calls.slice(0, 2)) expect(await call.ending()).toMatchObject({ status: '0' });
    await expect.poll(() => serving.server.statistics.streams).toBe(4);
    expect(calls.slice(2).filter((call) => call.stream.closed)).toEqual([]);
    await serving.expectService();
  });
});

describe('calls that are refused', () => {
  it('leave their place to others, also when they go on talking', async () => {
    const serving = await started({ streamsPerConnection: 10 });
    const session = await connectTo(serving);
    undo.push(() => session.destroy());
    for (let count = 0; count < 50; count++) {
      const call = new ConnectedCall(session);
      call.stream.write(frame(Buffer.of(0xff)));
      call.stream.end(Buffer.alloc(40_000));
      expect(await call.ending()).toMatchObject({ status: '3' });
    }
    const call = new ConnectedCall(session);
    call.ask(firstRequest);
    await call.response();
    expect(serving.server.statistics.streams).toBe(2);
  });
});

describe('a client that does not read', () => {
  const large = (version: string) => [
    { ...plain(cluster, 'a', version), bytes: new Uint8Array(500_000) },
    { ...plain(listener, 'b', version), bytes: new Uint8Array(500_000) },
  ];

  it('gets the newest state when it reads again, and nothing between', async () => {
    served = new Served([]);
    const serving = await startServer(served);
    undo.push(() => serving.close());
    const session = await connectTo(serving);
    undo.push(() => session.destroy());
    const call = new ConnectedCall(session);
    call.ask(firstRequest);
    await call.response();
    call.ask({ typeUrl: cluster, responseNonce: '1' });
    call.stream.pause();
    served.set(large('1'));
    await served.until(() => served.reports.filter(({ kind }) => kind === 'sent').length === 2);
    const before = await megabytesInUse();
    for (let version = 2; version <= 500; version++) served.set(large(String(version)));
    expect((await megabytesInUse()) - before).toBeLessThan(20);
    expect(served.reports.filter(({ kind }) => kind === 'sent').length).toBe(2);

    call.stream.resume();
    await call.bytes();
    call.ask({ typeUrl: cluster, responseNonce: '2' });
    await served.until(() => served.reports.filter(({ kind }) => kind === 'sent').length === 3);
    const newest = served.reports.findLast(({ kind }) => kind === 'sent');
    expect(newest).toMatchObject({ typeUrl: cluster, resources: new Map([['a', '500']]) });
  });

  it('for too long is given up, and nobody else is', async () => {
    const clock = new VirtualClock(0);
    const serving = await started({ stalled: 60_000, keepalive: { interval: 1e9, timeout: 1 } }, clock);
    const session = await connectTo(serving);
    undo.push(() => session.destroy());
    const call = new ConnectedCall(session, { token: 'token-slow' });
    call.stream.pause();
    served.set([resource.cluster('a'), ...large('1').slice(1)]);
    call.ask(firstRequest);
    call.ask({ typeUrl: cluster, responseNonce: '1' });
    call.ask({ typeUrl: cluster, responseNonce: '2' });
    call.ask({ typeUrl: listener });
    const isSent = () => served.reports.some((report) => report.kind === 'sent' && report.typeUrl === listener);
    await served.until(isSent);
    await clock.advance(59_999);
    expect(serving.server.streams().length).toBe(2);
    await clock.advance(1);
    await expect.poll(() => serving.server.streams().length).toBe(1);
    expect(reasons(serving)).toEqual(['it has not read for 60000 ms']);
  });
});

describe('a connection', () => {
  const open = async (serving: StartedServer): Promise<Socket> => {
    const socket = connectTcp(serving.server.port, '127.0.0.1');
    socket.on('error', () => {});
    await once(socket, 'connect');
    return socket;
  };

  it('that does not speak TLS, or not HTTP/2 in it, is closed', async () => {
    const serving = await started();
    const plain = await open(serving);
    plain.resume().write('GET / HTTP/1.1\r\n\r\n');
    await once(plain, 'close');
    await expect(rawConnection(serving, { ALPNProtocols: ['h2'], maxVersion: 'TLSv1.2' })).rejects.toThrow('alert');
    const other = await rawConnection(serving, {});
    await once(other.resume(), 'close');
    const rubbish = await rawConnection(serving);
    rubbish.resume().write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n');
    await once(rubbish, 'close');
    expect(reasons(serving)).toEqual([
      'its TLS handshake failed',
      'its TLS handshake failed',
      'it does not speak HTTP/2',
      'its HTTP/2 is not right',
    ]);
    await serving.expectService();
  });

  it('that never ends its handshake is closed', async () => {
    const serving = await started({ handshake: 100 });
    const silent = await open(serving);
    const slow = await open(serving);
    slow.write(Buffer.of(0x16, 3, 1, 2, 0));
    await Promise.all([silent, slow].map((socket) => once(socket.resume(), 'close')));
    expect(reasons(serving)).toEqual(['its TLS handshake failed', 'its TLS handshake failed']);
    await serving.expectService();
  });

  it('without a call is closed', async () => {
    const clock = new VirtualClock(0);
    const serving = await started({ idle: 15_000, firstRequest: 1e9 }, clock);
    const silent = await connectTo(serving);
    await new Promise((resolve) => silent.ping(resolve));
    const closed = once(silent, 'close');
    await clock.advance(15_000);
    await closed;
    await serving.expectService();
  });

  it('among many finds its place if it has a token, and only the oldest of the others are closed', async () => {
    const serving = await started({ unauthenticatedConnections: 200, connections: 5_000 });
    const before = await megabytesInUse();
    const sockets: Socket[] = [];
    undo.push(() => sockets.forEach((socket) => void socket.destroy()));
    for (let hundreds = 0; hundreds < 15; hundreds++) {
      sockets.push(...(await Promise.all(Array.from({ length: 100 }, () => open(serving)))));
    }
    const { statistics } = serving.server;
    await expect.poll(() => statistics.acceptedConnections, { timeout: 10_000 }).toBe(1_501);
    await expect.poll(() => statistics.connections).toBeLessThanOrEqual(201);
    expect(sockets.slice(-100).filter((socket) => socket.destroyed).length).toBe(0);
    await serving.expectService();
    const session = await connectTo(serving);
    undo.push(() => session.destroy());
    const call = new ConnectedCall(session, { token: 'token-late' });
    call.ask(firstRequest);
    await call.response();
    // Both sides of fifteen hundred connections are in this process.
    expect((await megabytesInUse()) - before).toBeLessThan(150);
    // A log that says it fifteen hundred times says nothing.
    expect(reasons(serving).length).toBeLessThanOrEqual(20);
  });

  it('too many is closed at once', async () => {
    const serving = await started({ connections: 3 });
    const first = await Promise.all([open(serving), open(serving)]);
    await expect.poll(() => serving.server.statistics.connections).toBe(3);
    const more = await open(serving);
    await once(more.resume(), 'close');
    expect(reasons(serving)).toEqual(['there are too many']);
    await serving.expectService();
    for (const socket of first) socket.destroy();
  });
});

/** Errors of a socket are no errors of a test. */
function event(socket: Socket, name: 'drain' | 'close'): Promise<void> {
  return new Promise((resolve) => socket.once(name, () => resolve()));
}

describe('a flood', () => {
  const call = literalHeaders([
    [':method', 'POST'],
    [':scheme', 'https'],
    [':authority', 'localhost'],
    [':path', '/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources'],
    ['content-type', 'application/grpc'],
    ['authorization', 'Bearer forged'],
  ]);
  const endOfHeaders = 0x4;
  const wrong = 'its HTTP/2 is not right';
  const floods: readonly [string, (count: number) => Buffer, string | undefined][] = [
    [
      'of calls that are reset',
      (count) =>
        Buffer.concat([
          http2Frame(0x1, endOfHeaders, 2 * count + 1, call),
          http2Frame(0x3, 0, 2 * count + 1, Buffer.of(0, 0, 0, constants.NGHTTP2_CANCEL)),
        ]),
      'its streams do not prove themselves',
    ],
    ['of calls', (count) => http2Frame(0x1, endOfHeaders, 2 * count + 1, call), 'its streams do not prove themselves'],
    ['of pings', () => http2Frame(0x6, 0, 0, Buffer.alloc(8)), wrong],
    ['of settings', () => http2Frame(0x4, 0, 0, Buffer.of(0, 3, 0, 0, 0, 100)), wrong],
    [
      'of headers that never end',
      (count) =>
        count === 0
          ? http2Frame(0x1, 0, 1, call)
          : http2Frame(0x9, 0, 1, literalHeaders([[`x-${count}`, 'y'.repeat(100)]])),
      wrong,
    ],
    ['of empty data', (count) => (count === 0 ? http2Frame(0x1, endOfHeaders, 1, call) : http2Frame(0x0, 0, 1)), wrong],
    // Costs nothing: a number grows.
    ['of windows', () => http2Frame(0x8, 0, 0, Buffer.of(0, 0, 0, 1)), undefined],
  ];

  it.each(floods)('%s costs no memory and disturbs nobody', async (_, frameOf, reason) => {
    const serving = await started();
    const before = await megabytesInUse();
    const socket = await rawConnection(serving);
    const closed = event(socket, 'close');
    socket.resume().write(preface);
    for (let thousands = 0; thousands < 12 && !socket.destroyed; thousands++) {
      const part = Array.from({ length: 1_000 }, (_, count) => frameOf(1_000 * thousands + count));
      if (!socket.write(Buffer.concat(part)) && !socket.destroyed) {
        await Promise.race([event(socket, 'drain'), closed]);
      }
    }
    await serving.expectService();
    if (reason !== undefined) {
      await closed;
      expect(reasons(serving).filter((each) => each === reason)).toEqual([reason]);
    }
    expect((await megabytesInUse()) - before).toBeLessThan(60);
    socket.destroy();
  });

  it('of answers that are not read is ended', async () => {
    const serving = await started();
    const socket = await rawConnection(serving);
    socket.pause().write(preface);
    const pings = Buffer.concat(Array.from({ length: 10_000 }, () => http2Frame(0x6, 0, 0, Buffer.alloc(8))));
    const closed = event(socket, 'close');
    for (let times = 0; times < 500 && !socket.destroyed; times++) {
      if (!socket.write(pings)) await Promise.race([event(socket, 'drain'), closed]);
    }
    await serving.expectService();
    await expect.poll(() => reasons(serving)).toContain('its HTTP/2 is not right');
    socket.destroy();
  });
});
