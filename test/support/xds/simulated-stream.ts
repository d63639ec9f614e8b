import { type Resource, resourceTypes } from '../../../proxy/xds';
import { newStream, type Response, type StreamState } from '../../../proxy/xds/stream/state';
import { step } from '../../../proxy/xds/stream/step';
import { Served } from './served';
import { type Behaviour, order, SimulatedClient } from './simulated-client';

/** A server's step and a client, and between them two queues in which messages stay as long as a test wants. */
export class SimulatedStream {
  readonly served = new Served();
  readonly client: SimulatedClient;
  private readonly toClient: Response[] = [];
  private state: StreamState;
  /** The client reads nothing. */
  isSlow = false;
  /** Resources that were sent since the stream began. */
  sent = 0;
  /** Reasons for which the server has ended it. */
  readonly ended: string[] = [];

  constructor(private readonly behaviour: Behaviour & { readonly responseBytes?: number }) {
    this.client = new SimulatedClient(behaviour);
    this.state = this.newState();
    this.served.client('one').watch(() => {});
    const client = this.served.client('simulated');
    client.watch((changes) => {
      step(this.state, { kind: 'changed', changes });
      this.pump();
    });
  }

  /** The connection breaks: what is under way is lost. */
  reconnect(): void {
    this.toClient.length = 0;
    this.sent = 0;
    this.isSlow = false;
    this.state = this.newState();
    this.client.connect();
  }

  set(resources: readonly Resource[]): void {
    this.served.set(resources);
  }

  /** One message arrives at the client. */
  deliverToClient(): boolean {
    const response = this.isSlow ? undefined : this.toClient.shift();
    if (response) this.client.receive(response);
    this.pump();
    return response !== undefined;
  }

  /** One message arrives at the server. */
  deliverToServer(): boolean {
    const event = this.client.outbox.shift();
    if (!event) return false;
    for (const action of step(this.state, event)) if (action.kind === 'end') this.ended.push(action.reason);
    this.pump();
    return true;
  }

  /** Everything arrives that is under way, until both have nothing more to say. */
  settle(): void {
    this.isSlow = false;
    for (let busy = true, round = 0; busy; round++) {
      if (round > 10_000) throw new Error('they never come to an end');
      busy = this.deliverToServer() || this.deliverToClient();
    }
  }

  /** Responses that the server holds ready while the client does not read. */
  get waiting(): number {
    return this.toClient.length;
  }

  private pump(): void {
    // A client that does not read gets what fits between them, which here is one response.
    while (!(this.isSlow && this.toClient.length > 0)) {
      const actions = step(this.state, { kind: 'ready' });
      if (actions.length === 0) return;
      for (const action of actions) {
        if (action.kind !== 'send') continue;
        this.toClient.push(action.response);
        this.sent += action.response.resources.length;
      }
    }
  }

  private newState(): StreamState {
    const { protocol, responseBytes = 1_000 } = this.behaviour;
    return newStream(protocol, this.served, { responseBytes, names: 1_000 });
  }
}

/** A resource that nobody encodes: a hundred bytes. */
export function plain(typeUrl: string, name: string, version: string, json: object = {}): Resource {
  const awaits = typeUrl === resourceTypes.cluster ? { awaits: name } : {};
  return { typeUrl, name, version, bytes: new Uint8Array(100), json, ...awaits };
}

export { order };
