import { EventEmitter, once } from 'node:events';
import { type ClientHttp2Session, type ClientHttp2Stream, connect, type IncomingHttpHeaders } from 'node:http2';
import type { JsonObject } from '@bufbuild/protobuf';
import type { Protocol } from '../../../proxy/xds';
import { decode, encode } from '../../../proxy/xds/codec';
import type { StartedServer } from './started';

const service = '/envoy.service.discovery.v3.AggregatedDiscoveryService';

const methods = {
  delta: { path: `${service}/DeltaAggregatedResources`, type: 'envoy.service.discovery.v3.DeltaDiscovery' },
  stateOfTheWorld: { path: `${service}/StreamAggregatedResources`, type: 'envoy.service.discovery.v3.Discovery' },
} as const;

/** A connection to a server of xDS, as anybody may open one. */
export async function connectTo(
  { server, root }: Pick<StartedServer, 'server' | 'root'>,
  port = server.port,
): Promise<ClientHttp2Session> {
  const session = connect(`https://localhost:${port}`, { ca: root.certificate });
  session.on('error', () => {});
  await once(session, 'connect');
  return session;
}

export interface CallOptions {
  readonly protocol?: Protocol;
  /** `undefined`: none. */
  readonly token?: string | undefined;
  readonly headers?: { readonly [name: string]: string };
  readonly path?: string;
}

/** One call of gRPC whose messages a test writes by hand. */
export class ConnectedCall {
  readonly stream: ClientHttp2Stream;
  private readonly protocol: Protocol;
  private readonly events = new EventEmitter();
  private readonly unread: Buffer[] = [];
  private received: Buffer = Buffer.alloc(0);
  private head: IncomingHttpHeaders | undefined;
  private tail: IncomingHttpHeaders | undefined;

  constructor(session: ClientHttp2Session, options: CallOptions = {}) {
    const { protocol = 'delta', path = methods[protocol].path, headers = {} } = options;
    const token = 'token' in options ? options.token : 'token-a';
    this.protocol = protocol;
    this.stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    });
    this.stream.on('error', () => {});
    this.stream.on('response', (response) => {
      this.head = response;
    });
    this.stream.on('trailers', (trailers) => {
      this.tail = trailers;
    });
    this.stream.on('data', (part: Buffer) => this.read(part));
    this.stream.on('close', () => this.events.emit('news'));
  }

  /** A request as protobuf-JSON, in a frame of its own. */
  ask(request: JsonObject): void {
    this.stream.write(frame(encode(request, `${methods[this.protocol].type}Request`)));
  }

  /** The next message that comes. */
  async bytes(): Promise<Buffer> {
    for (;;) {
      const message = this.unread.shift();
      if (message) return message;
      if (this.stream.closed) throw new Error(`the stream has ended: ${JSON.stringify(this.tail ?? this.head)}`);
      await once(this.events, 'news');
    }
  }

  /** The next response, as protobuf-JSON. */
  async response(): Promise<JsonObject> {
    return decode(await this.bytes(), `${methods[this.protocol].type}Response`);
  }

  /** How it ends: HTTP status, and the status of gRPC. */
  async ending(): Promise<{ readonly http: number; readonly status: string; readonly message: string }> {
    while (!this.stream.closed) await once(this.events, 'news');
    const http = Number(this.head?.[':status'] ?? 0);
    const last = this.tail ?? this.head ?? {};
    return { http, status: String(last['grpc-status'] ?? ''), message: String(last['grpc-message'] ?? '') };
  }

  /** Messages that have come and were not asked for. */
  get waiting(): number {
    return this.unread.length;
  }

  private read(part: Buffer): void {
    this.received = this.received.length === 0 ? part : Buffer.concat([this.received, part]);
    while (this.received.length >= 5) {
      const end = 5 + this.received.readUInt32BE(1);
      if (this.received.length < end) return;
      this.unread.push(this.received.subarray(5, end));
      this.received = this.received.subarray(end);
      this.events.emit('news');
    }
  }
}

/** A message of gRPC: its flags, its length, itself. */
export function frame(message: Uint8Array, flags = 0, length = message.length): Buffer {
  const prefix = Buffer.alloc(5);
  prefix[0] = flags;
  prefix.writeUInt32BE(length, 1);
  return Buffer.concat([prefix, message]);
}
