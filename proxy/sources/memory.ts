import { isDeepStrictEqual } from 'node:util';
import type { Endpoint, Rollout } from '../../lib/envoy';
import { type Model, Ref } from '../../lib/model';
import { modelKeeping } from './kept';
import {
  type Change,
  type ChangedPart,
  type KeyPair,
  type ObservedProxy,
  podKey,
  type Source,
  type State,
} from './source';

/**
 * A source whose state is set by code: what is observed is handed to it by whoever observes. What is set to what it was
 * already is no change. Changes of one turn of the event loop are told as one.
 */
export class MemorySource implements Source {
  private model: Model | undefined;
  private readonly endpoints = new Versioned<readonly Endpoint[]>();
  private readonly proxies = new Versioned<ObservedProxy>();
  private readonly serviceAddresses = new Versioned<readonly string[]>();
  private readonly podAddresses = new Versioned<readonly string[]>();
  private readonly certificates = new Versioned<KeyPair>();
  private readonly authorities = new Versioned<string>();
  private readonly rollouts = new Versioned<Rollout>();

  private current: State | undefined;
  private readonly changed = new Map<string, ChangedPart>();
  private readonly listeners = new Set<(change: Change) => void>();

  get state(): State {
    this.current ??= {
      model: this.model,
      endpoints: this.endpoints.newest,
      proxies: this.proxies.newest,
      serviceAddresses: this.serviceAddresses.newest,
      podAddresses: this.podAddresses.newest,
      certificates: this.certificates.newest,
      authorities: this.authorities.newest,
      rollouts: this.rollouts.newest,
    };
    return this.current;
  }

  onChange(listener: (change: Change) => void): () => void {
    // A function of its own, so that one given twice is called twice and ended one by one.
    const own = (change: Change) => listener(change);
    this.listeners.add(own);
    return () => void this.listeners.delete(own);
  }

  /** The parts that are equal to those of the model before stay the same objects. */
  setModel(model: Model): void {
    const kept = this.model ? modelKeeping(this.model, model) : model;
    if (kept === this.model) return;
    this.model = kept;
    this.say({ kind: 'model' });
  }

  /** By `endpointsKey`. None: the key is forgotten. */
  setEndpoints(key: string, endpoints: readonly Endpoint[]): void {
    if (this.endpoints.set(key, endpoints.length > 0 ? endpoints : undefined)) this.say({ kind: 'endpoints', key });
  }

  setProxy(pod: Ref, proxy: ObservedProxy): void {
    if (this.proxies.set(podKey(pod), proxy)) this.say({ kind: 'proxy', pod: podKey(pod) });
  }

  removeProxy(pod: Ref): void {
    if (this.proxies.set(podKey(pod), undefined)) this.say({ kind: 'proxy', pod: podKey(pod) });
  }

  setServiceAddresses(service: Ref, addresses: readonly string[]): void {
    const known = addresses.length > 0 ? addresses : undefined;
    if (this.serviceAddresses.set(Ref.key(service), known)) this.say({ kind: 'surroundings' });
  }

  setPodAddresses(namespace: string, addresses: readonly string[]): void {
    const known = addresses.length > 0 ? addresses : undefined;
    if (this.podAddresses.set(namespace, known)) this.say({ kind: 'surroundings' });
  }

  /** Undefined: it does not run any more. */
  setRollout(canary: Ref, rollout: Rollout | undefined): void {
    if (this.rollouts.set(Ref.key(canary), rollout)) this.say({ kind: 'surroundings' });
  }

  /** Undefined: the Secret is not there. */
  setCertificate(secret: Ref, pair: KeyPair | undefined): void {
    const key = Ref.key(secret);
    if (this.certificates.set(key, pair)) this.say({ kind: 'secret', of: 'certificate', key });
  }

  /** Undefined: the ConfigMap is not there. */
  setAuthority(configMap: Ref, pem: string | undefined): void {
    const key = Ref.key(configMap);
    if (this.authorities.set(key, pem)) this.say({ kind: 'secret', of: 'authority', key });
  }

  private say(part: ChangedPart): void {
    this.current = undefined;
    if (this.changed.size === 0) queueMicrotask(() => this.tell());
    this.changed.set(JSON.stringify(part), part);
  }

  private tell(): void {
    const change = [...this.changed.values()];
    this.changed.clear();
    for (const listener of [...this.listeners]) listener(change);
  }
}

/** A map of which everybody who has been given one keeps that one: it is copied before it changes, once. */
class Versioned<Value> {
  private map = new Map<string, Value>();
  private given = false;

  get newest(): ReadonlyMap<string, Value> {
    this.given = true;
    return this.map;
  }

  /** Whether it is another value than before. Undefined: there is none. */
  set(key: string, value: Value | undefined): boolean {
    if (isDeepStrictEqual(this.map.get(key), value)) return false;
    if (this.given) this.map = new Map(this.map);
    this.given = false;
    if (value === undefined) this.map.delete(key);
    else this.map.set(key, value);
    return true;
  }
}
