import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type ClientHttp2Session, connect } from 'node:http2';
import type { JsonObject } from '@bufbuild/protobuf';
import type { Model, Ref } from '../../lib/model';
import { ControlPlane, type ControlPlaneOptions } from '../../proxy/control-plane';
import { type LocalTokens, localTokens, memoryStore, RootOfTrust } from '../../proxy/identity';
import { type Fields, jsonLog } from '../../proxy/log';
import { MemorySource } from '../../proxy/sources/memory';
import type { ObservedProxy } from '../../proxy/sources/source';
import { systemClock } from '../../proxy/system-clock';
import { ConnectedCall } from '../support/xds/connected-client';

/** A whole control plane in this process, and clients that speak delta xDS by hand. */
export interface Serving {
  readonly source: MemorySource;
  readonly controlPlane: ControlPlane;
  readonly authority: RootOfTrust;
  readonly tokens: LocalTokens;
  readonly lines: readonly (Fields & { readonly level: string; readonly message: string })[];
  /** A page of its admin server. */
  page(path: string): Promise<string>;
  /** A stream of a pod that runs as this service account. */
  connect(pod: Ref, serviceAccount?: string): Promise<DeltaClient>;
  close(): Promise<void>;
}

export async function startServing(
  mesh: Model | undefined,
  over: Partial<Pick<ControlPlaneOptions, 'clock' | 'patience' | 'maker'>> = {},
): Promise<Serving> {
  const clock = over.clock ?? systemClock;
  const source = new MemorySource();
  if (mesh) source.setModel(mesh);
  const lines: (Fields & { level: string; message: string })[] = [];
  const log = jsonLog(
    (line) => lines.push(JSON.parse(line)),
    () => clock.now(),
    'debug',
  );
  const authority = new RootOfTrust({
    store: memoryStore(),
    source: { kind: 'made' },
    settings: { trustDomain: 'shop.example', leafLifetime: 86_400_000, rootLifetime: 365 * 86_400_000 },
    clock,
    random: randomBytes,
    log,
  });
  await authority.ready;
  const tokens = localTokens(clock);
  const controlPlane = await ControlPlane.start({
    source,
    authority,
    authenticator: tokens,
    log,
    xds: { host: '127.0.0.1', port: 0, serverNames: ['localhost'] },
    admin: { host: '127.0.0.1', port: 0 },
    ...over,
    clock,
  });
  const sessions: ClientHttp2Session[] = [];
  return {
    source,
    controlPlane,
    authority,
    tokens,
    lines,
    page: async (path) => (await fetch(`http://127.0.0.1:${controlPlane.adminPort}${path}`)).text(),
    connect: async (pod, serviceAccount = pod.name) => {
      const session = connect(`https://localhost:${controlPlane.xdsPort}`, { ca: authority.trustBundle });
      session.on('error', () => {});
      await once(session, 'connect');
      sessions.push(session);
      const identity = { namespace: pod.namespace, serviceAccount };
      return new DeltaClient(new ConnectedCall(session, { token: tokens.issue({ pod, identity, ttl: 3_600_000 }) }));
    },
    close: async () => {
      for (const session of sessions) session.destroy();
      await controlPlane.close();
      authority.close();
    },
  };
}

/** The sidecar of a service, in a pod of one port. */
export function sidecarOf(of: Ref): ObservedProxy {
  const { namespace, name } = of;
  return {
    proxy: { kind: 'sidecar', member: { kind: 'service', namespace, name } },
    binding: { kind: 'pod', applicationPorts: [8080] },
  };
}

interface Response {
  readonly typeUrl: string;
  readonly nonce: string;
  /** By name. */
  readonly resources: ReadonlyMap<string, JsonObject>;
  readonly removed: readonly string[];
}

/** Asks and answers as a test says. */
export class DeltaClient {
  constructor(readonly call: ConnectedCall) {}

  /** Absent names: all. */
  subscribe(typeUrl: string, names: readonly string[] = []): void {
    this.call.ask({ node: { id: 'test' }, typeUrl, resourceNamesSubscribe: [...names] });
  }

  async next(): Promise<Response> {
    const {
      typeUrl,
      nonce,
      resources = [],
      removedResources = [],
    } = (await this.call.response()) as unknown as {
      readonly typeUrl: string;
      readonly nonce: string;
      readonly resources?: readonly { readonly name: string; readonly resource?: JsonObject }[];
      readonly removedResources?: readonly string[];
    };
    return {
      typeUrl,
      nonce,
      resources: new Map(resources.map(({ name, resource = {} }) => [name, resource])),
      removed: removedResources,
    };
  }

  /** The next response, acknowledged. */
  async take(): Promise<Response> {
    const response = await this.next();
    this.acknowledge(response);
    return response;
  }

  acknowledge({ typeUrl, nonce }: Response): void {
    this.call.ask({ typeUrl, responseNonce: nonce });
  }

  refuse({ typeUrl, nonce }: Response, message: string): void {
    this.call.ask({ typeUrl, responseNonce: nonce, errorDetail: { code: 3, message } });
  }
}
