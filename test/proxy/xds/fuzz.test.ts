import { once } from 'node:events';
import type { ClientHttp2Session } from 'node:http2';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Protocol, resourceTypes } from '../../../proxy/xds';
import { encode } from '../../../proxy/xds/codec';
import { readDeltaRequest, readStateRequest } from '../../../proxy/xds/messages';
import { ConnectedCall, connectTo, frame } from '../../support/xds/connected-client';
import { megabytesInUse } from '../../support/xds/memory';
import { http2Frame, preface, rawConnection } from '../../support/xds/raw-http2';
import { resource } from '../../support/xds/resources';
import { Served } from '../../support/xds/served';
import { type StartedServer, startServer } from '../../support/xds/started';

/** Bytes and messages that nobody has thought of. FUZZ_RUNS sets how many are tried of each kind. */
const numRuns = Number(process.env.FUZZ_RUNS ?? 60);
/** A long run takes as long as it takes. */
const timeout = 30_000 + 100 * numRuns;
const protocols: readonly Protocol[] = ['delta', 'stateOfTheWorld'];

const typeUrls = [...Object.values(resourceTypes), 'type.googleapis.com/unknown', 'x', ''];
const names = fc.array(fc.constantFrom('a', 'b', '*', '', 'x'.repeat(300), '\u{1f578}'), { maxLength: 5 });
const nonce = fc.constantFrom('', '1', '2', '3', 'x');

const request = {
  delta: fc.record(
    {
      node: fc.constantFrom({}, { id: 'a' }, { id: 'nobody' }),
      typeUrl: fc.constantFrom(...typeUrls),
      resourceNamesSubscribe: names,
      resourceNamesUnsubscribe: names,
      initialResourceVersions: fc.dictionary(fc.constantFrom('a', 'b', 'c', ''), fc.string()),
      responseNonce: nonce,
      errorDetail: fc.constantFrom({}, { message: 'no' }),
    },
    { requiredKeys: ['typeUrl'] },
  ),
  stateOfTheWorld: fc.record(
    {
      node: fc.constantFrom({}, { id: 'a' }, { id: 'nobody' }),
      typeUrl: fc.constantFrom(...typeUrls),
      resourceNames: names,
      versionInfo: fc.string(),
      responseNonce: nonce,
      errorDetail: fc.constantFrom({}, { message: 'no' }),
    },
    { requiredKeys: ['typeUrl'] },
  ),
};

const bytes = fc.uint8Array({ maxLength: 60 });

/** Requests that are right, cut, changed in a byte, framed wrongly, and no requests at all. */
function inputs(protocol: Protocol) {
  const type = `envoy.service.discovery.v3.${protocol === 'delta' ? 'DeltaDiscovery' : 'Discovery'}Request`;
  const right = request[protocol].map((json) => encode(json, type));
  const changed = fc.tuple(right, fc.nat(), fc.nat(255)).map(([message, at, byte]) => {
    const copy = Uint8Array.from(message);
    if (copy.length > 0) copy[at % copy.length] = byte;
    return copy;
  });
  const cut = fc.tuple(right, fc.nat()).map(([message, at]) => message.subarray(0, at % (message.length + 1)));
  return fc.oneof(
    { weight: 6, arbitrary: right.map((message) => frame(message)) },
    { weight: 2, arbitrary: changed.map((message) => frame(message)) },
    { weight: 1, arbitrary: cut.map((message) => frame(message)) },
    {
      weight: 1,
      arbitrary: fc.tuple(bytes, fc.nat(255), fc.nat(1e9)).map(([b, flags, size]) => frame(b, flags, size)),
    },
    { weight: 1, arbitrary: bytes.map((b) => Buffer.from(b)) },
  );
}

let serving: StartedServer;
let session: ClientHttp2Session;
let good: ConnectedCall;
let mark = 1;
const served = new Served([resource.cluster('a'), resource.endpoints('a', [1])]);

beforeAll(async () => {
  serving = await startServer(served, { limits: { firstRequest: 1_000 } });
  session = await connectTo(serving);
  good = new ConnectedCall(session, { token: 'token-good' });
  good.ask({ typeUrl: resourceTypes.cluster, node: { id: 'a' } });
  await good.response();
});
afterAll(async () => {
  session.destroy();
  await serving.close();
});

/** A proxy that behaves is served as ever, and no fault was found on the way. */
async function expectService(): Promise<void> {
  good.ask({ typeUrl: resourceTypes.cluster, responseNonce: String(mark++) });
  served.set([resource.cluster('a', mark), resource.endpoints('a', [mark])]);
  expect(await good.response()).toMatchObject({ nonce: String(mark), resources: [{ name: 'a' }] });
  expect(serving.lines.filter(({ level }) => level === 'error')).toEqual([]);
}

describe.each(protocols)('a stream of %s xDS', (protocol) => {
  it(
    'on which anything is written ends in order, or goes on',
    async () => {
      const before = await megabytesInUse();
      await fc.assert(
        fc.asyncProperty(fc.array(inputs(protocol), { minLength: 1, maxLength: 8 }), async (history) => {
          const call = new ConnectedCall(session, { protocol, token: 'token-fuzz' });
          for (const input of history) call.stream.write(input);
          call.stream.end();
          const { http, status } = await call.ending();
          expect(http).toBe(200);
          expect(['0', '3', '7', '8', '12']).toContain(status);
          await expectService();
        }),
        { numRuns },
      );
      expect((await megabytesInUse()) - before).toBeLessThan(50);
      expect(serving.server.statistics.streams).toBe(1);
    },
    timeout,
  );
});

describe('a connection', () => {
  const anyFrame = fc
    .tuple(fc.nat(10), fc.nat(255), fc.oneof(fc.nat(9), fc.nat()), bytes)
    .map(([type, flags, stream, payload]) => http2Frame(type, flags, stream, payload));

  it(
    'on which anything is written is closed in the end',
    async () => {
      const before = await megabytesInUse();
      const chunks = fc.array(fc.oneof(anyFrame, bytes), { minLength: 1, maxLength: 10 });
      await fc.assert(
        fc.asyncProperty(fc.boolean(), chunks, async (isHttp2, history) => {
          const socket = await rawConnection(serving);
          const closed = once(socket.resume(), 'close').catch(() => {});
          if (isHttp2) socket.write(preface);
          for (const chunk of history) if (!socket.destroyed) socket.write(chunk);
          socket.end();
          await closed;
          await expectService();
        }),
        { numRuns },
      );
      expect((await megabytesInUse()) - before).toBeLessThan(50);
      await expect.poll(() => serving.server.statistics.connections).toBe(1);
    },
    timeout,
  );
});

describe('what reads requests', () => {
  it(
    'reads them or refuses them, and nothing else',
    () => {
      const nested = fc.nat(2_000).map((depth) => new Uint8Array(depth).fill(0x0b));
      fc.assert(
        fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), nested), (message) => {
          for (const read of [readDeltaRequest, readStateRequest]) {
            try {
              expect(typeof read(message).typeUrl).toBe('string');
            } catch (error) {
              expect(error).toBeInstanceOf(Error);
            }
          }
        }),
        { numRuns: numRuns * 20 },
      );
    },
    timeout,
  );
});
