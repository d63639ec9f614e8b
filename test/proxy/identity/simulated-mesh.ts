import { randomBytes, X509Certificate } from 'node:crypto';
import type { Svid } from '../../../proxy/identity/authority';
import { type Held, type Identities, identities } from '../../../proxy/identity/identities';
import { RootOfTrust, type TrustSettings } from '../../../proxy/identity/root-of-trust';
import type { RootStore } from '../../../proxy/identity/root-store';
import type { StoredRoot } from '../../../proxy/identity/rotation';
import { certificatesOf } from '../../../proxy/identity/x509/pem';
import type { VirtualClock } from '../../support/clock';
import { hour, minute, recordingLog, second } from './support';

/**
 * A mesh of which only certificates are real: proxies that take what they are sent when it comes, lose their streams and find them again;
 * a control plane that ends at any moment, also while it keeps something, and starts anew. After everything that happens it is checked that
 * every two proxies would accept each other.
 */

export interface MeshOptions {
  readonly clock: VirtualClock;
  /** Between 0 and 1, the same for the same seed. */
  readonly chance: () => number;
  readonly settings: TrustSettings;
  readonly proxies: number;
  /** How often the clock is looked at, in milliseconds. */
  readonly look?: number;
}

interface Proxy {
  readonly name: string;
  connected: boolean;
  /** Lost streams come back by themselves; of one that is cut off, somebody else decides when. */
  cutOff: boolean;
  leaf?: Svid;
  bundle?: string;
  trustGeneration: number;
  held?: Held<Svid>;
}

export class SimulatedMesh {
  readonly problems: string[] = [];
  /** Each stage that a rotation has been in, in their order. */
  readonly stages: string[] = [];
  readonly log = recordingLog();
  root: RootOfTrust | undefined;

  private identities: Identities | undefined;
  private readonly store: UnreliableStore;
  private readonly proxies: readonly Proxy[];
  private life = 0;

  constructor(private readonly options: MeshOptions) {
    this.store = new UnreliableStore(options);
    this.proxies = Array.from({ length: options.proxies }, (_, number) => ({
      name: `proxy-${number}`,
      connected: false,
      cutOff: false,
      trustGeneration: 0,
    }));
  }

  start(): void {
    const { clock, settings, look, chance } = this.options;
    const { log } = this;
    const more = look === undefined ? {} : { look };
    const root = new RootOfTrust({
      store: this.store,
      source: { kind: 'made' },
      settings,
      clock,
      random: randomBytes,
      log,
      ...more,
    });
    this.root = root;
    this.identities = identities({ authority: root, clock, log, phase: chance(), ...more });
    root.onChange(() => {
      if (this.stages.at(-1) !== root.stage) this.stages.push(String(root.stage));
      for (const proxy of this.proxies) this.deliver(proxy);
      this.check();
    });
    void root.ready.then(() => {
      if (this.root === root) for (const proxy of this.proxies) this.reconnectSoon(proxy);
    });
  }

  /** The control plane is gone from one moment to the next. */
  crash(): void {
    this.root?.close();
    this.identities?.close();
    this.store.crash();
    this.root = undefined;
    this.identities = undefined;
    this.life++;
    for (const proxy of this.proxies) this.disconnect(proxy);
    this.check();
  }

  /** A proxy hears nothing for a time, and goes on serving with what it has. */
  cutOff(number: number, milliseconds: number): void {
    const proxy = this.proxies[number % this.proxies.length];
    if (proxy === undefined || proxy.cutOff) return;
    proxy.cutOff = true;
    this.disconnect(proxy);
    this.options.clock.schedule(milliseconds, () => {
      proxy.cutOff = false;
      this.connect(proxy);
    });
  }

  get issued(): number {
    return this.identities?.issued ?? 0;
  }

  private reconnectSoon(proxy: Proxy): void {
    this.later(20 * second, () => this.connect(proxy));
  }

  private connect(proxy: Proxy): void {
    if (proxy.cutOff || proxy.connected || this.identities === undefined || this.root?.stage === undefined) return;
    proxy.connected = true;
    proxy.held = this.identities.hold({ namespace: 'mesh', serviceAccount: proxy.name }, () => this.deliver(proxy));
    this.deliver(proxy);
  }

  private disconnect(proxy: Proxy): void {
    proxy.connected = false;
    proxy.held?.release();
    delete proxy.held;
  }

