import { hash32, Identity } from '../../lib/model';
import type { Clock } from '../clock';
import type { Log } from '../log';
import { type Appointment, appoint, lookAtClock } from './appointment';
import { type Authority, CannotIssue, type Leaf, type Svid } from './authority';

/**
 * The current certificate of each identity that a proxy holds, renewed in time.
 *
 * One for each identity, not for each pod: whoever takes a key from one pod of a service account can be taken for that service account,
 * and so for all its pods, whether those have the same key or others. What is shared is signed once, encoded once, and a pod that comes
 * back, or a thousand that start at once, cost no signature.
 */
export interface Identities {
  /**
   * Keeps a certificate for this identity renewed until it is released. Everybody who holds an identity has the same certificate.
   *
   * @param renewed called after each renewal, never from within this call
   * @throws CannotIssue where there is none and none can be signed
   */
  hold(identity: Identity, renewed?: (leaf: Svid) => void): Held<Svid>;
  /** Likewise for the control plane's own server. */
  holdServer(hosts: readonly string[], renewed?: (leaf: Leaf) => void): Held<Leaf>;
  /** The current certificate of an identity that somebody holds. */
  leafOf(identity: Identity): Svid | undefined;
  /** For the metric `meshwright_certificates_issued_total`: certificates signed for proxies since the start. */
  readonly issued: number;
  /** Renews nothing any more. */
  close(): void;
}

export interface Held<Certificate extends Leaf> {
  /** The newest. */
  readonly leaf: Certificate;
  release(): void;
}

export interface IdentitiesOptions {
  readonly authority: Authority;
  readonly clock: Clock;
  readonly log: Log;
  /** Between 0 and 1, by chance: replicas that were started together do not renew at the same moments. */
  readonly phase: number;
  /** How often the clock is looked at, in milliseconds: {@link ./appointment}. @default a minute */
  readonly look?: number;
}

export function identities(options: IdentitiesOptions): Identities {
  const svids = new Renewal<Svid>(options);
  const servers = new Renewal<Leaf>(options);
  const { authority } = options;
  return {
    hold: (identity, renewed) => svids.hold(Identity.key(identity), () => authority.issue(identity), renewed),
    holdServer: (hosts, renewed) => servers.hold(hosts.join(' '), () => authority.issueServer(hosts), renewed),
    leafOf: (identity) => svids.current(Identity.key(identity)),
    get issued() {
      return svids.issued;
    },
    close: () => {
      svids.close();
      servers.close();
    },
  };
}

interface Entry<Certificate extends Leaf> {
  readonly key: string;
  readonly issue: () => Certificate;
  readonly holders: Set<Holder<Certificate>>;
  leaf: Certificate;
  /** When it is to be renewed, or dropped where nobody holds it; milliseconds since 1970. */
  due: number;
  /** Of an issuer or a trust domain that is no longer the one. */
  stale: boolean;
  failing: boolean;
}

interface Holder<Certificate extends Leaf> {
  readonly renewed: ((leaf: Certificate) => void) | undefined;
}

/** Certificates by key, one for all who hold the key. */
class Renewal<Certificate extends Leaf> {
  issued = 0;

  private readonly entries = new Map<string, Entry<Certificate>>();
  private readonly unsubscribe: () => void;
  private appointment: Appointment | undefined;

  constructor(private readonly options: IdentitiesOptions) {
    this.unsubscribe = options.authority.onChange(({ issuer }) => {
      if (issuer) this.renewAll();
    });
  }

  hold(key: string, issue: () => Certificate, renewed?: (leaf: Certificate) => void): Held<Certificate> {
    const entry = this.entries.get(key) ?? this.add(key, issue);
    if (entry.due <= this.now) this.renew(entry);
    if (entry.leaf.notAfter <= this.now)
      throw new CannotIssue(`the certificate of ${key} has ended and cannot be renewed`);
    const holder = { renewed };
    entry.holders.add(holder);
    return {
      get leaf() {
        return entry.leaf;
      },
      // Nothing else: a proxy that comes back soon finds the certificate that it has.
      release: () => void entry.holders.delete(holder),
    };
  }

  current(key: string): Certificate | undefined {
    const entry = this.entries.get(key);
    return entry === undefined || entry.holders.size === 0 ? undefined : entry.leaf;
  }

  close(): void {
    this.unsubscribe();
    this.appointment?.cancel();
    this.entries.clear();
  }

  private get now(): number {
    return this.options.clock.now();
  }

  private add(key: string, issue: () => Certificate): Entry<Certificate> {
    const leaf = issue();
    this.issued++;
    const due = this.dueOf(key, leaf);
    const entry: Entry<Certificate> = { key, issue, holders: new Set(), leaf, due, stale: false, failing: false };
    this.entries.set(key, entry);
    this.appoint();
    return entry;
  }

  /** At half of its life, or up to a tenth of its life before: what was issued at one time is not renewed at one time. */
  private dueOf(key: string, leaf: Certificate): number {
    const half = leaf.renewAt - this.now;
    return leaf.renewAt - half * 0.2 * ((unitHash(key) + this.options.phase) % 1);
  }

  /** What was signed by another issuer, or in another trust domain, is replaced one after the other. */
  private renewAll(): void {
    const held = [...this.entries.values()].filter(({ key, holders }) => {
      if (holders.size === 0) this.entries.delete(key);
      return holders.size > 0;
    });
    held.forEach((entry, index) => {
      entry.stale = true;
      entry.due = Math.min(entry.due, this.now + (index * 1_000) / renewalsPerSecond);
    });
    this.appoint();
  }

  private appoint(): void {
    this.appointment?.cancel();
    let due = Number.POSITIVE_INFINITY;
    for (const entry of this.entries.values()) due = Math.min(due, entry.due);
    const { clock, look = lookAtClock } = this.options;
    this.appointment = due === Number.POSITIVE_INFINITY ? undefined : appoint(clock, due, () => this.work(), look);
  }

  /** A part of what is due; the rest after whatever else waits for its turn. */
  private work(): void {
    const due = [...this.entries.values()].filter((entry) => entry.due <= this.now).sort((a, b) => a.due - b.due);
    for (const entry of due.slice(0, atOnce)) {
      if (entry.holders.size === 0) this.entries.delete(entry.key);
      else this.renew(entry);
    }
    this.appoint();
  }

  private renew(entry: Entry<Certificate>): void {
    const { authority, log } = this.options;
    const { leaf } = entry;
    // Where the issuer's end is the certificate's end, a next one gains nothing: what helps is another issuer, and that is a change.
    if (!entry.stale && leaf.notAfter > this.now && leaf.notAfter >= authority.issuerEnds) {
      entry.due = leaf.notAfter;
      return;
    }
    try {
      entry.leaf = entry.issue();
    } catch (error) {
      if (!entry.failing) log.warn('a certificate cannot be renewed', { of: entry.key, reason: reasonOf(error) });
      entry.failing = true;
      entry.due = this.now + retryAfter;
      return;
    }
    this.issued++;
    entry.stale = false;
    entry.failing = false;
    entry.due = this.dueOf(entry.key, entry.leaf);
    for (const { renewed } of [...entry.holders]) renewed?.(entry.leaf);
  }
}

/** A certificate costs a third of a millisecond: serving goes on beside this. */
const renewalsPerSecond = 200;
const atOnce = 20;
const retryAfter = 10_000;

/** Between 0 and 1, the same for a key everywhere. */
function unitHash(key: string): number {
  return hash32(key) / 2 ** 32;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
