import { configurationOf, loadAssignment, MeshProxy, secretName } from '../lib/envoy';
import type { Identity } from '../lib/model';
import { AdminServer } from './admin';
import { Admission } from './admission';
import type { Clock } from './clock';
import { ConnectedProxies } from './connected-proxies';
import { ConnectedProxy } from './connected-proxy';
import {
  type Authenticated,
  type Authenticator,
  type Authority,
  type AuthorityChange,
  type Held,
  type Identities,
  identities,
  type Leaf,
  type Progress,
} from './identity';
import type { Log } from './log';
import { Measurements } from './measurements';
import { ProblemLog } from './problem-log';
import { RotationProgress } from './rotation-progress';
import { type Maker, SecretResources, Snapshots } from './snapshot';
import type { Change, Source } from './sources/source';
import { type Limits, resourceTypes, XdsServer } from './xds';

export interface ControlPlaneOptions {
  readonly source: Source;
  /** Must be able to sign when the control plane starts. */
  readonly authority: Authority;
  readonly authenticator: Authenticator;
  readonly clock: Clock;
  readonly log: Log;
  readonly xds: {
    readonly host: string;
    /** 0: one that is free. */
    readonly port: number;
    /** DNS names and addresses under which proxies find it: its certificate is of these. */
    readonly serverNames: readonly string[];
    readonly limits?: Partial<Limits>;
  };
  readonly admin: {
    readonly host: string;
    /** 0: one that is free. */
    readonly port: number;
  };
  /**
   * File with the root certificates of the system in the proxies' containers.
   *
   * @default where the image of Envoy has it
   */
  readonly systemRoots?: string;
  /** How far the proxies have followed the root of trust; told when that changes. @default - nobody is told */
  readonly onProgress?: (progress: Progress) => void;
  /** Whether it is this replica that writes to the cluster. @default - always */
  readonly leads?: () => boolean;
  /** Between 0 and 1, by chance: replicas do not renew certificates at the same moments. @default 0 */
  readonly phase?: number;
  /**
   * How long a proxy waits for what it is of to be known, in milliseconds; then it is refused, and comes back.
   *
   * @default half a minute
   */
  readonly patience?: number;
  /** What makes configuration. @default `lib/envoy` */
  readonly maker?: Maker;
}

/**
 * Serves the mesh to its proxies: what the source says, as configuration, with certificates by the authority.
 *
 *     source ──▶ snapshots ──▶ connected proxies ──▶ xDS
 *     authority ──▶ identities ──▶ secrets ──┘
 */
export class ControlPlane {
  private readonly proxies = new ConnectedProxies();
  private readonly snapshots: Snapshots;
  private readonly secrets: SecretResources;
  private readonly identities: Identities;
  private readonly admission: Admission;
  private readonly measurements = new Measurements();
  private readonly progress: RotationProgress;
  private readonly problemLog: ProblemLog;
  private readonly endings: (() => void)[] = [];
  private xds: XdsServer | undefined;
  private admin: AdminServer | undefined;
  /** When the change was seen that is being followed: what it takes to compute is part of how long it takes to arrive. */
  private seen = 0;

  /** Serves when it is given. */
  static async start(options: ControlPlaneOptions): Promise<ControlPlane> {
    const controlPlane = new ControlPlane(options);
    try {
      await controlPlane.listen();
    } catch (error) {
      await controlPlane.close();
      throw error;
    }
    return controlPlane;
  }

  private constructor(private readonly options: ControlPlaneOptions) {
    const { source, authority, clock, log, phase = 0, patience = defaultPatience, maker = byLibrary } = options;
    this.snapshots = new Snapshots(source.state, { maker, systemRoots: options.systemRoots ?? defaultSystemRoots });
    this.secrets = new SecretResources(authority);
    this.identities = identities({ authority, clock, log, phase });
    this.admission = new Admission({ snapshots: this.snapshots, clock, patience });
    this.problemLog = new ProblemLog(log);
    this.progress = new RotationProgress({
      clock,
      streams: () => this.xds?.streams() ?? [],
      expected: () => this.options.source.state.proxies,
      generationOf: (pod, secret, version) => this.generationOf(pod, secret, version),
      tell: (progress) => options.onProgress?.(progress),
    });
  }

  /** Where proxies find it. */
  get xdsPort(): number {
    return this.xds?.port ?? 0;
  }

  get adminPort(): number {
    return this.admin?.port ?? 0;
  }

  /** Takes no more proxies and lets those that there are go elsewhere. They keep what they have. */
  async close(): Promise<void> {
    for (const end of this.endings.splice(0)) end();
    this.admission.close();
    this.progress.close();
    await Promise.all([this.xds?.close({ graceful: true }), this.admin?.close()]);
    this.identities.close();
  }

