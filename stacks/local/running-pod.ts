import { mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Binding, type BootstrapOptions, bootstrapFiles, Place } from '../../lib/envoy';
import { type Model, names, Ref } from '../../lib/model';
import type { LocalTokens } from '../../proxy/identity';
import { environmentOf } from './environment';
import { type ApplicationPort, type Pod, placesOf } from './pods';
import type { Ports } from './ports';
import type { Keeper } from './process/keeper';
import { type Death, Supervised } from './process/supervised';
import { accepting, proxyReady } from './readiness';
import type { RunFolder } from './run-folder';
import type { StandIns } from './stand-ins';
import { Volume } from './volume';

/** What all pods of a mesh have in common. */
export interface Machine {
  readonly envoy: string;
  /** Folder of the program: commands run in it, or relative to it. */
  readonly directory: string;
  readonly folder: RunFolder;
  readonly ports: Ports;
  readonly keeper: Keeper;
  readonly tokens: LocalTokens;
  readonly xdsPort: number;
  /** Root certificates of the mesh, PEM. */
  readonly trustBundle: () => string;
  readonly standIns: StandIns;
  readonly on: {
    /** Whether a pod serves may have changed. */
    readonly changed: () => void;
    readonly died: (what: string, death: Death, logFile: string) => void;
  };
}

/** A pod that runs: its Envoy, its application, its ports. */
export class RunningPod {
  /** Unique among all that run and have run: a successor of the same pod has another one. */
  readonly name: string;
  restarts = 0;
  private readonly folder: string;
  private readonly numbers: { [place: string]: number } = {};
  private readonly portKeys = new Set<string>();
  private metricsPort = 0;
  private volume: Volume | undefined;
  private envoy: Supervised | undefined;
  private application: Supervised | undefined;
  private tokenTimer: NodeJS.Timeout | undefined;
  private envoyReady: boolean;
  private readonly listening = new Set<number>();
  private waiting = new AbortController();
  private started = '';
  private ending = false;
  private done = false;

  constructor(
    private described: Pod,
    readonly generation: number,
    number: number,
    private readonly machine: Machine,
  ) {
    this.name = generation === 0 ? described.name : `${described.name}.${generation}`;
    this.folder = machine.folder.podFolder(this.name, number);
    this.envoyReady = described.proxy === undefined;
  }

  get pod(): Pod {
    return this.described;
  }

  get ref(): Ref {
    return { namespace: this.pod.namespace, name: this.name };
  }

  /** Of each of its places, by `Place.key`. */
  get ports(): { readonly [place: string]: number } {
    return this.numbers;
  }

  get binding(): Binding {
    return { kind: 'assigned', ports: this.numbers };
  }

  /** Its proxy is there and has its configuration. */
  get proxyIsReady(): boolean {
    return this.envoyReady;
  }

  /** Serves everything that it is there for. */
  get isReady(): boolean {
    return this.envoyReady && this.pod.applicationPorts.every(({ port }) => this.listening.has(port));
  }

  get isEnding(): boolean {
    return this.ending;
  }

  serves(applicationPort: number): boolean {
    return !this.ending && this.envoyReady && this.listening.has(applicationPort);
  }

  /** In words, for people. */
  get state(): string {
    if (this.ending) return 'ending';
    const { process, proxy } = this.pod;
    if (proxy && this.envoy?.running === false) return 'its proxy has died';
    if (this.done) return 'its work is done';
    if (process.kind === 'command' && this.application?.running === false) return 'its process has died';
    if (!this.envoyReady) return 'its proxy is starting';
    if (!this.isReady) return 'its process is starting';
    if (process.kind === 'echo') return 'ready (echo server)';
    return process.kind === 'none' && proxy?.kind === 'sidecar' ? 'ready (no command)' : 'ready';
  }

  get adminSocket(): string | undefined {
    return this.pod.proxy ? join(this.folder, 'admin.sock') : undefined;
  }

  get logs(): readonly string[] {
    const { process, proxy } = this.pod;
    const own =
      process.kind === 'command' ? [this.logFile('')] : process.kind === 'echo' ? [this.machine.standIns.logFile] : [];
    return [...own, ...(proxy ? [this.logFile('.envoy')] : [])];
  }

  get pids(): readonly number[] {
    return [this.envoy?.pid, this.application?.pid].filter((pid) => pid !== undefined);
  }

