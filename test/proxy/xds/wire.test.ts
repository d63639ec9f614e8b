import { once } from 'node:events';
import { connect as connectTls } from 'node:tls';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { resourceTypes } from '../../../proxy/xds';
import { decode, encode, encodeResource, InvalidResource } from '../../../proxy/xds/codec';
import { framed, MessageReader } from '../../../proxy/xds/grpc/framing';
import { statusHeaders } from '../../../proxy/xds/grpc/status';
import {
  readDeltaRequest,
  readStateRequest,
  writeDeltaResponse,
  writeStateResponse,
} from '../../../proxy/xds/messages';
import { VirtualClock } from '../../support/clock';
import { ConnectedCall, connectTo, frame } from '../../support/xds/connected-client';
import { Relay } from '../../support/xds/relay';
import { resource } from '../../support/xds/resources';
import { Served } from '../../support/xds/served';
import { type StartedServer, startServer } from '../../support/xds/started';

const { cluster, route } = resourceTypes;
const node = { id: 'web-0', cluster: 'storefront/web', userAgentName: 'a test' };

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

async function started(served: Served, more: Parameters<typeof startServer>[1] = {}): Promise<StartedServer> {
  const server = await startServer(served, more);
  undo.push(() => server.close());
  return server;
}

describe('the framing of gRPC', () => {
  const bytes = fc.uint8Array({ maxLength: 50 });

  it('finds the messages in whatever pieces they come', () => {
    fc.assert(
      fc.property(fc.array(bytes), fc.infiniteStream(fc.integer({ min: 1, max: 20 })), (messages, sizes) => {
        const all = Buffer.concat(messages.map((message) => frame(message)));
        const reader = new MessageReader(50);
        const found: Uint8Array[] = [];
        for (let at = 0; at < all.length; ) {
          const { value: size } = sizes.next();
          found.push(...reader.read(all.subarray(at, at + size)));
          at += size;
        }
        expect(found.map((message) => [...message])).toEqual(messages.map((message) => [...message]));
        expect(reader.isWithinMessage).toBe(false);
      }),
    );
  });

  it('writes them without copying what is large', () => {
    const large = new Uint8Array(20_000);
    const pieces = framed([Uint8Array.of(1), Uint8Array.of(2, 3), large, Uint8Array.of(4), large]);
    expect(pieces[1]).toBe(large);
    expect(pieces[3]).toBe(large);
    expect([...(pieces[0] ?? [])]).toEqual([0, 0, 0, 156, 68, 1, 2, 3]);
    expect([...(pieces[2] ?? [])]).toEqual([4]);
    expect(framed([]).map((piece) => [...piece])).toEqual([[0, 0, 0, 0, 0]]);
  });

  it('writes messages of a status as headers have them', () => {
    expect(statusHeaders(3, 'ä 100%\n')).toEqual({ 'grpc-status': '3', 'grpc-message': '%C3%A4 100%25%0A' });
    expect(statusHeaders(0)).toEqual({ 'grpc-status': '0' });
  });
});

