import { once } from 'node:events';
import { createSecureServer, type Http2SecureServer, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { AdsStream, Surroundings } from './ads-stream';
import type { StreamStatus } from './client';
import { Connection } from './connection';
import { LimitedLog } from './limited-log';
import { OpenStreams } from './open-streams';
import { defaultLimits, type Limits, type ServerCertificate, type StreamInfo, type XdsServerOptions } from './options';
import { Counters, type Statistics } from './statistics';
import { WaitingRoom } from './waiting-room';

/** xDS over gRPC over TLS 1.3: takes connections, and keeps each of them within its limits. */
export class XdsServer {
  /** On which it listens, or has listened. */
  port = 0;
  private readonly connections = new Set<Connection>();
  private readonly sockets = new Set<Socket>();
  private readonly counters = new Counters();
  private readonly open: OpenStreams<AdsStream>;
  private readonly complaints: LimitedLog;
  private readonly waiting: WaitingRoom;
  private readonly around: Surroundings & { readonly random: () => number };

  /** Listens when it is given. */
  static async start<Identity>(options: XdsServerOptions<Identity>): Promise<XdsServer> {
    const limits = { ...defaultLimits, ...options.limits };
    const server = createSecureServer({ ...http2Options(limits), ...secureContext(options.certificate) });
    const authenticate = async (token: string, peer: string) => {
      const identity = await options.authenticate(token, peer);
      return (stream: StreamInfo) => options.connect(identity, stream);
    };
    const xds = new XdsServer(server, { ...options, authenticate }, limits);
    server.listen({ host: options.host, port: options.port, backlog: 4096 });
    await once(server, 'listening');
    xds.port = (server.address() as AddressInfo).port;
    return xds;
  }

  private constructor(
    private readonly server: Http2SecureServer,
    options: Pick<Surroundings, 'authenticate' | 'clock' | 'log'> & { readonly random?: () => number },
    limits: Limits,
  ) {
    const { clock, log, authenticate, random = Math.random } = options;
    this.complaints = new LimitedLog(log, clock);
    this.open = new OpenStreams(limits.streamsPerClient);
    const { counters, complaints, open: streams } = this;
    this.around = { authenticate, clock, log, complaints, limits, counters, streams, random };
    this.waiting = new WaitingRoom(limits.unauthenticatedConnections, (peer) => {
      this.refuse(peer, 'too many connections have not proven themselves, and it is the oldest');
    });

    server.maxConnections = limits.connections;
    server.on('connection', (socket: Socket) => this.greet(socket));
    server.on('drop', (data) => this.refuse(`${data?.remoteAddress}:${data?.remotePort}`, 'there are too many'));
    server.on('tlsClientError', (error, socket) => this.refuseHandshake(socket, error));
    server.on('unknownProtocol', (socket) => {
      this.refuse(peerOf(socket), 'it does not speak HTTP/2');
      socket.destroy();
    });
    server.on('session', (session) => this.receive(session));
  }

  /** Proves itself with this to connections from now on. */
  setCertificate(certificate: ServerCertificate): void {
    this.server.setSecureContext(secureContext(certificate));
  }

  /** How far each stream is. */
  streams(): StreamStatus[] {
    return this.open.all().flatMap((stream) => stream.status ?? []);
  }

  get statistics(): Statistics {
    return this.counters;
  }

  /** Takes no more connections and ends all that there are: gracefully, which asks clients to go elsewhere, or at once. */
  async close({ graceful }: { readonly graceful: boolean }): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    if (graceful) for (const connection of this.connections) connection.close();
    else for (const socket of this.sockets) socket.destroy();
    for (const socket of this.waiting.all()) socket.destroy();
    await closed;
  }

  private greet(socket: Socket): void {
    const peer = peerOf(socket);
    this.counters.connections++;
    this.counters.acceptedConnections++;
    this.sockets.add(socket);
    socket.once('close', () => {
      this.counters.connections--;
      this.sockets.delete(socket);
    });
    this.waiting.enter(peer, socket);
  }

  private receive(session: ServerHttp2Session): void {
    const peer = peerOf(session.socket);
    const connection = new Connection(session, peer, this.around, () => this.waiting.leave(peer));
    this.connections.add(connection);
    session.once('close', () => this.connections.delete(connection));
  }

  private refuseHandshake(socket: TLSSocket, error: Error & { readonly code?: string }): void {
    socket.destroy();
    // Whoever connects and goes away again, as a probe of a load balancer does, has done nothing wrong.
    if (error.code === 'ECONNRESET') return;
    this.refuse(peerOf(socket), 'its TLS handshake failed', error.message);
  }

  private refuse(peer: string, reason: string, details?: string): void {
    this.counters.refuseConnection(reason);
    this.complaints.warn('a connection is closed', { peer, reason, ...(details === undefined ? {} : { details }) });
  }
}

function peerOf(socket: Pick<Socket, 'remoteAddress' | 'remotePort'>): string {
  return `${socket.remoteAddress}:${socket.remotePort}`;
}

function secureContext({ certificateChain, privateKey }: ServerCertificate) {
  return { cert: certificateChain, key: privateKey, minVersion: 'TLSv1.3' } as const;
}

function http2Options(limits: Limits) {
  return {
    handshakeTimeout: limits.handshake,
    unknownProtocolTimeout: limits.handshake,
    // In megabytes, and by connection. Twice what all streams of one may have before them; beyond it Node resets streams.
    maxSessionMemory: Math.ceil((2 * limits.streamsPerConnection * (limits.responseBytes + limits.requestBytes)) / 1e6),
    maxSessionInvalidFrames: 10,
    maxSessionRejectedStreams: 10,
    maxOutstandingPings: 2,
    maxSettings: 16,
    maxHeaderListPairs: 64,
    settings: {
      enablePush: false,
      maxConcurrentStreams: limits.streamsPerConnection,
      maxHeaderListSize: limits.headerBytes,
    },
  };
}