  portOf(place: Place): number | undefined {
    return this.numbers[Place.key(place)];
  }

  /** Gives every place of the pod a port; those that have one keep it. */
  async assign(model: Model, pod: Pod): Promise<void> {
    for (const place of placesOf(model, pod)) {
      const key = Place.key(place);
      if (this.numbers[key] === undefined) this.numbers[key] = await this.port(key, place);
    }
    if (pod.proxy && this.metricsPort === 0) this.metricsPort = await this.port('metrics');
  }

  private async port(key: string, place?: Place): Promise<number> {
    const { pod } = this;
    if (pod.of.kind === 'standIn') return this.machine.ports.assign(standInKey(pod.of.externalService));
    // A gateway's successor takes over the very port: people know it.
    if (place?.kind === 'listener') {
      const stays = `${pod.key} ${key}`;
      const { ports } = this.machine;
      return pod.proxy?.kind === 'gateway' ? ports.assignLike(stays, place.port) : ports.assign(stays);
    }
    const portKey = `${pod.key} ${this.generation} ${key}`;
    this.portKeys.add(portKey);
    return this.machine.ports.assign(portKey);
  }

  /**
   * Whether only a successor can follow the program: what its processes are given at their start would be another thing now.
   * Echo servers and proxies follow by themselves.
   */
  hasToBeReplaced(model: Model, pod: Pod): boolean {
    return this.started !== this.startedWith(model, pod);
  }

  private startedWith(model: Model, pod: Pod): string {
    const { process, identity, proxy } = pod;
    const command =
      process.kind === 'command'
        ? [process.run.command, process.run.directory, environmentOf(model, pod, this.binding)]
        : [];
    return JSON.stringify([process.kind, command, identity, proxy, model.mesh.telemetry.metrics?.latencyBuckets]);
  }

  start(model: Model): void {
    this.started = this.startedWith(model, this.pod);
    const { proxy } = this.pod;
    if (proxy) this.startEnvoy(model, proxy.kind);
    else this.startApplication(model);
  }

  /** The same processes under a program that has changed around them. */
  follow(model: Model, pod: Pod): void {
    this.described = pod;
    if (pod.process.kind === 'echo' && this.envoyReady) this.startApplication(model);
  }

  private startEnvoy(model: Model, kind: BootstrapOptions['kind']): void {
    const { machine, pod, folder } = this;
    mkdirSync(folder, { mode: 0o700 });
    this.volume = new Volume(join(folder, 'etc'));
    const etc = this.volume.folder;
    const owner =
      pod.of.kind === 'service'
        ? pod.of.service.name
        : pod.of.kind === 'workload'
          ? pod.of.workload.name
          : pod.identity?.serviceAccount;
    const cluster = `${pod.namespace}/${owner}`;
    const { latencyBuckets } = model.mesh.telemetry.metrics ?? {};
    const options: BootstrapOptions = {
      kind,
      cluster,
      controlPlane: { host: '127.0.0.1', port: machine.xdsPort },
      paths: { runtime: folder, trust: etc, token: etc, config: etc },
      metricsAddress: '127.0.0.1',
      metricsPort: this.metricsPort,
      ...(latencyBuckets && { latencyBuckets }),
    };
    const made = Object.entries(bootstrapFiles(options)).map(([name, content]) => [name, JSON.stringify(content)]);
    this.bootstrap = Object.fromEntries(made);
    this.renewFiles();
    this.envoy = new Supervised(
      {
        name: `Envoy of ${this.name}`,
        command: [
          machine.envoy,
          ...['--config-path', join(etc, 'envoy.json')],
          ...['--service-node', `${this.name}.${pod.namespace}`, '--service-cluster', cluster],
          ...['--concurrency', '1', '--drain-time-s', '30', '--log-level', 'warning', '--disable-hot-restart'],
        ],
        directory: folder,
        env: process.env,
        logFile: this.logFile('.envoy'),
      },
      machine.keeper,
      {
        started: () => this.awaitEnvoy(model),
        died: (death) => {
          this.envoyReady = false;
          this.restarts++;
          machine.on.died(`the Envoy of ${this.name}`, death, this.logFile('.envoy'));
          machine.on.changed();
        },
      },
    );
    this.envoy.start();
  }

  private bootstrap: { readonly [name: string]: string } = {};

