import type { Clock, Timer } from '../clock';
import { Refusal } from '../identity/authenticator';
import type { Log } from '../log';
import type { Client, Node, Protocol, StreamStatus } from './client';
import type { Call } from './grpc/call';
import { GrpcError, type Status, status } from './grpc/status';
import type { LimitedLog } from './limited-log';
import { readDeltaRequest, readStateRequest, writeDeltaResponse, writeStateResponse } from './messages';
import type { OpenStreams } from './open-streams';
import type { Limits, StreamInfo } from './options';
import type { Counters } from './statistics';
import { deliveryOf } from './stream/answers';
import { type Action, type Event, newStream, type Response, type StreamState } from './stream/state';
import { isSettled, typeStatuses } from './stream/status';
import { step } from './stream/step';

/** What all streams share. */
export interface Surroundings {
  /** Whom the token proves is known to what this gives. */
  readonly authenticate: (token: string, peer: string) => Promise<Connect>;
  readonly clock: Clock;
  readonly log: Log;
  readonly complaints: LimitedLog;
  readonly limits: Limits;
  readonly counters: Counters;
  readonly streams: OpenStreams<AdsStream>;
}

type Connect = (stream: StreamInfo) => Client | Promise<Client>;

/** A stream of xDS: does what {@link step} asks for. */
export class AdsStream {
  private client: Client | undefined;
  private node: Node | undefined;
  private state: StreamState | undefined;
  private since = 0;
  /** The client takes no more for now. */
  private isBlocked = false;
  private stalled: Timer | undefined;

  constructor(
    private readonly call: Call,
    private readonly protocol: Protocol,
    private readonly peer: string,
    private readonly around: Surroundings,
  ) {}

  /** Runs until the stream ends. */
  async run(onAuthenticated: () => void): Promise<void> {
    const closed = new Promise<void>((resolve) => this.call.onClose(resolve));
    try {
      const connect = await this.authenticate();
      if (this.call.isOver) return;
      onAuthenticated();
      await this.serve(connect);
    } catch (error) {
      this.refuse(error);
    } finally {
      await closed;
      this.close();
    }
  }

  /** Ends it so that the client connects anew. */
  end(): void {
    this.call.end(status.OK);
  }

  abort(): void {
    this.call.abort();
  }

  get status(): StreamStatus | undefined {
    if (!this.client || !this.state || !this.node) return undefined;
    const { key } = this.client;
    const { protocol, node, peer, since, state } = this;
    return { key, protocol, node, peer, since, settled: isSettled(state), types: typeStatuses(state) };
  }

  private async authenticate(): Promise<Connect> {
    const token = this.call.bearerToken;
    if (token === undefined) throw new Unauthenticated('shows no token');
    try {
      return await this.around.authenticate(token, this.peer);
    } catch (error) {
      throw error instanceof Refusal ? new Unauthenticated(error.message) : error;
    }
  }

  private async serve(connect: Connect): Promise<void> {
    const { clock, limits } = this.around;
    const impatience = clock.schedule(limits.firstRequest, () => {
      this.refuse(new GrpcError(status.DEADLINE_EXCEEDED, `no request has come in ${limits.firstRequest} ms`));
    });
    this.call.onClose(() => impatience.cancel());
    for await (const message of this.call.messages()) {
      impatience.cancel();
      this.around.counters.requests++;
      const event = this.eventOf(message);
      this.state ??= await this.begin(connect, event.request.node);
      if (this.call.isOver) return;
      this.perform(step(this.state, event));
      this.pump();
    }
    this.call.end(status.OK);
  }

  private eventOf(message: Uint8Array): Extract<Event, { readonly request: unknown }> {
    const event = this.read(message);
    const { typeUrl } = event.request;
    if (!typeUrl.startsWith(typePrefix)) {
      throw new GrpcError(status.INVALID_ARGUMENT, `there is no type ${JSON.stringify(typeUrl.slice(0, 200))}`);
    }
    return event;
  }

  private read(message: Uint8Array): Extract<Event, { readonly request: unknown }> {
    try {
      return this.protocol === 'delta'
        ? { kind: 'delta', request: readDeltaRequest(message) }
        : { kind: 'stateOfTheWorld', request: readStateRequest(message) };
    } catch {
      throw new GrpcError(status.INVALID_ARGUMENT, 'a message is not a request of xDS');
    }
  }

