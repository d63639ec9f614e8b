import { type Protocol, type Resource, resourceTypes } from '../../../proxy/xds';
import type { Event, Response } from '../../../proxy/xds/stream/state';

/** The types of xDS that a {@link SimulatedClient} knows, in the order in which Envoy asks for them when it connects anew. */
export const order: readonly string[] = [
  resourceTypes.cluster,
  resourceTypes.endpoints,
  resourceTypes.secret,
  resourceTypes.listener,
  resourceTypes.route,
];

/** What it keeps of a type, also while it is not connected. */
interface Subscription {
  wildcard: boolean;
  readonly names: Set<string>;
  readonly has: Map<string, { readonly version: string; readonly resource: Resource }>;
  /** Of the last response that was accepted: state of the world. */
  version: string;
  /** On this stream. */
  asked: boolean;
  nonce: string;
}

export interface Behaviour {
  readonly protocol: Protocol;
  /** Asks, as Envoy does, for whatever a resource that it gets refers to, and for nothing else. */
  readonly followsReferences: boolean;
  /** Why it refuses a resource, if it does. */
  readonly refuses: (resource: Resource) => boolean;
}

/** A client of xDS as the protocol wants it, without a socket: requests go to its outbox. */
export class SimulatedClient {
  readonly outbox: Event[] = [];
  private readonly subscriptions = new Map<string, Subscription>();
  /** Clusters that are in use: warmed once, and not removed. */
  readonly active = new Set<string>();
  /** Clusters that wait for their endpoints since their last change. */
  readonly warming = new Set<string>();
  /** What a real proxy would have answered requests with errors for. */
  readonly broken: string[] = [];

  constructor(private readonly behaviour: Behaviour) {}

  has(typeUrl: string): ReadonlyMap<string, { readonly version: string; readonly resource: Resource }> {
    return this.of(typeUrl).has;
  }

  wants(typeUrl: string, name: string): boolean {
    const { wildcard, names } = this.of(typeUrl);
    return wildcard || names.has(name);
  }

  /** Begins a stream; what was said on the one before is lost. */
  connect(): void {
    this.outbox.length = 0;
    for (const typeUrl of order) {
      const subscription = this.of(typeUrl);
      subscription.asked = false;
      subscription.nonce = '';
      if (subscription.wildcard || subscription.names.size > 0) this.ask(typeUrl, [], []);
    }
  }

  subscribe(typeUrl: string, names: readonly string[]): void {
    const subscription = this.of(typeUrl);
    for (const name of names) {
      if (name === '*') subscription.wildcard = true;
      else subscription.names.add(name);
    }
    this.ask(typeUrl, names, []);
  }

  unsubscribe(typeUrl: string, names: readonly string[]): void {
    const subscription = this.of(typeUrl);
    for (const name of names) {
      if (name === '*') subscription.wildcard = false;
      else subscription.names.delete(name);
    }
    for (const name of [...subscription.has.keys()]) if (!this.wants(typeUrl, name)) subscription.has.delete(name);
    // A first request that names nothing would mean everything.
    if (subscription.asked) this.ask(typeUrl, [], names);
  }

  receive(response: Response): void {
    const { typeUrl, nonce } = response;
    const subscription = this.of(typeUrl);
    const refused = response.resources.filter(({ resource }) => this.behaviour.refuses(resource));
    const accepted = this.accepted(response);
    for (const { resource, version } of accepted) {
      if (this.wants(typeUrl, resource.name)) subscription.has.set(resource.name, { version, resource });
    }
    for (const name of this.removed(response)) {
      subscription.has.delete(name);
      if (typeUrl === resourceTypes.cluster) this.drop(name);
    }
    if (refused.length === 0) subscription.version = response.version;
    subscription.nonce = nonce;
    // Whatever a resource refers to is asked for before it is acknowledged, as Envoy does.
    if (this.behaviour.followsReferences) for (const { resource } of accepted) this.use(resource);
    if (this.behaviour.followsReferences) this.dropUnreferenced();
    this.answer(typeUrl, refused.length > 0 ? `refuses ${refused.map(({ resource }) => resource.name)}` : undefined);
  }

  /** Of clusters and listeners Envoy takes those that are good; of others it stops at the first that is not. */
  private accepted({ typeUrl, resources }: Response) {
    const good = resources.filter(({ resource }) => !this.behaviour.refuses(resource));
    if (typeUrl === resourceTypes.cluster || typeUrl === resourceTypes.listener) return good;
    const end = resources.findIndex(({ resource }) => this.behaviour.refuses(resource));
    return end < 0 ? good : resources.slice(0, end);
  }

