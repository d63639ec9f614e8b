import { setTimeout as delay } from 'node:timers/promises';
import { type Model, Ref } from '../../lib/model';
import type { MemorySource } from '../../proxy/sources/memory';
import { between, withLeaving } from './between';
import { endpointsOf } from './endpoints';
import { collectorIn, onThisMachine } from './on-this-machine';
import { type Pod, podsOf } from './pods';
import { type Machine, RunningPod, standInKey } from './running-pod';

/** Everything of a mesh that runs here, kept as the program says it. */
export class Fleet {
  /** By the key of the pod, oldest first: a successor runs beside its predecessor until it is ready. */
  private readonly running = new Map<string, RunningPod[]>();
  private readonly leaving = new Map<RunningPod, Model>();
  private readonly endpointKeys = new Set<string>();
  private wanted: Model | undefined;
  /** While new pods start: the program before. */
  private before: Model | undefined;
  private readonly generations = new Map<string, number>();
  private numbers = 0;
  private newer = new AbortController();
  private readonly stopping = new Set<Promise<void>>();

  constructor(
    private readonly machine: Machine,
    private readonly source: MemorySource,
    /** Fulfilled when every proxy has what it is to have. */
    private readonly settled: () => Promise<void>,
    private readonly env: NodeJS.ProcessEnv = process.env,
  ) {}

  /** As it runs here. */
  get model(): Model | undefined {
    return this.wanted;
  }

  get pods(): readonly RunningPod[] {
    return [...this.running.values()].flat();
  }

  /** Those that are to be there, without predecessors that are going. */
  get current(): readonly RunningPod[] {
    return [...this.running.values()].flatMap((all) => all.filter((one) => !one.isEnding).slice(-1));
  }

  /**
   * Starts what is new, lets the rest follow, and stops what is gone, in such an order that no request meets what is not there. One
   * at a time; {@link hurry} makes it wait for nothing any more.
   */
  async apply(declared: Model): Promise<void> {
    const next = await this.here(declared);
    this.newer = new AbortController();
    const first = this.wanted === undefined;
    const pods = podsOf(next);
    const fresh: RunningPod[] = [];
    for (const pod of pods) {
      const current = this.newestOf(pod.key);
      await current?.assign(next, pod);
      if (current && !current.hasToBeReplaced(next, pod)) {
        current.follow(next, pod);
        continue;
      }
      // Its port is known to its callers, so two cannot run side by side.
      if (current && pod.of.kind === 'standIn') await this.remove(current);
      fresh.push(await this.add(pod, next));
    }
    const keys = new Set(pods.map(({ key }) => key));
    const gone = this.pods.filter(({ pod }) => !keys.has(pod.key));
    const old = this.wanted;
    this.wanted = next;
    if (old && fresh.length > 0) {
      this.before = old;
      this.publish();
      for (const pod of fresh) pod.start(next);
      await this.areReady(fresh);
      this.before = undefined;
    }
    for (const pod of gone) this.retire(pod, old ?? next);
    this.publish();
    if (first) for (const pod of fresh) pod.start(next);
    await this.settled();
  }

  /** A newer program has come. */
  hurry(): void {
    this.newer.abort();
  }

  /** Something has become ready, or is no longer. */
  refresh(): void {
    for (const all of this.running.values()) {
      if (!all.at(-1)?.isReady) continue;
      for (const predecessor of all.slice(0, -1)) if (!predecessor.isEnding) this.retire(predecessor, this.wanted);
    }
    this.publishEndpoints();
  }

  /** Ends everything: what lets requests in first, then what answers them, then what is between. Milliseconds. */
  async stop(grace: { readonly application: number; readonly proxy: number }): Promise<void> {
    const all = this.pods;
    const gateways = all.filter(({ pod }) => pod.of.kind === 'proxy' && pod.of.proxy === 'gateway');
    await Promise.all(gateways.map((pod) => pod.stop(grace)));
    await Promise.all(all.filter((pod) => !gateways.includes(pod)).map((pod) => pod.stop(grace)));
    await Promise.all(this.stopping);
  }

