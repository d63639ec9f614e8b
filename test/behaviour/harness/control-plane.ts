import { randomBytes } from 'node:crypto';
import { type Identity, names, type Ref } from '../../../lib/model';
import type { Clock } from '../../../proxy/clock';
import { ControlPlane as Running } from '../../../proxy/control-plane';
import { localTokens, memoryStore, RootOfTrust, type RootStore } from '../../../proxy/identity';
import { makeRoot, openIssuer } from '../../../proxy/identity/issuer';
import { issueLeaf, type LeafSubject } from '../../../proxy/identity/leaf';
import { jsonLog } from '../../../proxy/log';
import type { Source } from '../../../proxy/sources/source';
import { systemClock } from '../../../proxy/system-clock';

/** The real control plane, in this process, with a root of trust of its own. */
export interface ControlPlane {
  readonly host: string;
  /** Where proxies connect. */
  readonly port: number;
  /** Where its state is read. */
  readonly adminPort: number;
  /** Certificates of its root, PEM. */
  readonly trust: string;
  readonly authority: RootOfTrust;
  /** Proves that a proxy runs in this pod. */
  token(pod: Ref, identity: Identity): string;
  /** A certificate with its key that no proxy would get: what a stranger in the network may have. */
  certify(request: CertificateRequest): Promise<{ readonly cert: string; readonly key: string }>;
  /**
   * What each proxy that the source knows still waits for or has not acknowledged, by `podKey`; those that have all are not in it.
   *
   * @throws Refused where a proxy has refused something, or something cannot be served
   */
  unsettled(): Promise<ReadonlyMap<string, string>>;
  /** Lines that it has logged so far. */
  log(): readonly string[];
  /** Ends it: proxies keep what they have. */
  stop(): Promise<void>;
  /** Ends it and starts another with the same root of trust and at the same port. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export interface CertificateRequest {
  readonly identity?: Identity;
  readonly spiffeId?: string;
  /** Of a server that is found by this name. */
  readonly host?: string;
  /** Absent: the mesh's own. */
  readonly root?: 'another';
  readonly expired?: boolean;
}

export interface ControlPlaneOptions {
  readonly clock?: Clock;
  /** A stage of a rotation of the root lasts at least so long, in milliseconds. */
  readonly settle?: number;
  /** Where it listens, and is found. @default 127.0.0.1, as localhost */
  readonly address?: string;
}

const host = 'localhost';
const hour = 3_600_000;

export async function startControlPlane(
  source: Source,
  { clock = systemClock, settle, address = '127.0.0.1' }: ControlPlaneOptions = {},
): Promise<ControlPlane> {
  const lines: string[] = [];
  const log = jsonLog((line) => lines.push(line), Date.now);
  const { mesh } = source.state.model ?? {};
  const trustDomain = mesh?.trustDomain ?? 'shop.example';
  const store = memoryStore();
  const authority = new RootOfTrust({
    store,
    source: { kind: 'made' },
    settings: {
      trustDomain,
      leafLifetime: mesh?.certificates.lifetime ?? 24 * hour,
      rootLifetime: 10 * 365 * 24 * hour,
    },
    clock,
    random: randomBytes,
    log,
    ...(settle !== undefined && { settle }),
  });
  await authority.ready;
  const tokens = localTokens(clock);
  const start = (port: number) =>
    Running.start({
      source,
      authority,
      authenticator: tokens,
      clock,
      log,
      xds: { host: address, port, serverNames: [host, address] },
      admin: { host: '127.0.0.1', port: 0 },
      onProgress: (progress) => authority.report(progress),
    });
  let running = await start(0);
  const port = running.xdsPort;
  return {
    host: address === '127.0.0.1' ? host : address,
    port,
    get adminPort() {
      return running.adminPort;
    },
    get trust() {
      return authority.trustBundle;
    },
    authority,
    token: (pod, identity) => tokens.issue({ pod, identity, ttl: 24 * hour }),
    certify: (request) => certify(store, trustDomain, request),
    unsettled: () => unsettled(running.adminPort, source),
    log: () => lines,
    stop: () => running.close(),
    restart: async () => {
      await running.close();
      running = await start(port);
    },
    close: async () => {
      await running.close();
      authority.close();
    },
  };
}

async function certify(store: RootStore, trustDomain: string, request: CertificateRequest) {
  const now = Date.now();
  const kept = await store.load();
  const issuer =
    request.root === 'another'
      ? makeRoot({ trustDomain, lifetime: 365 * 24 * hour, now, random: randomBytes })
      : kept?.stage.issuing;
  const open = issuer && openIssuer(issuer);
  if (!open) throw new Error('the key of the root is not known');
  // A root is an hour older than it is, for clocks that are behind: so old can be what it has certified.
  const leaf = issueLeaf(open, {
    subject: subjectOf(trustDomain, request),
    lifetime: request.expired ? 10 * 60_000 : 2 * hour,
    now: request.expired ? now - 30 * 60_000 : now,
    random: randomBytes,
  });
  return { cert: leaf.certificateChain, key: leaf.privateKey };
}

function subjectOf(trustDomain: string, { identity, spiffeId, host: server }: CertificateRequest): LeafSubject {
  if (server !== undefined) return { kind: 'server', hosts: [server] };
  if (spiffeId !== undefined) return { kind: 'workload', spiffeId };
  if (!identity) throw new Error('a certificate is of somebody');
  return { kind: 'workload', spiffeId: names.spiffeId(trustDomain, identity) };
}

interface Status {
  readonly pod: string;
  readonly settled: boolean;
  readonly types: object;
}

async function unsettled(adminPort: number, source: Source): Promise<ReadonlyMap<string, string>> {
  const page = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${adminPort}${path}`);
    return JSON.parse(await response.text());
  };
  const { problems } = (await page('/problems')) as { readonly problems: readonly { readonly kind: string }[] };
  const wrong = problems.filter(({ kind }) => kind !== 'a proxy waits');
  if (wrong.length > 0) throw new Refused(`not all can be served: ${JSON.stringify(wrong, undefined, 2)}`);
  const { proxies, waiting } = (await page('/proxies')) as {
    readonly proxies: readonly Status[];
    readonly waiting: readonly { readonly pod: string; readonly waitsFor: string }[];
  };
  const connected = new Map(proxies.map((proxy) => [proxy.pod, proxy]));
  const waitsFor = new Map(waiting.map((proxy) => [proxy.pod, proxy.waitsFor]));
  const missing = [...source.state.proxies.keys()].flatMap((pod): readonly (readonly [string, string])[] => {
    const proxy = connected.get(pod);
    if (!proxy) return [[pod, waitsFor.has(pod) ? `waits for ${waitsFor.get(pod)}` : 'has not connected']];
    return proxy.settled ? [] : [[pod, `has not acknowledged all: ${JSON.stringify(proxy.types, undefined, 2)}`]];
  });
  return new Map(missing);
}

/** Waiting does not help. */
export class Refused extends Error {}