describe('the messages of xDS', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 5 });
  const texts = fc.array(text, { maxLength: 4 });

  it('are read as the descriptors of Envoy have them', () => {
    const request = fc.record({
      typeUrl: text,
      resourceNamesSubscribe: texts,
      resourceNamesUnsubscribe: texts,
      initialResourceVersions: fc.dictionary(text, text),
      responseNonce: text,
      error: fc.option(text),
      node: fc.option(fc.record({ id: text, cluster: text, userAgentName: text, region: text, zone: text })),
    });
    fc.assert(
      fc.property(request, ({ error, node: said, ...same }) => {
        const extensions = [{ name: 'envoy.filters.http.router', typeUrls: ['a', 'b'] }];
        const { region = '', zone = '', ...rest } = said ?? {};
        const json = {
          ...same,
          ...(error === null ? {} : { errorDetail: { code: 13, message: error } }),
          ...(said === null ? {} : { node: { ...rest, locality: { region, zone }, extensions, metadata: { a: [1] } } }),
        };
        const read = readDeltaRequest(encode(json, 'envoy.service.discovery.v3.DeltaDiscoveryRequest'));
        expect({ ...read, initialVersions: Object.fromEntries(read.initialVersions) }).toEqual({
          typeUrl: same.typeUrl,
          subscribe: same.resourceNamesSubscribe,
          unsubscribe: same.resourceNamesUnsubscribe,
          initialVersions: { ...same.initialResourceVersions },
          nonce: same.responseNonce,
          ...(error === null ? {} : { error: error || 'no reason given' }),
          ...(said === null
            ? {}
            : {
                node: {
                  id: said.id,
                  cluster: said.cluster,
                  userAgent: said.userAgentName,
                  locality: { region, zone, subZone: '' },
                },
              }),
        });
      }),
    );
  });

  it('are read so in state-of-the-world xDS', () => {
    const json = { versionInfo: '7', resourceNames: ['a', 'b'], typeUrl: route, responseNonce: '3', node: { id: 'x' } };
    const read = readStateRequest(encode(json, 'envoy.service.discovery.v3.DiscoveryRequest'));
    expect(read).toMatchObject({ version: '7', names: ['a', 'b'], typeUrl: route, nonce: '3', node: { id: 'x' } });
    const refusal = { errorDetail: { code: 3, message: 'no' } };
    expect(readStateRequest(encode(refusal, 'envoy.service.discovery.v3.DiscoveryRequest')).error).toBe('no');
  });

  it('are written as the descriptors of Envoy have them', () => {
    const resources = [resource.cluster('a'), resource.cluster('b')].map((one) => ({ resource: one, version: 'v' }));
    const response = { typeUrl: cluster, nonce: '1', version: '2', resources, removed: ['c'] };
    const any = (name: string) => ({ '@type': cluster, ...resource.cluster(name).json });
    expect(
      decode(Buffer.concat(writeDeltaResponse(response)), 'envoy.service.discovery.v3.DeltaDiscoveryResponse'),
    ).toEqual({
      resources: ['a', 'b'].map((name) => ({ name, version: 'v', resource: any(name) })),
      typeUrl: cluster,
      nonce: '1',
      removedResources: ['c'],
    });
    expect(decode(Buffer.concat(writeStateResponse(response)), 'envoy.service.discovery.v3.DiscoveryResponse')).toEqual(
      {
        versionInfo: '2',
        resources: [any('a'), any('b')],
        typeUrl: cluster,
        nonce: '1',
      },
    );
  });
});

describe('a resource', () => {
  it('has a version of its content, and what Envoy would refuse is none', () => {
    expect(resource.cluster('a').version).toBe(resource.cluster('a').version);
    expect(resource.cluster('a', 2).version).not.toBe(resource.cluster('a').version);
    expect(resource.cluster('a').awaits).toBe('a');
    expect(resource.route('a', 'b').awaits).toBeUndefined();
    expect(() => encodeResource(cluster, 'a', { name: 'a', connectTimeout: '0s' })).toThrow(
      'envoy.config.cluster.v3.Cluster "a": connectTimeout: must be above 0s, got 0s',
    );
    expect(() => encodeResource(cluster, 'a', { nme: 'a' })).toThrow(InvalidResource);
  });
});