  /** Token and trust, as a cluster's node would put them into the pod's volume, and again before the token ends. */
  renewFiles(): void {
    const { identity } = this.pod;
    if (!this.volume || !identity || this.ending) return;
    clearTimeout(this.tokenTimer);
    const token = this.machine.tokens.issue({ pod: this.ref, identity, ttl: tokenLife });
    this.volume.project({ ...this.bootstrap, token, 'ca.crt': this.machine.trustBundle() });
    this.tokenTimer = setTimeout(() => this.renewFiles(), tokenLife * 0.8);
    this.tokenTimer.unref();
  }

  /** Its application starts when it can be called and can call. */
  private awaitEnvoy(model: Model): void {
    const port = this.portOf({ kind: 'readiness' });
    if (port === undefined) return;
    void proxyReady(port, this.waiting.signal).then((ready) => {
      if (!ready || this.ending) return;
      this.envoyReady = true;
      if (!this.application) this.startApplication(model);
      this.machine.on.changed();
    });
  }

  private startApplication(model: Model): void {
    const { machine, pod } = this;
    if (pod.process.kind === 'echo') {
      machine.standIns.set(this.name, this.echoListeners());
      this.awaitPorts(pod.applicationPorts);
      return;
    }
    if (pod.process.kind === 'none') return;
    const { run } = pod.process;
    this.application = new Supervised(
      {
        name: this.name,
        command: run.command,
        directory: resolve(machine.directory, run.directory ?? '.'),
        env: { ...process.env, ...environmentOf(model, pod, this.binding) },
        logFile: this.logFile(''),
        // A Job.
        mayEnd: pod.of.kind === 'workload',
      },
      machine.keeper,
      {
        started: () => this.awaitPorts(pod.applicationPorts),
        ended: () => {
          this.done = true;
          machine.on.changed();
        },
        died: (death) => {
          this.restarts++;
          this.listening.clear();
          machine.on.died(this.name, death, this.logFile(''));
          machine.on.changed();
        },
      },
    );
    this.application.start();
  }

  private echoListeners() {
    const { of, namespace } = this.pod;
    const service = of.kind === 'service' ? Ref.key(of.service) : namespace;
    const version = of.kind === 'service' ? of.version : undefined;
    return this.pod.applicationPorts.flatMap(({ port, protocol }) => {
      const at = this.portOf({ kind: 'application', applicationPort: port });
      return at === undefined ? [] : [{ service, ...(version && { version }), at, protocol }];
    });
  }

  private awaitPorts(ports: readonly ApplicationPort[]): void {
    for (const { port } of ports) {
      const at = this.portOf({ kind: 'application', applicationPort: port });
      if (at === undefined || this.listening.has(port)) continue;
      void accepting(at, this.waiting.signal).then((ready) => {
        // What has died meanwhile is waited for again when it has been started again.
        if (!ready || this.ending || this.application?.running === false) return;
        this.listening.add(port);
        this.machine.on.changed();
      });
    }
  }

  /** The echo server has died, and is started again. */
  echoDied(): void {
    if (this.pod.process.kind !== 'echo' || this.ending) return;
    this.listening.clear();
    this.awaitPorts(this.pod.applicationPorts);
  }

  /** Callers are to leave it; it goes on with what it has. */
  leave(): void {
    this.ending = true;
  }

  /** Its application first, so that what it is answering still gets through its proxy. Milliseconds. */
  async stop(grace: { readonly application: number; readonly proxy: number }): Promise<void> {
    this.ending = true;
    this.waiting.abort();
    clearTimeout(this.tokenTimer);
    if (this.pod.process.kind === 'echo') this.machine.standIns.remove(this.name);
    await this.application?.stop(grace.application);
    await this.envoy?.stop(grace.proxy);
    rmSync(this.folder, { recursive: true, force: true });
    for (const key of this.portKeys) this.machine.ports.release(key);
  }

  private logFile(ending: '' | '.envoy'): string {
    return join(this.machine.folder.logs, `${this.pod.namespace}.${this.name}${ending}.log`);
  }
}

/** Of a token, in milliseconds; as in pods. */
const tokenLife = 3_600_000;

export function spiffeIdOf(model: Model, pod: Pod): string | undefined {
  return pod.identity && names.spiffeId(model.mesh.trustDomain, pod.identity);
}

/** Under which the port of a stand-in is assigned: before there is a pod for it, because the port is part of the mesh. */
export function standInKey(externalService: Ref): string {
  return `stand-in ${Ref.key(externalService)}`;
}