  private removed({ typeUrl, resources, removed }: Response): readonly string[] {
    if (this.behaviour.protocol === 'delta') return removed;
    if (typeUrl !== resourceTypes.cluster && typeUrl !== resourceTypes.listener) return [];
    const names = new Set(resources.map(({ resource }) => resource.name));
    return [...this.of(typeUrl).has.keys()].filter((name) => !names.has(name));
  }

  private use(resource: Resource): void {
    if (resource.typeUrl === resourceTypes.cluster) {
      if (this.lastSeen.get(resource.name) === resource.version) return;
      this.lastSeen.set(resource.name, resource.version);
      if (resource.awaits === undefined) this.active.add(resource.name);
      else {
        this.warming.add(resource.name);
        this.refer(resourceTypes.endpoints, resource.awaits);
      }
    }
    if (resource.typeUrl === resourceTypes.endpoints) {
      for (const [name, { resource: cluster }] of this.has(resourceTypes.cluster)) {
        if (cluster.awaits === resource.name && this.warming.delete(name)) this.active.add(name);
      }
    }
    if (resource.typeUrl === resourceTypes.listener) this.refer(resourceTypes.route, resource.name);
    if (resource.typeUrl === resourceTypes.route) this.checkRoutes();
  }

  /** Envoy does nothing about a cluster that it has in this very form. */
  private readonly lastSeen = new Map<string, string>();

  private refer(typeUrl: string, name: string): void {
    if (!this.of(typeUrl).names.has(name)) this.subscribe(typeUrl, [name]);
  }

  private drop(cluster: string): void {
    this.active.delete(cluster);
    this.warming.delete(cluster);
    this.lastSeen.delete(cluster);
    this.checkRoutes();
  }

  private checkRoutes(): void {
    for (const [name, { resource }] of this.has(resourceTypes.route)) {
      if (!this.has(resourceTypes.listener).has(name)) continue;
      for (const cluster of clustersOf(resource)) {
        if (!this.active.has(cluster)) this.broken.push(`route ${name} leads to ${cluster}, which is not there`);
      }
    }
  }

  private dropUnreferenced(): void {
    const listeners = this.has(resourceTypes.listener);
    const awaited = new Set([...this.has(resourceTypes.cluster).values()].map(({ resource }) => resource.awaits));
    const gone = (typeUrl: string, isReferred: (name: string) => boolean) => {
      const names = [...this.of(typeUrl).names].filter((name) => !isReferred(name));
      if (names.length > 0) this.unsubscribe(typeUrl, names);
    };
    gone(resourceTypes.route, (name) => listeners.has(name));
    gone(resourceTypes.endpoints, (name) => awaited.has(name));
  }

  private answer(typeUrl: string, error: string | undefined): void {
    const { nonce } = this.of(typeUrl);
    if (this.behaviour.protocol === 'delta') this.say({ ...emptyDelta(typeUrl), nonce, ...(error ? { error } : {}) });
    else this.askState(typeUrl, error);
  }

  private ask(typeUrl: string, subscribe: readonly string[], unsubscribe: readonly string[]): void {
    const subscription = this.of(typeUrl);
    if (this.behaviour.protocol === 'stateOfTheWorld') this.askState(typeUrl);
    else if (subscription.asked) this.say({ ...emptyDelta(typeUrl), subscribe, unsubscribe });
    else {
      const versions = [...subscription.has].map(([name, { version }]): [string, string] => [name, version]);
      const names = [...(subscription.wildcard ? ['*'] : []), ...subscription.names];
      this.say({ ...emptyDelta(typeUrl), subscribe: names, initialVersions: new Map(versions) });
    }
    subscription.asked = true;
  }

  private askState(typeUrl: string, error?: string): void {
    const { wildcard, names, version, nonce } = this.of(typeUrl);
    const all = [...(wildcard ? ['*'] : []), ...names];
    this.of(typeUrl).asked = true;
    const request = { typeUrl, version, names: all, nonce, ...(error ? { error } : {}) };
    this.outbox.push({ kind: 'stateOfTheWorld', request });
  }

  private say(request: Extract<Event, { kind: 'delta' }>['request']): void {
    this.outbox.push({ kind: 'delta', request });
  }

  private of(typeUrl: string): Subscription {
    const known = this.subscriptions.get(typeUrl);
    if (known) return known;
    const added = { wildcard: false, names: new Set<string>(), has: new Map(), version: '', asked: false, nonce: '' };
    this.subscriptions.set(typeUrl, added);
    return added;
  }
}

function emptyDelta(typeUrl: string) {
  return { typeUrl, subscribe: [], unsubscribe: [], initialVersions: new Map<string, string>(), nonce: '' };
}

/** Simulated routes say in their JSON where they lead. */
function clustersOf(route: Resource): readonly string[] {
  return (route.json as { readonly clusters?: readonly string[] }).clusters ?? [];
}