  private newestOf(key: string): RunningPod | undefined {
    return this.running.get(key)?.findLast((one) => !one.isEnding);
  }

  private async here(declared: Model): Promise<Model> {
    const standIns = new Map<string, number>();
    for (const external of declared.externalServices) {
      if (!external.local) continue;
      standIns.set(Ref.key(external), await this.machine.ports.assign(standInKey(external)));
    }
    const collector = collectorIn(this.env);
    return onThisMachine(declared, {
      standInPort: (ref) => standIns.get(Ref.key(ref)),
      ...(collector && { collector }),
    });
  }

  private async add(pod: Pod, model: Model): Promise<RunningPod> {
    const all = this.running.get(pod.key) ?? [];
    const generation = (this.generations.get(pod.key) ?? -1) + 1;
    this.generations.set(pod.key, generation);
    const added = new RunningPod(pod, generation, this.numbers++, this.machine);
    await added.assign(model, pod);
    this.running.set(pod.key, [...all, added]);
    return added;
  }

  private async areReady(pods: readonly RunningPod[]): Promise<void> {
    const { signal } = this.newer;
    const until = performance.now() + patience;
    while (!signal.aborted && performance.now() < until) {
      if (pods.every((pod) => pod.isReady || pod.isEnding)) return;
      await delay(50, undefined, { signal }).catch(() => {});
    }
  }

  /** Callers learn that it is gone; when they have, it ends. */
  private retire(pod: RunningPod, model: Model | undefined): void {
    if (pod.isEnding) return;
    pod.leave();
    if (model) this.leaving.set(pod, model);
    const done = this.settled()
      .then(() => this.remove(pod))
      .then(() => {
        this.publish();
        this.machine.on.changed();
      })
      .finally(() => this.stopping.delete(done));
    this.stopping.add(done);
  }

  private async remove(pod: RunningPod): Promise<void> {
    await pod.stop(graceOfOne);
    this.leaving.delete(pod);
    const left = (this.running.get(pod.pod.key) ?? []).filter((one) => one !== pod);
    if (left.length > 0) this.running.set(pod.pod.key, left);
    else this.running.delete(pod.pod.key);
    this.source.removeProxy(pod.ref);
  }

  /** All that the control plane is to know, in one change. */
  private publish(): void {
    if (!this.wanted) return;
    const next = this.before ? between(this.before, this.wanted) : this.wanted;
    const leaving = [...this.leaving].flatMap(([{ pod }, model]) => {
      const of = refOf(pod);
      return of ? [{ of, model }] : [];
    });
    this.source.setModel(withLeaving(next, leaving));
    for (const running of this.pods) {
      const { proxy } = running.pod;
      if (proxy)
        this.source.setProxy(running.ref, { proxy, binding: { kind: 'assigned', ports: { ...running.ports } } });
    }
    this.publishEndpoints();
  }

  private publishEndpoints(): void {
    if (!this.wanted) return;
    const model = this.before ? between(this.before, this.wanted) : this.wanted;
    const endpoints = endpointsOf(model, this.pods);
    for (const key of this.endpointKeys) if (!endpoints.has(key)) this.source.setEndpoints(key, []);
    this.endpointKeys.clear();
    for (const [key, list] of endpoints) {
      this.endpointKeys.add(key);
      this.source.setEndpoints(key, list);
    }
  }
}

/** How long new pods are waited for before the program holds without them, in milliseconds. */
const patience = 20_000;

/** Of a pod that nobody calls any more: what it is answering is finished. */
const graceOfOne = { application: 20_000, proxy: 2_000 };

function refOf(pod: Pod): Ref | undefined {
  switch (pod.of.kind) {
    case 'service':
      return pod.of.service;
    case 'workload':
      return pod.of.workload;
    case 'proxy':
      return pod.of.name;
    case 'standIn':
      return undefined;
  }
}
