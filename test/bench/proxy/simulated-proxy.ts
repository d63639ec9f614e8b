import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2';
import { create, fromBinary, type Message, toBinary, toJson } from '@bufbuild/protobuf';
import { registry } from '../../support/envoy/registry';

/**
 * As much of an Envoy as a control plane sees: one delta ADS stream, on which it asks for all that its resources refer to and
 * acknowledges what it gets. What it holds survives the stream, as in an Envoy whose control plane went away.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/api-docs/xds_protocol#incremental-xds
 */
export class SimulatedProxy {
  /** Versions of what it holds, by type and name. */
  private readonly held = new Map<string, Map<string, string>>();
  /** What it has asked for by name and not got yet. */
  private readonly waiting = new Set<string>();
  private stream: ClientHttp2Stream | undefined;
  private unread: Buffer = Buffer.alloc(0);
  /** Bytes of the resources that came on the current stream, by `type name`. */
  readonly received = new Map<string, number>();
  /** Calls back whenever something has come. */
  arrived: () => void = () => {};
  /** Calls back when the stream ends that it has not ended itself. */
  lost: () => void = () => {};

  constructor(
    private readonly id: string,
    private readonly token: string,
  ) {}

  connect(session: ClientHttp2Session): void {
    this.received.clear();
    this.waiting.clear();
    this.unread = Buffer.alloc(0);
    this.stream = session.request(
      {
        ':method': 'POST',
        ':path': '/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources',
        'content-type': 'application/grpc',
        te: 'trailers',
        authorization: `Bearer ${this.token}`,
      },
      { endStream: false },
    );
    this.stream.on('data', (part: Buffer) => this.read(part));
    const { stream } = this;
    stream.on('error', () => {});
    stream.on('close', () => {
      if (this.stream === stream) this.lost();
    });
    for (const type of order) {
      const held = this.held.get(type) ?? new Map<string, string>();
      const names = wildcard.has(type) ? [] : [...held.keys()];
      if (!wildcard.has(type) && names.length === 0) continue;
      this.ask({ typeUrl: type, resourceNamesSubscribe: names, initialResourceVersions: Object.fromEntries(held) });
    }
  }

  /** All that it refers to has come. The listener of readiness is sent when everything else has been acknowledged. */
  get complete(): boolean {
    return this.waiting.size === 0 && (this.held.get(listener)?.has('readiness') ?? false);
  }

  disconnect(): void {
    const { stream } = this;
    this.stream = undefined;
    stream?.close();
  }

  private ask(request: { readonly typeUrl: string; readonly [field: string]: unknown }): void {
    const message = create(requestSchema(), { node: { id: this.id }, ...request } as never);
    this.stream?.write(framed(toBinary(requestSchema(), message)));
  }

  private read(part: Buffer): void {
    this.unread = this.unread.length === 0 ? part : Buffer.concat([this.unread, part]);
    while (this.unread.length >= 5) {
      const end = 5 + this.unread.readUInt32BE(1);
      if (this.unread.length < end) return;
      this.take(fromBinary(responseSchema(), this.unread.subarray(5, end)) as unknown as Response);
      this.unread = this.unread.subarray(end);
    }
  }

  private take({ typeUrl, nonce, resources, removedResources }: Response): void {
    const held = this.held.get(typeUrl) ?? new Map<string, string>();
    this.held.set(typeUrl, held);
    const wanted = new Map<string, string[]>();
    for (const { name, version, resource } of resources) {
      held.set(name, version);
      this.waiting.delete(`${typeUrl} ${name}`);
      const bytes = resource?.value.length ?? 0;
      this.received.set(`${typeUrl} ${name}`, (this.received.get(`${typeUrl} ${name}`) ?? 0) + bytes);
      for (const [type, referred] of resource ? referencesOf(resource, version) : []) {
        if (this.held.get(type)?.has(referred) || this.waiting.has(`${type} ${referred}`)) continue;
        this.waiting.add(`${type} ${referred}`);
        wanted.set(type, [...(wanted.get(type) ?? []), referred]);
      }
    }
    for (const name of removedResources) {
      held.delete(name);
      this.waiting.delete(`${typeUrl} ${name}`);
    }
    this.ask({ typeUrl, responseNonce: nonce });
    for (const [type, resourceNamesSubscribe] of wanted) this.ask({ typeUrl: type, resourceNamesSubscribe });
    this.arrived();
  }
}

interface Response extends Message {
  readonly typeUrl: string;
  readonly nonce: string;
  readonly resources: readonly { readonly name: string; readonly version: string; readonly resource?: Resource }[];
  readonly removedResources: readonly string[];
}

interface Resource {
  readonly typeUrl: string;
  readonly value: Uint8Array;
}

const prefix = 'type.googleapis.com/';
const cluster = `${prefix}envoy.config.cluster.v3.Cluster`;
const listener = `${prefix}envoy.config.listener.v3.Listener`;
const endpoints = `${prefix}envoy.config.endpoint.v3.ClusterLoadAssignment`;
const routes = `${prefix}envoy.config.route.v3.RouteConfiguration`;
const secret = `${prefix}envoy.extensions.transport_sockets.tls.v3.Secret`;
const filter = `${prefix}envoy.config.core.v3.TypedExtensionConfig`;

/** In which a proxy asks, after it has lost its stream too. */
const order = [cluster, endpoints, listener, routes, filter, secret] as const;
const wildcard: ReadonlySet<string> = new Set([cluster, listener]);

type Reference = readonly [type: string, name: string];

/** What a resource refers to. Proxies share most of what they get, so each version is looked through once. */
const known = new Map<string, readonly Reference[]>();

function referencesOf(resource: Resource, version: string): readonly Reference[] {
  if (resource.typeUrl === endpoints || resource.typeUrl === secret) return [];
  const key = `${resource.typeUrl} ${version}`;
  const before = known.get(key);
  if (before) return before;
  const schema = registry().getMessage(resource.typeUrl.slice(prefix.length));
  if (!schema) throw new Error(`Envoy has no ${resource.typeUrl}`);
  const found: Reference[] = [];
  collect(toJson(schema, fromBinary(schema, resource.value), { registry: registry() }), found);
  known.set(key, found);
  return found;
}

function collect(json: unknown, found: Reference[]): void {
  if (Array.isArray(json)) for (const item of json) collect(item, found);
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return;
  const message = json as { readonly [field: string]: unknown };
  const { name } = message;
  if (message.edsClusterConfig) found.push([endpoints, text(message.edsClusterConfig, 'serviceName') ?? String(name)]);
  if (message.sdsConfig) found.push([secret, String(name)]);
  if (message.configDiscovery) found.push([filter, String(name)]);
  if (message.rds) found.push([routes, text(message.rds, 'routeConfigName') ?? '']);
  for (const value of Object.values(message)) collect(value, found);
}

function text(message: unknown, field: string): string | undefined {
  const value = (message as { readonly [field: string]: unknown })[field];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

const requestSchema = () => schemaOf('envoy.service.discovery.v3.DeltaDiscoveryRequest');
const responseSchema = () => schemaOf('envoy.service.discovery.v3.DeltaDiscoveryResponse');

function schemaOf(name: string) {
  const schema = registry().getMessage(name);
  if (!schema) throw new Error(`Envoy has no message ${name}`);
  return schema;
}

/** Of gRPC: not compressed, the length, the message. */
function framed(message: Uint8Array): Buffer {
  const frame = Buffer.alloc(5 + message.length);
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, 5);
  return frame;
}
