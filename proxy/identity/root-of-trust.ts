import { type Identity, names } from '../../lib/model';
import type { Clock } from '../clock';
import type { Log } from '../log';
import { type Appointment, appoint, lookAtClock } from './appointment';
import {
  type Authority,
  type AuthorityChange,
  CannotIssue,
  type Leaf,
  type Progress,
  type RootExpiry,
  type Svid,
} from './authority';
import { makeRoot, type OpenIssuer, openIssuer, type Random } from './issuer';
import { issueLeaf, type LeafSubject, lifetimeOf } from './leaf';
import type { RootStore } from './root-store';
import {
  bundleOf,
  initially,
  type RootAction,
  type RootEvent,
  type RootSource,
  type RootState,
  type RotationTimes,
  type Stage,
  type StoredRoot,
  step,
} from './rotation';
import { withoutGivenKeys } from './stored-root';
import { certificatesOf } from './x509/pem';
import { readCertificate } from './x509/read';

/** What the declared mesh says about certificates; may change at any time. Milliseconds. */
export interface TrustSettings {
  readonly trustDomain: string;
  /** Of each certificate. One of a root that lives less than eight times as long lives an eighth of that. */
  readonly leafLifetime: number;
  /** Of roots that are made from now on. */
  readonly rootLifetime: number;
}

export interface RootOfTrustOptions {
  readonly store: RootStore;
  readonly source: RootSource;
  readonly settings: TrustSettings;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /**
   * How long each stage of a rotation lasts at least, in milliseconds. Long enough for proxies to come back after the control plane was
   * away, and for the roots that pods mount as files, which kubelets refresh within a minute or two.
   *
   * @default five minutes
   */
  readonly settle?: number;
  /** How often the clock is looked at, in milliseconds: {@link ./appointment}. @default a minute */
  readonly look?: number;
}

/** The authority of a mesh, with its rotation. Performs what {@link ./rotation} decides. */
export class RootOfTrust implements Authority {
  /** Fulfilled when certificates can be issued for the first time; where a root is to be given, not before it is. */
  readonly ready: Promise<void>;

  private state: RootState;
  private settings: TrustSettings;
  private published: Published | undefined;
  private readonly listeners = new Set<(changed: AuthorityChange) => void>();
  private appointment: Appointment | undefined;
  private becomeReady: () => void = () => {};
  private closed = false;
  private handling = false;
  private readonly events: RootEvent[] = [];

  constructor(private readonly options: RootOfTrustOptions) {
    this.state = initially(options.source);
    this.settings = options.settings;
    this.ready = new Promise((resolve) => {
      this.becomeReady = resolve;
    });
    void this.load();
  }

  get trustBundle(): string {
    return this.published?.bundle ?? '';
  }

  get trustGeneration(): number {
    return this.published?.root.trustGeneration ?? 0;
  }

  get issuerGeneration(): number {
    return this.published?.root.issuerGeneration ?? 0;
  }

  get issuerEnds(): number {
    return this.published?.issuer?.ends ?? 0;
  }

  /** Where a rotation stands; absent before there is a root. */
  get stage(): Stage['kind'] | undefined {
    return this.published?.root.stage.kind;
  }

  issue(identity: Identity): Svid {
    const spiffeId = names.spiffeId(this.settings.trustDomain, identity);
    return { ...this.sign({ kind: 'workload', spiffeId }), spiffeId };
  }

  issueServer(hosts: readonly string[]): Leaf {
    return this.sign({ kind: 'server', hosts });
  }

