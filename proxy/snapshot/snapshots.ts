import { MeshProxy, type SecretRef, secretName } from '../../lib/envoy';
import type { Identity } from '../../lib/model';
import type { Change, ObservedProxy, State } from '../sources/source';
import { type ResourceMap, resourceTypes } from '../xds';
import { type Endpoints, EndpointsTable } from './endpoints';
import { Encoder } from './kept-resources';
import type { Maker } from './maker';
import { type Problem, Problems } from './problems';
import { type Differences, View } from './view';

export interface SnapshotsOptions {
  readonly maker: Maker;
  /** {@link Context.systemRoots} */
  readonly systemRoots: string;
}

/** What one connected proxy is to have, for as long as it is connected. */
export interface Attachment {
  readonly observed: ObservedProxy;
  readonly identity: Identity;
  /** All that its configuration refers to. Nobody is given another. */
  readonly secrets: readonly SecretRef[];
  /** What it is to have now; secrets are not among it. */
  resources(typeUrl: string): ResourceMap;
  detach(): void;
}

/** Why a pod cannot be given anything yet. */
export interface Waiting {
  readonly waitsFor: string;
}

/**
 * From the state to what each connected proxy is to have. Each thing is made once for all who have it, and again only when
 * something has changed that it is made from.
 */
export class Snapshots {
  private state: State;
  private readonly encoder = new Encoder();
  private readonly allProblems = new Problems();
  private readonly endpoints: EndpointsTable<View>;
  private readonly views = new Map<string, View>();
  /** Views that nobody has, and that are kept up to date for who comes back, as all do when the control plane was away. */
  private readonly idle = new Set<string>();
  /** Pods that have had a view and may come back, by the key of the view; and the other way round. */
  private readonly expected = new Map<string, Set<string>>();
  private readonly viewKeys = new Map<string, string>();
  private readonly attached = new Map<string, Set<Attached>>();
  /** Attached pods that are something else now which is not in the model yet. */
  private readonly unmoved = new Set<string>();
  private readonly byView = new Map<View, Set<Attached>>();

  constructor(
    state: State,
    private readonly options: SnapshotsOptions,
  ) {
    this.state = state;
    this.endpoints = new EndpointsTable(options.maker, this.encoder, this.allProblems);
  }

  /**
   * @param pod key of the pod (`podKey`)
   * @param changed called back after each change, when all of it is there
   */
  attach(pod: string, changed: (differences: Differences) => void): Attachment | Waiting {
    const observed = this.state.proxies.get(pod);
    const view = observed ? this.viewOf(observed) : { waitsFor: `the pod ${pod} to be seen` };
    if (!(view instanceof View)) return view;
    const attached: Attached = { view, changed };
    this.add(pod, attached);
    this.expect(pod, View.key(view.observed));
    return {
      get observed() {
        return attached.view.observed;
      },
      get identity() {
        return identityOf(attached.view);
      },
      get secrets() {
        return attached.view.secrets;
      },
      resources: (typeUrl) => attached.view.resources(typeUrl),
      detach: () => this.remove(pod, attached),
    };
  }

  /** The state has changed so. Everybody whom it concerns is told once. */
  update(state: State, change: Change): void {
    this.state = state;
    const told = new Map<Attached, Differences>();
    const ofView = (view: View, differences: Differences) => {
      for (const attached of this.byView.get(view) ?? []) merge(told, attached, differences);
    };
    const kinds = new Set(change.map(({ kind }) => kind));
    if (kinds.has('model') || kinds.has('surroundings')) {
      // First the endpoints, so that a view that is made anew finds them as they are.
      if (kinds.has('model')) this.deliver(this.endpoints.afterModel(state), ofView);
      for (const view of this.views.values()) ofView(view, view.refresh(state));
    }
    if (kinds.has('model')) {
      for (const key of [...this.idle]) this.settle(key);
      for (const pod of [...this.unmoved]) this.move(pod, told);
    }
    for (const part of change) {
      if (part.kind === 'endpoints') this.deliver(this.endpoints.afterEndpoints(state, part.key), ofView);
      if (part.kind === 'proxy') this.move(part.pod, told);
      if (part.kind === 'proxy' && !state.proxies.has(part.pod)) this.expect(part.pod, undefined);
    }
    for (const [attached, differences] of told) if (differences.size > 0) attached.changed(differences);
  }

  /** What is not served as it should be, now. */
  problems(): readonly Problem[] {
    return this.allProblems.all();
  }

  /** Grows whenever there are other problems. */
  get problemsRevision(): number {
    return this.allProblems.revision;
  }

