import type { Clock } from '../clock';
import type { Log } from '../log';
import type { Client, Node, Protocol } from './client';

export interface XdsServerOptions<Identity> {
  readonly host: string;
  /** 0: one that is free. */
  readonly port: number;
  /** What it proves itself with, PEM. {@link XdsServer.setCertificate} replaces it. */
  readonly certificate: ServerCertificate;
  /**
   * Whom the token of a stream proves. A failure with the class `Refusal` closes the stream as unauthenticated, with its words in
   * the log alone; any other is a fault of the control plane, and the client may try again.
   */
  readonly authenticate: (token: string, peer: string) => Promise<Identity>;
  /** What the stream of such a client is to have; a `Refusal` if it is to have nothing. */
  readonly connect: (identity: Identity, stream: StreamInfo) => Client | Promise<Client>;
  readonly clock: Clock;
  readonly log: Log;
  /** From 0 to 1; spreads what all would do at the same time. @default Math.random */
  readonly random?: () => number;
  readonly limits?: Partial<Limits>;
}

export interface ServerCertificate {
  /** With what leads to the root. */
  readonly certificateChain: string;
  readonly privateKey: string;
}

/** A stream that has proven itself, and what its first request says. */
export interface StreamInfo {
  readonly node: Node;
  readonly protocol: Protocol;
  readonly peer: string;
}

/** What one client may cost. Times in milliseconds. */
export interface Limits {
  /** Connections at a time. */
  readonly connections: number;
  /**
   * Connections of which no stream has proven itself yet. One more closes the oldest of them, so that whoever opens many shuts
   * out nobody who has a token.
   */
  readonly unauthenticatedConnections: number;
  readonly streamsPerConnection: number;
  /** Of one {@link Client.key}. One more ends the oldest of them. */
  readonly streamsPerClient: number;
  /** Names that one stream may subscribe to. */
  readonly names: number;
  /** Bytes of one request. */
  readonly requestBytes: number;
  /** Bytes of one response of delta xDS, unless a single resource is larger. What is more goes into the next response. */
  readonly responseBytes: number;
  /** Bytes of the headers of a stream. */
  readonly headerBytes: number;
  /** From the connection to the end of the handshake. */
  readonly handshake: number;
  /** From the connection to a stream that has proven itself, and from the end of the last stream to the end of its connection. */
  readonly idle: number;
  /** From the beginning of a stream to its first request. */
  readonly firstRequest: number;
  /** How long a client may not read while there is something for it. */
  readonly stalled: number;
  /** Pings tell a client that has nothing to say from one that is gone. */
  readonly keepalive: { readonly interval: number; readonly timeout: number };
  /** After which a client is asked to connect anew, give or take a fifth: so new replicas get their share, and tokens are checked. */
  readonly connectionAge: number;
  /** From the notice that a connection ends to its end. */
  readonly grace: number;
}

export const defaultLimits: Limits = {
  connections: 20_000,
  unauthenticatedConnections: 1_000,
  streamsPerConnection: 100,
  streamsPerClient: 32,
  names: 100_000,
  requestBytes: 4 * 1024 * 1024,
  responseBytes: 1024 * 1024,
  headerBytes: 16 * 1024,
  handshake: 5_000,
  idle: 15_000,
  firstRequest: 10_000,
  stalled: 60_000,
  keepalive: { interval: 30_000, timeout: 10_000 },
  connectionAge: 30 * 60_000,
  grace: 5_000,
};