describe('a server of xDS', () => {
  it('serves a client, tells what it has acknowledged, and what changes reaches it at once', async () => {
    const served = new Served([resource.cluster('a')]);
    const { server, lines, ...rest } = await started(served);
    const session = await connectTo({ server, ...rest });
    undo.push(() => session.destroy());
    const call = new ConnectedCall(session);
    call.ask({ typeUrl: cluster, node });
    expect(await call.response()).toMatchObject({ typeUrl: cluster, nonce: '1', resources: [{ name: 'a' }] });
    call.ask({ typeUrl: cluster, responseNonce: '1' });
    await served.until(() => served.reports.some(({ kind }) => kind === 'acknowledged'));
    expect(server.streams()).toMatchObject([
      { key: 'a', protocol: 'delta', node: { id: 'web-0', userAgent: 'a test' }, settled: true },
    ]);
    served.set([resource.cluster('a', 2)]);
    expect(await call.response()).toMatchObject({
      nonce: '2',
      resources: [{ version: resource.cluster('a', 2).version }],
    });

    call.stream.end();
    expect(await call.ending()).toEqual({ http: 200, status: '0', message: '' });
    await expect.poll(() => served.connected).toBe(0);
    expect(server.streams()).toEqual([]);
    expect(server.statistics).toMatchObject({ streams: 0, responses: 2, requests: 2, acceptedConnections: 1 });
    expect(lines.map(({ message, proxy }) => [message, proxy])).toEqual([
      ['a proxy has connected', 'a'],
      ['a proxy has disconnected', 'a'],
    ]);
  });

  it('serves state-of-the-world xDS', async () => {
    const serving = await started(new Served([resource.cluster('a'), resource.cluster('b')]));
    const session = await connectTo(serving);
    undo.push(() => session.destroy());
    const call = new ConnectedCall(session, { protocol: 'stateOfTheWorld' });
    call.ask({ typeUrl: cluster, node });
    const response = await call.response();
    expect(response).toMatchObject({ typeUrl: cluster, nonce: '1', resources: [{ name: 'a' }, { name: 'b' }] });
    const again = new ConnectedCall(session, { protocol: 'stateOfTheWorld' });
    again.ask({ typeUrl: cluster, node, versionInfo: response.versionInfo ?? '' });
    again.ask({ typeUrl: resourceTypes.listener });
    expect(await again.response()).toMatchObject({ typeUrl: resourceTypes.listener });
  });

  it('tells health to whoever asks', async () => {
    const serving = await started(new Served());
    const session = await connectTo(serving);
    undo.push(() => session.destroy());
    const path = '/grpc.health.v1.Health/Check';
    const call = new ConnectedCall(session, { path, token: undefined });
    call.stream.write(frame(new Uint8Array()));
    expect([...(await call.bytes())]).toEqual([8, 1]);
    expect(await call.ending()).toMatchObject({ status: '0' });
    const other = new ConnectedCall(session, { path, token: undefined });
    other.stream.write(frame(Uint8Array.of(0x0a, 1, 0x78)));
    expect(await other.ending()).toEqual({ http: 200, status: '5', message: 'unknown service' });
  });

  it('proves itself with a new certificate to new connections, and keeps the old ones', async () => {
    const serving = await started(new Served([resource.cluster('a')]));
    const session = await connectTo(serving);
    undo.push(() => session.destroy());
    const call = new ConnectedCall(session);
    call.ask({ typeUrl: cluster, node });
    await call.response();

    const { cert, key } = serving.root.issue('another.name');
    serving.server.setCertificate({ certificateChain: cert, privateKey: key });
    const socket = connectTls({
      port: serving.server.port,
      ca: serving.root.certificate,
      servername: 'another.name',
      ALPNProtocols: ['h2'],
    });
    await once(socket, 'secureConnect');
    expect([socket.authorized, socket.getProtocol()]).toEqual([true, 'TLSv1.3']);
    socket.destroy();
    call.ask({ typeUrl: cluster, responseNonce: '1' });
    call.ask({ typeUrl: route, resourceNamesSubscribe: ['x'] });
    expect(await call.response()).toMatchObject({ removedResources: ['x'] });
  });

  it('asks clients to go elsewhere before it closes, and then is gone', async () => {
    const serving = await startServer(new Served([resource.cluster('a')]));
    const session = await connectTo(serving);
    const call = new ConnectedCall(session);
    call.ask({ typeUrl: cluster, node });
    await call.response();
    const told = once(session, 'goaway');
    const closed = serving.server.close({ graceful: true });
    expect((await told)[0]).toBe(0);
    expect(await call.ending()).toMatchObject({ status: '0' });
    await closed;
    serving.root.remove();
    await expect(connectTo(serving)).rejects.toThrow('ECONNREFUSED');
  });

  it('asks a client to connect anew when its time is over, and does not ask for a token before', async () => {
    const clock = new VirtualClock(0);
    const serving = await started(new Served([resource.cluster('a')]), {
      clock,
      limits: { connectionAge: 1_000_000, keepalive: { interval: 10_000_000, timeout: 1 } },
    });
    const session = await connectTo(serving);
    const call = new ConnectedCall(session);
    call.ask({ typeUrl: cluster, node });
    await call.response();
    await clock.advance(999_999);
    expect(call.stream.closed).toBe(false);
    const told = once(session, 'goaway');
    await clock.advance(1);
    expect((await told)[0]).toBe(0);
    expect(await call.ending()).toMatchObject({ status: '0' });
    await once(session, 'close');
  });

  it('closes a connection whose other side is gone, and one on which there is nothing', async () => {
    const clock = new VirtualClock(0);
    const limits = { idle: 15_000, keepalive: { interval: 30_000, timeout: 10_000 } };
    const serving = await started(new Served([resource.cluster('a')]), { clock, limits });
    const relay = await Relay.to(serving.server.port);
    undo.push(() => relay.close());
    const session = await connectTo(serving, relay.port);
    const call = new ConnectedCall(session);
    call.ask({ typeUrl: cluster, node });
    await call.response();
    // It answers pings as long as it reads.
    for (let minutes = 0; minutes < 3; minutes++) {
      const pinged = once(session, 'ping');
      await clock.advance(30_000);
      await pinged;
      // What comes back behind the answer to a ping has come behind it.
      await new Promise((resolve) => session.ping(resolve));
    }
    expect(session.destroyed).toBe(false);

    relay.freeze();
    await clock.advance(60_000);
    await expect.poll(() => serving.server.statistics.connections).toBe(0);
    expect(serving.lines.map(({ reason }) => reason)).toContain('the other side does not answer');
    session.destroy();

    const idle = await connectTo(serving);
    await new Promise((resolve) => idle.ping(resolve));
    const closed = once(idle, 'close');
    await clock.advance(15_000);
    await closed;
  });
});