  private async listen(): Promise<void> {
    const { source, authority, authenticator, clock, log, xds } = this.options;
    this.endings.push(
      source.onChange((change) => this.update(change)),
      authority.onChange((changed) => this.follow(changed)),
    );
    // What has changed before somebody listened.
    this.snapshots.update(source.state, [{ kind: 'model' }]);
    const server: Held<Leaf> = this.identities.holdServer(xds.serverNames, (leaf) => this.xds?.setCertificate(leaf));
    this.endings.push(() => server.release());
    this.xds = await XdsServer.start<Authenticated>({
      host: xds.host,
      port: xds.port,
      certificate: server.leaf,
      authenticate: (token) => authenticator.authenticate(token),
      connect: (authenticated) => this.connect(authenticated),
      clock,
      log,
      ...(xds.limits && { limits: xds.limits }),
    });
    this.xds.setCertificate(server.leaf);
    this.admin = await AdminServer.start({
      ...this.options.admin,
      log,
      clock,
      subject: {
        isReady: () => source.state.model !== undefined,
        proxies: this.proxies,
        streams: () => this.xds?.streams() ?? [],
        statistics: () => this.xds?.statistics,
        measurements: this.measurements,
        problems: () => this.snapshots.problems(),
        waiting: () => this.admission.waiting(),
        state: () => source.state,
        issued: () => this.identities.issued,
        rootExpiries: () => authority.rootExpiries(),
        leads: () => this.options.leads?.() ?? true,
      },
    });
    log.info('the control plane serves', { xds: this.xdsPort, admin: this.adminPort });
  }

  private async connect(authenticated: Authenticated): Promise<ConnectedProxy> {
    const { clock, source } = this.options;
    const holder: { proxy?: ConnectedProxy } = {};
    const attachment = await this.admission.admit(authenticated, (differences) => {
      if (holder.proxy) this.proxies.note(holder.proxy, differences, this.seen);
    });
    const svid = this.hold(authenticated.identity, holder, () => attachment.detach());
    const proxy = new ConnectedProxy({
      authenticated,
      attachment,
      svid,
      secrets: (attached, leaf) => this.secrets.of(attached.secrets, source.state, leaf),
      clock,
      on: {
        acknowledged: (_, { typeUrl }, seconds) => {
          if (seconds !== undefined) this.measurements.pushed(seconds);
          if (typeUrl === resourceTypes.secret) this.progress.look();
        },
        refused: (of, { typeUrl }, reason) => {
          this.measurements.rejected(of.proxy);
          const { log } = this.options;
          log.warn('a proxy refuses its configuration', {
            proxy: of.key,
            of: MeshProxy.key(of.proxy),
            typeUrl,
            reason,
          });
        },
        closed: (of) => {
          this.proxies.remove(of);
          this.progress.look();
        },
      },
    });
    holder.proxy = proxy;
    this.proxies.add(proxy);
    this.problemLog.look(this.snapshots);
    return proxy;
  }

  private hold(identity: Identity, holder: { readonly proxy?: ConnectedProxy }, failed: () => void) {
    try {
      return this.identities.hold(identity, () => {
        if (!holder.proxy) return;
        this.proxies.note(holder.proxy, onlySecret('identity'), this.options.clock.now());
        this.proxies.tell();
      });
    } catch (error) {
      failed();
      throw error;
    }
  }

  /** Everybody whom a change concerns is told at once, all of it together. */
  private update(change: Change): void {
    this.seen = this.options.clock.now();
    const { state } = this.options.source;
    try {
      this.snapshots.update(state, change);
    } catch (error) {
      // Proxies keep what they have, and the next change is tried again.
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.options.log.error('a change could not be followed', { reason });
    }
    for (const part of change) {
      if (part.kind !== 'secret') continue;
      const [namespace = '', name = ''] = part.key.split('/');
      this.noteSecret(secretName({ kind: part.of, namespace, name }));
    }
    this.proxies.tell();
    this.admission.retry();
    this.problemLog.look(this.snapshots);
    if (change.some(({ kind }) => kind === 'proxy')) this.progress.look();
  }

  private follow({ trust }: AuthorityChange): void {
    if (!trust) return;
    this.seen = this.options.clock.now();
    this.noteSecret(secretName({ kind: 'trust' }));
    this.proxies.tell();
    this.progress.look();
  }

  private noteSecret(secret: string): void {
    for (const proxy of this.proxies.all()) {
      if (proxy.names(secret)) this.proxies.note(proxy, onlySecret(secret), this.seen);
    }
  }

  private generationOf(pod: string, secret: string, version: string): number | undefined {
    const proxy = this.proxies.of(pod).at(-1);
    const resource = proxy?.lastSent(resourceTypes.secret, secret, version);
    return resource && this.secrets.generationOf(resource);
  }
}

const byLibrary: Maker = { configurationOf, loadAssignment };

/** Of `envoyproxy/envoy`, which is made from Ubuntu. */
const defaultSystemRoots = '/etc/ssl/certs/ca-certificates.crt';

const defaultPatience = 30_000;

function onlySecret(name: string): ReadonlyMap<string, ReadonlySet<string>> {
  return new Map([[resourceTypes.secret, new Set([name])]]);
}