  private async begin(connect: Connect, node: Node | undefined): Promise<StreamState> {
    if (!node) throw new GrpcError(status.INVALID_ARGUMENT, 'the first request names no node');
    const { protocol, peer } = this;
    const client = await this.clientOf(connect, { node, protocol, peer });
    const { responseBytes, names } = this.around.limits;
    const state = newStream(protocol, client, { responseBytes, names });
    this.client = client;
    this.node = node;
    this.since = this.around.clock.now();
    this.around.streams.add(client.key, this);
    this.around.counters.streams++;
    this.around.log.info('a proxy has connected', { proxy: client.key, peer, protocol, userAgent: node.userAgent });
    this.call.begin();
    this.call.onDrain(() => this.resume());
    client.watch((changes) => {
      if (this.call.isOver) return;
      this.perform(step(state, { kind: 'changed', changes }));
      this.pump();
    });
    return state;
  }

  private async clientOf(connect: Connect, stream: StreamInfo): Promise<Client> {
    try {
      return await connect(stream);
    } catch (error) {
      throw error instanceof Refusal ? new GrpcError(status.PERMISSION_DENIED, error.message) : error;
    }
  }

  /** Sends as long as there is something to send and the client takes it. What changes while it does not is sent in its newest form. */
  private pump(): void {
    while (this.state && !this.isBlocked && !this.call.isOver) {
      const actions = step(this.state, { kind: 'ready' });
      if (actions.length === 0) return;
      this.perform(actions);
    }
  }

  private perform(actions: readonly Action[]): void {
    for (const action of actions) {
      switch (action.kind) {
        case 'send':
          this.send(action.response);
          break;
        case 'report':
          this.client?.report(action.report);
          break;
        case 'end':
          this.refuse(new GrpcError(status.RESOURCE_EXHAUSTED, action.reason));
      }
    }
  }

  private send(response: Response): void {
    const { counters, clock, limits } = this.around;
    const parts = this.protocol === 'delta' ? writeDeltaResponse(response) : writeStateResponse(response);
    const { bytes, takesMore } = this.call.write(parts);
    counters.responses++;
    counters.bytes += bytes;
    const resources = new Map(response.resources.map(({ resource, version }) => [resource.name, version]));
    this.client?.report({ kind: 'sent', bytes, ...deliveryOf(response.typeUrl, { ...response, resources }) });
    if (takesMore) return;
    this.isBlocked = true;
    this.stalled = clock.schedule(limits.stalled, () => {
      this.complain(status.RESOURCE_EXHAUSTED, `it has not read for ${limits.stalled} ms`);
      this.call.abort();
    });
  }

  private resume(): void {
    this.isBlocked = false;
    this.stalled?.cancel();
    this.pump();
  }

  private refuse(error: unknown): void {
    if (this.call.isOver) return;
    if (error instanceof Unauthenticated) {
      this.complain(status.UNAUTHENTICATED, error.message);
      this.call.end(status.UNAUTHENTICATED);
    } else if (error instanceof GrpcError) {
      this.complain(error.status, error.message);
      this.call.end(error.status, error.message);
    } else {
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.around.log.error('a stream of xDS has failed', { ...this.whom(), reason });
      this.call.end(status.UNAVAILABLE, 'the control plane cannot serve this now');
    }
  }

  private complain(code: Status, reason: string): void {
    const name = Object.entries(status).find(([, value]) => value === code)?.[0] ?? String(code);
    this.around.counters.refuseStream(name);
    this.around.complaints.warn('a stream of xDS is closed', { ...this.whom(), status: name, reason });
  }

  private whom(): { readonly peer: string; readonly proxy?: string } {
    return { peer: this.peer, ...(this.client ? { proxy: this.client.key } : {}) };
  }

  private close(): void {
    this.stalled?.cancel();
    if (!this.client) return;
    this.around.streams.delete(this.client.key, this);
    this.around.counters.streams--;
    this.around.log.info('a proxy has disconnected', this.whom());
    this.client.close();
  }
}

const typePrefix = 'type.googleapis.com/';

/** Why is for the log, not for whoever guesses tokens. */
class Unauthenticated extends Error {}