  /** What is current now is sent now, and taken and acknowledged when it arrives; the bundle before the certificate. */
  private deliver(proxy: Proxy): void {
    const { root } = this;
    if (!proxy.connected || root === undefined || proxy.held === undefined) return;
    const { trustBundle, trustGeneration } = root;
    const { leaf } = proxy.held;
    this.later(proxy.trustGeneration === trustGeneration ? second : 2 * minute, () => {
      // Streams keep their order: what is older than what has arrived has been overtaken by a new stream.
      if (!proxy.connected || trustGeneration < proxy.trustGeneration) return;
      if ((proxy.leaf?.notAfter ?? 0) > leaf.notAfter && proxy.trustGeneration === trustGeneration) return;
      proxy.bundle = trustBundle;
      proxy.trustGeneration = trustGeneration;
      proxy.leaf = leaf;
      this.check();
      this.report();
    });
  }

  /** Nothing that was begun in one life of the control plane ends in the next one. */
  private later(atMost: number, run: () => void): void {
    const { life } = this;
    this.options.clock.schedule(1 + this.options.chance() * atMost, () => {
      if (this.life === life) run();
    });
  }

  private report(): void {
    const known = this.proxies.filter(({ leaf }) => leaf !== undefined);
    this.root?.report({
      trust: Math.min(...known.map(({ trustGeneration }) => trustGeneration)),
      leaves: Math.min(...known.map(({ leaf }) => leaf?.generation ?? 0)),
    });
  }

  private check(): void {
    const now = this.options.clock.now();
    const serving = this.proxies.filter(
      ({ leaf, bundle }) => leaf !== undefined && bundle !== undefined && leaf.notAfter > now,
    );
    for (const server of serving) {
      for (const client of serving) {
        const problem = refusal(server.leaf, client.bundle, now);
        if (problem !== undefined) this.note(`${client.name} refuses ${server.name}: ${problem}`);
      }
    }
    for (const { name, connected, leaf } of this.proxies) {
      if (connected && leaf !== undefined && leaf.notAfter <= now && !this.comesBack(name)) {
        this.note(`${name} is connected and its certificate has ended`);
      }
    }
  }

  /** One that has just come back after its certificate has ended gets the next one in a moment. */
  private comesBack(name: string): boolean {
    const proxy = this.proxies.find((one) => one.name === name);
    return proxy?.held !== undefined && proxy.held.leaf.notAfter > this.options.clock.now() + hour / 2;
  }

  private note(problem: string): void {
    this.problems.push(`${new Date(this.options.clock.now()).toISOString()} ${problem}`);
  }
}

function refusal(leaf: Svid | undefined, bundle: string | undefined, now: number): string | undefined {
  if (leaf === undefined || bundle === undefined) return undefined;
  if (leaf.notBefore > now) return 'it is not valid yet';
  const rootEnds = endOfRoot(leaf, bundle);
  if (rootEnds === undefined) return 'no root that it trusts has signed it';
  if (leaf.notAfter > rootEnds) return 'it outlives its root';
  return rootEnds <= now ? 'the root has ended' : undefined;
}

/** By certificate and bundle: the same are asked for after everything that happens. */
const ends = new Map<string, Map<string, number | undefined>>();

/** When the root of the bundle ends that has signed a certificate. */
function endOfRoot({ certificateChain }: Svid, bundle: string): number | undefined {
  const known = ends.get(certificateChain) ?? new Map<string, number | undefined>();
  ends.set(certificateChain, known);
  if (!known.has(bundle)) {
    const x509 = new X509Certificate(certificateChain);
    const roots = certificatesOf(bundle).map((der) => new X509Certificate(der));
    const by = roots.find((root) => x509.checkIssued(root) && x509.verify(root.publicKey));
    known.set(bundle, by === undefined ? undefined : Date.parse(by.validTo));
  }
  return known.get(bundle);
}

/** Takes its time, fails at times, and when somebody is gone in between, either has kept what it was given or has not. */
class UnreliableStore implements RootStore {
  private kept: string | undefined;
  private life = 0;

  constructor(private readonly options: Pick<MeshOptions, 'clock' | 'chance'>) {}

  async load(): Promise<StoredRoot | undefined> {
    await this.time();
    if (this.options.chance() < 0.2) throw new Error('the store does not answer');
    return this.kept === undefined ? undefined : JSON.parse(this.kept);
  }

  async save(root: StoredRoot): Promise<void> {
    const { life } = this;
    await this.time();
    if (this.life !== life) return;
    if (this.options.chance() < 0.2) throw new Error('the store does not answer');
    this.kept = JSON.stringify(root);
    await this.time();
  }

  crash(): void {
    this.life++;
  }

  private time(): Promise<void> {
    const { clock, chance } = this.options;
    return new Promise((resolve) => void clock.schedule(chance() * second, resolve));
  }
}
