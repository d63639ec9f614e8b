import type { ClientHttp2Session } from 'node:http2';
import { fromBinary } from '@bufbuild/protobuf';
import { afterEach, describe, expect, it } from 'vitest';
import { type Protocol, type Resource, resourceTypes } from '../../../proxy/xds';
import { messageNamed } from '../../../proxy/xds/descriptors';
import { ConnectedCall, connectTo } from '../../support/xds/connected-client';
import { megabytesInUse } from '../../support/xds/memory';
import { resource } from '../../support/xds/resources';
import { Served } from '../../support/xds/served';
import { startServer } from '../../support/xds/started';

/** A thousand proxies at once, on a few connections. */

const { cluster, endpoints, listener, route } = resourceTypes;
const types: readonly string[] = [cluster, endpoints, listener, route];
const proxies = 1_000;
const upstreams = ['a', 'b', 'c', 'd', 'e'];

const resources = (mark = 1): Resource[] =>
  upstreams.flatMap((name, index) => [
    resource.cluster(name),
    resource.endpoints(name, [mark]),
    resource.listener(name, 1_000 + index),
    resource.route(name, name),
  ]);

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

/** What a simulated proxy has, and keeps when its stream ends: versions by type and name. */
class SimulatedProxy {
  private readonly has = new Map(types.map((typeUrl) => [typeUrl, new Map<string, string>()]));
  private readonly versionInfo = new Map<string, string>();
  received = 0;
  private call: ConnectedCall | undefined;

  constructor(
    private readonly id: string,
    private readonly protocol: Protocol,
  ) {}

  /** Asks for everything that it knows of, and answers what comes, until the stream ends. */
  async connect(session: ClientHttp2Session): Promise<void> {
    this.received = 0;
    const call = new ConnectedCall(session, { token: `token-${this.id}`, protocol: this.protocol });
    this.call = call;
    for (const typeUrl of types) this.ask(call, typeUrl, { node: { id: this.id } });
    for (;;) {
      const message = await call.bytes().catch(() => undefined);
      if (!message) return;
      this.take(call, fromBinary(messageNamed(responses[this.protocol]), message) as unknown as Response);
    }
  }

  get isComplete(): boolean {
    return types.every((typeUrl) => this.has.get(typeUrl)?.size === upstreams.length);
  }

  disconnect(): void {
    this.call?.stream.end();
  }

  private ask(call: ConnectedCall, typeUrl: string, more: object): void {
    const isWildcard = typeUrl === cluster || typeUrl === listener;
    const names = isWildcard ? [] : upstreams;
    const known = Object.fromEntries(this.has.get(typeUrl) ?? []);
    call.ask(
      this.protocol === 'delta'
        ? { typeUrl, ...more, resourceNamesSubscribe: names, initialResourceVersions: known }
        : { typeUrl, ...more, resourceNames: names, versionInfo: this.versionInfo.get(typeUrl) ?? '' },
    );
  }

  private take(call: ConnectedCall, { typeUrl, nonce, versionInfo, resources: all }: Response): void {
    this.received += all.length;
    // What state-of-the-world xDS sends has no name of its own; it is enough to count it.
    all.forEach(({ name, version = '' }, index) => {
      this.has.get(typeUrl)?.set(name ?? upstreams[index] ?? '', version);
    });
    this.versionInfo.set(typeUrl, versionInfo);
    if (this.protocol === 'delta') call.ask({ typeUrl, responseNonce: nonce });
    else this.ask(call, typeUrl, { responseNonce: nonce });
  }
}

interface Response {
  readonly typeUrl: string;
  readonly nonce: string;
  readonly versionInfo: string;
  readonly resources: readonly { readonly name?: string; readonly version?: string }[];
}

const responses = {
  delta: 'envoy.service.discovery.v3.DeltaDiscoveryResponse',
  stateOfTheWorld: 'envoy.service.discovery.v3.DiscoveryResponse',
} as const;

describe.each<Protocol>(['delta', 'stateOfTheWorld'])('a thousand proxies that speak %s xDS', (protocol) => {
  it('connect, and connect again, and what they have for certain is not sent again', async () => {
    const served = new Served(resources());
    const serving = await startServer(served, { limits: { streamsPerConnection: 250 } });
    undo.push(() => serving.close());
    const { statistics } = serving.server;
    const all = Array.from({ length: proxies }, (_, index) => new SimulatedProxy(`proxy-${index}`, protocol));
    const before = await megabytesInUse();
    await connectAll(serving, all);
    await expect.poll(() => all.filter((proxy) => proxy.isComplete).length, { timeout: 30_000 }).toBe(proxies);
    // Both sides of a thousand streams are in this process.
    expect((await megabytesInUse()) - before).toBeLessThan(200);

    const reports = served.reports.length;
    served.set(resources(2));
    const acknowledged = () =>
      served.reports.slice(reports).filter(({ kind, typeUrl }) => kind === 'acknowledged' && typeUrl === endpoints);
    await expect.poll(() => new Set(acknowledged().map(({ key }) => key)).size, { timeout: 30_000 }).toBe(proxies);
    const { bytes } = statistics;
    const sent = served.reports.length;

    for (const proxy of all) proxy.disconnect();
    await expect.poll(() => statistics.streams, { timeout: 30_000 }).toBe(0);
    const requests = statistics.requests;
    await connectAll(serving, all);
    const asked = requests + proxies * types.length;
    await expect.poll(() => statistics.requests, { timeout: 30_000 }).toBeGreaterThanOrEqual(asked);
    await expect
      .poll(() => serving.server.streams().filter(({ settled }) => settled).length, { timeout: 30_000 })
      .toBe(proxies);
    const again = served.reports.slice(sent).flatMap((report) => (report.kind === 'sent' ? [report.typeUrl] : []));
    // Who speaks state-of-the-world xDS and names what it wants gets that again.
    expect(new Set(again)).toEqual(new Set(protocol === 'delta' ? [] : [endpoints, route]));
    if (protocol === 'delta') expect(statistics.bytes - bytes).toBe(0);
  });
});

async function connectAll(
  serving: Awaited<ReturnType<typeof startServer>>,
  all: readonly SimulatedProxy[],
): Promise<void> {
  const sessions = await Promise.all(Array.from({ length: 4 }, () => connectTo(serving)));
  undo.push(() => {
    for (const session of sessions) session.destroy();
  });
  all.forEach((proxy, index) => {
    const session = sessions[index % sessions.length];
    if (session) proxy.connect(session);
  });
}
