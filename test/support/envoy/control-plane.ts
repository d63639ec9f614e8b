import { EventEmitter, once } from 'node:events';
import {
  createSecureServer,
  type Http2SecureServer,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { decode } from './registry';

export interface Arrival {
  readonly headers: IncomingHttpHeaders;
  /** The first message of the stream, as protobuf-JSON. */
  readonly request: { readonly [field: string]: unknown };
  /** Ends the stream as a control plane does that goes away. */
  readonly end: () => void;
}

/**
 * As much of a control plane as a proxy meets when it connects: HTTP/2 over TLS 1.3, and streams of delta xDS that are
 * accepted and get no answer.
 */
export class ListeningControlPlane {
  private readonly server: Http2SecureServer;
  private readonly events = new EventEmitter();
  private readonly arrivals: Arrival[] = [];
  private received = 0;

  constructor(certificate: { readonly cert: string; readonly key: string }) {
    this.server = createSecureServer({ ...certificate, minVersion: 'TLSv1.3' });
    this.server.on('stream', (stream: ServerHttp2Stream, headers) => this.receive(stream, headers));
    // Of connections that the other side gives up, which is what some tests are about.
    this.server.on('sessionError', () => {});
  }

  async listen(): Promise<void> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** How many streams have come. */
  get streams(): number {
    return this.received;
  }

  /** The stream that comes next, or that has come and was not yet asked for. */
  async arrival(): Promise<Arrival> {
    for (;;) {
      const arrival = this.arrivals.shift();
      if (arrival) return arrival;
      await once(this.events, 'arrival');
    }
  }

  /** What it proves itself with to connections from now on. */
  present(certificate: { readonly cert: string; readonly key: string }): void {
    this.server.setSecureContext({ ...certificate, minVersion: 'TLSv1.3' });
  }

  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.events.emit('close');
    await closed;
  }

  private receive(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    this.received++;
    const received: Buffer[] = [];
    const end = () => {
      stream.once('close', () => stream.session?.destroy());
      stream.end();
    };
    this.events.once('close', () => stream.session?.destroy());
    stream.on('error', () => {});
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
    stream.on('data', (part: Buffer) => {
      received.push(part);
      const message = firstMessage(Buffer.concat(received));
      if (!message) return;
      stream.removeAllListeners('data').resume();
      const request = decode(message, 'envoy.service.discovery.v3.DeltaDiscoveryRequest');
      this.arrivals.push({ headers, request, end });
      this.events.emit('arrival');
    });
  }
}

/** Of gRPC: a byte of flags, four of length, the message. */
function firstMessage(bytes: Buffer): Buffer | undefined {
  if (bytes.length < 5) return undefined;
  const end = 5 + bytes.readUInt32BE(1);
  return bytes.length < end ? undefined : bytes.subarray(5, end);
}