  onChange(listener: (changed: AuthorityChange) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  rootExpiries(): readonly RootExpiry[] {
    if (this.published === undefined) return [];
    const { issuer, root, bundle } = this.published;
    const issuing = new Set(certificatesOf(root.stage.issuing.roots).map((der) => der.toString('base64')));
    const trusted = certificatesOf(bundle).filter((der) => !issuing.has(der.toString('base64')));
    return [
      ...(issuer === undefined ? [] : [{ root: 'issuing' as const, notAfter: issuer.ends }]),
      ...trusted.map((der) => ({ root: 'trusted' as const, notAfter: readCertificate(der).notAfter })),
    ];
  }

  /** Begins to replace a root that the control plane has made. Nothing happens while one is being replaced. */
  rotate(): void {
    this.handle({ kind: 'rotate' });
  }

  /** How far the proxies are; to be said whenever that changes. */
  report(progress: Progress): void {
    const { trust, leaves } = this.state.progress;
    if (progress.trust !== trust || progress.leaves !== leaves) this.handle({ kind: 'progress', progress });
  }

  /** Where roots come from, from now on: one that is given is introduced to the proxies before it signs. */
  use(source: RootSource): void {
    this.handle({ kind: 'source', source });
  }

  /** Of another trust domain, all certificates are issued anew; a lifetime is that of the next ones. */
  configure(settings: TrustSettings): void {
    const renamed = settings.trustDomain !== this.settings.trustDomain;
    this.settings = settings;
    if (renamed && this.published !== undefined) this.tell({ trust: false, issuer: true });
    this.handle({ kind: 'time' });
  }

  close(): void {
    this.closed = true;
    this.appointment?.cancel();
    this.listeners.clear();
  }

  private sign(subject: LeafSubject): Leaf {
    const issuer = this.published?.issuer;
    if (issuer === undefined) throw new CannotIssue('there is no root of trust yet, so nothing can be signed');
    const { clock, random } = this.options;
    const request = { subject, lifetime: this.settings.leafLifetime, now: clock.now(), random };
    return { ...issueLeaf(issuer, request), generation: this.issuerGeneration };
  }

  private async load(): Promise<void> {
    const { store, log, clock } = this.options;
    try {
      const stored = await store.load();
      const event: RootEvent = { kind: 'started', source: this.state.source };
      this.handle(stored === undefined ? event : { ...event, stored });
    } catch (error) {
      log.error('the root of trust cannot be read', { reason: reasonOf(error) });
      if (!this.closed) this.appointment = appoint(clock, clock.now() + retryLoad, () => void this.load(), retryLoad);
    }
  }

  private handle(event: RootEvent): void {
    this.events.push(event);
    // Whoever is told of a change may say something in return: that comes after all that this one leads to.
    if (this.handling) return;
    this.handling = true;
    try {
      for (let next = this.events.shift(); next !== undefined && !this.closed; next = this.events.shift()) {
        const [state, actions] = step(this.state, next, this.options.clock.now(), this.times);
        this.state = state;
        for (const action of actions) this.perform(action);
      }
    } finally {
      this.handling = false;
    }
  }

  private get times(): RotationTimes {
    const { settle = defaultSettle } = this.options;
    const { leafLifetime } = this.settings;
    const issuer = this.published?.issuer;
    return { settle, leafLifetime: issuer === undefined ? leafLifetime : lifetimeOf(leafLifetime, issuer) };
  }

  private perform(action: RootAction): void {
    const { clock, look = lookAtClock, log } = this.options;
    switch (action.kind) {
      case 'make': {
        const { trustDomain, rootLifetime } = this.settings;
        const issuer = makeRoot({ trustDomain, lifetime: rootLifetime, now: clock.now(), random: this.options.random });
        log.info('a new root of trust was made', { trustDomain });
        this.handle({ kind: 'made', issuer });
        return;
      }
      case 'save':
        void this.save(action.root);
        return;
      case 'publish':
        this.publish(action.root);
        return;
      case 'wake':
        this.appointment?.cancel();
        this.appointment = appoint(clock, action.at, () => this.handle({ kind: 'time' }), look);
        return;
    }
  }

  private async save(root: StoredRoot): Promise<void> {
    try {
      await this.options.store.save(withoutGivenKeys(root));
    } catch (error) {
      this.options.log.error('the root of trust cannot be kept, so it is not used yet', { reason: reasonOf(error) });
      this.handle({ kind: 'failed' });
      return;
    }
    this.handle({ kind: 'saved' });
  }

  private publish(root: StoredRoot): void {
    const before = this.published?.root;
    this.published = { root, bundle: bundleOf(root.stage), issuer: openIssuer(root.stage.issuing) };
    const { trustGeneration, issuerGeneration, stage } = root;
    this.options.log.info('the root of trust holds', { stage: stage.kind, trustGeneration, issuerGeneration });
    if (this.published.issuer !== undefined) this.becomeReady();
    const changed = {
      trust: before?.trustGeneration !== trustGeneration,
      issuer: before?.issuerGeneration !== issuerGeneration,
    };
    if (changed.trust || changed.issuer) this.tell(changed);
  }

  private tell(changed: AuthorityChange): void {
    for (const listener of [...this.listeners]) listener(changed);
  }
}

/** What holds, ready for use. */
interface Published {
  readonly root: StoredRoot;
  readonly bundle: string;
  /** Absent where the key is not there. */
  readonly issuer: OpenIssuer | undefined;
}

const defaultSettle = 5 * 60_000;
const retryLoad = 5_000;

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