  private viewOf(observed: ObservedProxy): View | Waiting {
    const key = View.key(observed);
    const existing = this.views.get(key);
    if (existing) {
      this.idle.delete(key);
      return existing;
    }
    if (!this.state.model) return { waitsFor: 'a mesh that can be read' };
    const view = new View(
      {
        maker: this.options.maker,
        encoder: this.encoder,
        endpoints: this.endpoints,
        problems: this.allProblems,
        systemRoots: this.options.systemRoots,
      },
      observed,
    );
    view.refresh(this.state);
    if (!view.identity) {
      const waitsFor = missing(observed, view);
      view.release();
      return { waitsFor };
    }
    this.views.set(key, view);
    return view;
  }

  private deliver(changed: readonly Endpoints<View>[], ofView: (view: View, differences: Differences) => void): void {
    for (const endpoints of changed) {
      for (const view of endpoints.users) {
        view.take(endpoints);
        ofView(view, new Map([[resourceTypes.endpoints, new Set([endpoints.cluster])]]));
      }
    }
  }

  /** A pod is of another workload or stands elsewhere. One that is gone keeps what it has until its stream ends. */
  private move(pod: string, told: Map<Attached, Differences>): void {
    const observed = this.state.proxies.get(pod);
    const all = this.attached.get(pod);
    this.unmoved.delete(pod);
    if (!observed || !all) return;
    for (const attached of [...all]) {
      const before = attached.view;
      const view = this.viewOf(observed);
      if (!(view instanceof View)) this.unmoved.add(pod);
      if (view === before || !(view instanceof View)) continue;
      this.remove(pod, attached);
      attached.view = view;
      this.add(pod, attached);
      this.expect(pod, View.key(observed));
      merge(told, attached, between(before, view));
    }
  }

  private add(pod: string, attached: Attached): void {
    addTo(this.attached, pod, attached);
    addTo(this.byView, attached.view, attached);
  }

  private remove(pod: string, attached: Attached): void {
    removeFrom(this.attached, pod, attached);
    removeFrom(this.byView, attached.view, attached);
    if (this.byView.has(attached.view)) return;
    const key = View.key(attached.view.observed);
    this.idle.add(key);
    this.settle(key);
  }

  /** The pod is to have this view, or none any more. */
  private expect(pod: string, key: string | undefined): void {
    const before = this.viewKeys.get(pod);
    if (before === key) return;
    if (before !== undefined) {
      removeFrom(this.expected, before, pod);
      this.viewKeys.delete(pod);
      this.settle(before);
    }
    if (key === undefined) return;
    addTo(this.expected, key, pod);
    this.viewKeys.set(pod, key);
  }

  /** An idle view for which nobody can come back is forgotten. */
  private settle(key: string): void {
    if (this.idle.has(key) && (this.views.get(key)?.gone || !this.expected.has(key))) this.forget(key);
  }

  private forget(key: string): void {
    this.idle.delete(key);
    this.views.get(key)?.release();
    this.views.delete(key);
  }
}

interface Attached {
  view: View;
  readonly changed: (differences: Differences) => void;
}

function missing({ proxy }: ObservedProxy, view: View): string {
  const [problem] = view.problems();
  if (problem) return `a configuration: ${problem.reasons.join('; ')}`;
  return `${MeshProxy.key(proxy)} to be in the mesh`;
}

function identityOf(view: View): Identity {
  if (!view.identity) throw new Error('a view without an identity is given to nobody');
  return view.identity;
}

/** Everything that either has. */
function between(before: View, after: View): Differences {
  const differences: Differences = new Map();
  for (const typeUrl of Object.values(resourceTypes)) {
    const names = [...before.resources(typeUrl).keys(), ...after.resources(typeUrl).keys()];
    if (names.length > 0) differences.set(typeUrl, new Set(names));
  }
  const secrets = [...before.secrets, ...after.secrets].map(secretName);
  if (secrets.length > 0) differences.set(resourceTypes.secret, new Set(secrets));
  return differences;
}

function merge(told: Map<Attached, Differences>, attached: Attached, differences: Differences): void {
  const all = told.get(attached) ?? new Map<string, Set<string>>();
  for (const [typeUrl, names] of differences) all.set(typeUrl, new Set([...(all.get(typeUrl) ?? []), ...names]));
  told.set(attached, all);
}

function addTo<Key, Value>(groups: Map<Key, Set<Value>>, key: Key, value: Value): void {
  const group = groups.get(key);
  if (group) group.add(value);
  else groups.set(key, new Set([value]));
}

function removeFrom<Key, Value>(groups: Map<Key, Set<Value>>, key: Key, value: Value): void {
  const group = groups.get(key);
  group?.delete(value);
  if (group?.size === 0) groups.delete(key);
}
