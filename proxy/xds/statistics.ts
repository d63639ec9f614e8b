/** What the server has done since it started, and what it holds now. Counted, never reset. */
export interface Statistics {
  /** Open now. */
  readonly connections: number;
  /** Proven, and open now. */
  readonly streams: number;
  readonly acceptedConnections: number;
  /** Closed because of what the other side did or did not do, by reason. */
  readonly refusedConnections: ReadonlyMap<string, number>;
  /** Ended for what the client did, by the name of the gRPC status. */
  readonly refusedStreams: ReadonlyMap<string, number>;
  readonly requests: number;
  readonly responses: number;
  /** Bytes of responses. */
  readonly bytes: number;
}

export class Counters implements Statistics {
  connections = 0;
  streams = 0;
  acceptedConnections = 0;
  readonly refusedConnections = new Map<string, number>();
  readonly refusedStreams = new Map<string, number>();
  requests = 0;
  responses = 0;
  bytes = 0;

  refuseConnection(reason: string): void {
    this.refusedConnections.set(reason, (this.refusedConnections.get(reason) ?? 0) + 1);
  }

  refuseStream(reason: string): void {
    this.refusedStreams.set(reason, (this.refusedStreams.get(reason) ?? 0) + 1);
  }
}
