import { type MeshProxy, secretName } from '../lib/envoy';
import type { Identity } from '../lib/model';
import type { Clock } from './clock';
import type { Authenticated, Held, Svid } from './identity';
import type { Attachment, Differences } from './snapshot';
import { podKey } from './sources/source';
import {
  type Changes,
  type Client,
  type Delivery,
  type Report,
  type Resource,
  type ResourceMap,
  resourceTypes,
} from './xds';

export interface ConnectedProxyOptions {
  readonly authenticated: Authenticated;
  readonly attachment: Attachment;
  readonly svid: Held<Svid>;
  /** The secrets that it may have, as they are now. */
  readonly secrets: (attachment: Attachment, svid: Svid) => ResourceMap;
  readonly clock: Clock;
  /** It has acknowledged or refused something, or is gone. */
  readonly on: ProxyEvents;
}

export interface ProxyEvents {
  /** `seconds`: since the change was seen that it now has. */
  acknowledged(proxy: ConnectedProxy, delivery: Delivery, seconds: number | undefined): void;
  refused(proxy: ConnectedProxy, delivery: Delivery, reason: string): void;
  closed(proxy: ConnectedProxy): void;
}

/** A proxy with an open stream: what it is to have, what it was told, and how far it is. */
export class ConnectedProxy implements Client {
  readonly key: string;
  /** As its token proves. */
  readonly identity: Identity;
  /** Milliseconds since 1970. */
  readonly since: number;
  readonly typeUrls = Object.values(resourceTypes);

  private secretResources: ResourceMap;
  private listener: ((changes: Changes) => void) | undefined;
  private readonly noted: Differences = new Map();
  /** When the oldest change of a type was seen that was not sent yet. */
  private readonly changedAt = new Map<string, number>();
  private readonly flights = new Map<string, Flight>();
  /** By type and name, as sent last and not refused. */
  private readonly sentResources = new Map<string, Map<string, Resource>>();

  constructor(private readonly options: ConnectedProxyOptions) {
    this.key = podKey(options.authenticated.pod);
    this.identity = options.authenticated.identity;
    this.since = options.clock.now();
    this.secretResources = options.secrets(options.attachment, options.svid.leaf);
  }

  get proxy(): MeshProxy {
    return this.options.attachment.observed.proxy;
  }

  /** Its certificate. */
  get svid(): Svid {
    return this.options.svid.leaf;
  }

  resources(typeUrl: string): ResourceMap {
    return typeUrl === resourceTypes.secret ? this.secretResources : this.options.attachment.resources(typeUrl);
  }

  watch(listener: (changes: Changes) => void): void {
    this.listener = listener;
  }

  /**
   * These differ; {@link tell} says so when all that changes together is noted.
   *
   * @param since when the change was seen, in milliseconds since 1970
   */
  note(differences: Changes, since: number): void {
    for (const [typeUrl, names] of differences) {
      if (names === 'all') continue;
      this.noted.set(typeUrl, new Set([...(this.noted.get(typeUrl) ?? []), ...names]));
      if (!this.changedAt.has(typeUrl)) this.changedAt.set(typeUrl, since);
    }
    if (differences.has(resourceTypes.secret)) {
      this.secretResources = this.options.secrets(this.options.attachment, this.svid);
    }
  }

  tell(): void {
    if (this.noted.size === 0) return;
    const changes = new Map(this.noted);
    this.noted.clear();
    this.listener?.(changes);
  }

  /** Whether its configuration refers to a secret, by the name of the secret. */
  names(secret: string): boolean {
    return this.options.attachment.secrets.some((own) => secretName(own) === secret);
  }

  /** Secrets that its configuration refers to and that are not there. */
  missingSecrets(): readonly string[] {
    return this.options.attachment.secrets.map(secretName).filter((name) => !this.secretResources.has(name));
  }

  report(report: Report): void {
    switch (report.kind) {
      case 'subscribed':
        return;
      case 'sent':
        this.sent(report);
        return;
      case 'acknowledged': {
        const flight = this.flights.get(report.nonce);
        this.flights.delete(report.nonce);
        const changed = flight?.changedAt;
        const seconds = changed === undefined ? undefined : (this.options.clock.now() - changed) / 1_000;
        this.options.on.acknowledged(this, report, seconds);
        return;
      }
      case 'refused': {
        const before = this.flights.get(report.nonce)?.before;
        this.flights.delete(report.nonce);
        const known = this.sentResources.get(report.typeUrl);
        for (const [name, resource] of before ?? []) {
          if (resource) known?.set(name, resource);
          else known?.delete(name);
        }
        this.options.on.refused(this, report, report.reason);
      }
    }
  }

  /** What it was sent and has not refused, as far as it is known; on a stream that began with what the proxy had, also that. */
  lastSent(typeUrl: string, name: string, version: string): Resource | undefined {
    return [this.sentResources.get(typeUrl)?.get(name), this.resources(typeUrl).get(name)].find(
      (resource) => resource?.version === version,
    );
  }

  /** Whether it has left something without an answer that was sent before this time. */
  awaitsSince(time: number): boolean {
    return [...this.flights.values()].some(({ sentAt }) => sentAt <= time);
  }

  close(): void {
    this.listener = undefined;
    this.options.attachment.detach();
    this.options.svid.release();
    this.options.on.closed(this);
  }

  private sent({ typeUrl, nonce, resources, removed }: Delivery): void {
    const known = this.sentResources.get(typeUrl) ?? new Map<string, Resource>();
    this.sentResources.set(typeUrl, known);
    const before = new Map([...resources.keys(), ...removed].map((name) => [name, known.get(name)]));
    for (const name of removed) known.delete(name);
    for (const [name, version] of resources) {
      const resource = this.resources(typeUrl).get(name);
      if (resource?.version === version) known.set(name, resource);
    }
    const changedAt = this.changedAt.get(typeUrl);
    this.changedAt.delete(typeUrl);
    const sentAt = this.options.clock.now();
    this.flights.set(nonce, { sentAt, before, ...(changedAt !== undefined && { changedAt }) });
  }
}

/** A response without an answer yet. */
interface Flight {
  readonly sentAt: number;
  readonly changedAt?: number;
  /** What there was in its place. */
  readonly before: ReadonlyMap<string, Resource | undefined>;
}
