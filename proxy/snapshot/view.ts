import { type Configuration, concern, MeshProxy, type SecretRef, secretName } from '../../lib/envoy';
import type { Identity, Model } from '../../lib/model';
import type { ObservedProxy, State } from '../sources/source';
import { type Resource, type ResourceMap, resourceTypes } from '../xds';
import type { Endpoints, EndpointsTable } from './endpoints';
import { type Draft, differing, type Encoder } from './kept-resources';
import type { Maker } from './maker';
import type { Problem, Problems } from './problems';
import { type Reading, reading } from './reading';
import { sameParts } from './same-parts';

/** Names that differ, by type. */
export type Differences = Map<string, Set<string>>;

export interface ViewOptions {
  readonly maker: Maker;
  readonly encoder: Encoder;
  readonly endpoints: EndpointsTable<View>;
  readonly problems: Problems;
  /** {@link Context.systemRoots} */
  readonly systemRoots: string;
}

/** What proxies of one kind are to have that stand in one place: pods of one workload, as a rule. */
export class View {
  /** What it is of is no longer in the model. */
  gone = false;
  private made: Made | undefined;
  private readonly resourcesByType = new Map<string, ResourceMap>();
  private readonly endpoints = new Map<string, Endpoints<View>>();

  constructor(
    private readonly options: ViewOptions,
    readonly observed: ObservedProxy,
  ) {}

  /** Two proxies of one key have the same. */
  static key({ proxy, binding, locality }: ObservedProxy): string {
    const places = binding.kind === 'pod' ? binding.applicationPorts : Object.entries(binding.ports).sort();
    return JSON.stringify([MeshProxy.key(proxy), binding.kind, places, locality?.region, locality?.zone]);
  }

  /** Whom its certificate names. Absent: it has never been in the model. */
  get identity(): Identity | undefined {
    return this.made?.identity;
  }

  /** Sorted by nothing; those of its configuration, which it may be given, and no others. */
  get secrets(): readonly SecretRef[] {
    return this.made?.secrets ?? [];
  }

  resources(typeUrl: string): ResourceMap {
    return this.resourcesByType.get(typeUrl) ?? nothing;
  }

  problems(): readonly Problem[] {
    return this.options.problems.of(this);
  }

  /**
   * Makes anew what depends on something that has changed. What is no longer in the model keeps what it has: its pods are about
   * to end, and serve until then.
   */
  refresh(state: State): Differences {
    const { model } = state;
    const identity = model && MeshProxy.identity(model, this.observed.proxy);
    this.gone = !identity;
    if (!model || !identity) return new Map();
    const part = concern(model, this.observed.proxy);
    if (this.made && sameParts(this.made.part, part) && this.made.reading.holdsIn(state)) return new Map();
    const made = this.make(state, part, identity);
    if (!made) return new Map();
    const secretsBefore = this.secrets.map(secretName);
    const { configuration, ...rest } = made;
    this.made = { ...rest, secrets: configuration.secrets };
    return this.adopt(state, configuration, secretsBefore);
  }

  /** The endpoints of one of its clusters are others now. */
  take({ cluster, resource }: Endpoints<View>): void {
    const resources = new Map(this.resources(resourceTypes.endpoints));
    if (resource) resources.set(cluster, resource);
    this.resourcesByType.set(resourceTypes.endpoints, resources);
  }

  /** Nobody has it any more. */
  release(): void {
    for (const endpoints of this.endpoints.values()) this.options.endpoints.release(endpoints, this);
    this.endpoints.clear();
    this.options.problems.forget(this);
  }

  private make(
    state: State,
    model: Model,
    identity: Identity,
  ): (Omit<Made, 'secrets'> & { readonly configuration: Configuration }) | undefined {
    const { proxy, binding, locality } = this.observed;
    const { maker, problems, systemRoots } = this.options;
    const read = reading(state);
    try {
      const configuration = maker.configurationOf({
        model,
        proxy,
        identity,
        binding,
        surroundings: read.surroundings,
        ...(locality && { locality }),
        systemRoots,
      });
      problems.forget(this);
      return { part: model, identity, configuration, reading: read };
    } catch (error) {
      // A fault of ours. It shall not take down those whose configuration can be made.
      const reason = error instanceof Error ? error.message : String(error);
      const reasons = [`its configuration cannot be made: ${reason}`];
      problems.set(this, whole, { proxy: MeshProxy.key(proxy), reasons });
      return undefined;
    }
  }

  private adopt(state: State, configuration: Configuration, secretsBefore: readonly string[]): Differences {
    const differences: Differences = new Map();
    const drafts = draftsOf(configuration);
    for (const [typeUrl, ofType] of drafts) {
      const before = this.resources(typeUrl);
      const after = this.encoded(typeUrl, ofType, before);
      note(differences, typeUrl, differing(before, after));
      this.resourcesByType.set(typeUrl, after);
    }
    const before = this.resources(resourceTypes.endpoints);
    const after = this.assigned(state, configuration);
    note(differences, resourceTypes.endpoints, differing(before, after));
    this.resourcesByType.set(resourceTypes.endpoints, after);
    note(differences, resourceTypes.secret, exclusive(secretsBefore, configuration.secrets.map(secretName)));
    return differences;
  }

  private encoded(typeUrl: string, drafts: readonly Draft[], before: ResourceMap): ResourceMap {
    const { encoder, problems } = this.options;
    const after = new Map<string, Resource>();
    for (const draft of drafts) {
      const { name } = draft;
      const about = `${typeUrl} ${name}`;
      const resource = encoder.encode(draft, before.get(name), (reasons) => {
        problems.set(this, about, { proxy: MeshProxy.key(this.observed.proxy), resource: { typeUrl, name }, reasons });
      });
      if (resource) after.set(name, resource);
    }
    return after;
  }

  /** Those that it had are released last: what both configurations ask for is not made anew. */
  private assigned(state: State, { assignments }: Configuration): ResourceMap {
    const table = this.options.endpoints;
    const before = [...this.endpoints.values()];
    this.endpoints.clear();
    const resources = new Map<string, Resource>();
    for (const assignment of assignments) {
      const endpoints = table.use(state, assignment, this.observed.locality, this);
      this.endpoints.set(assignment.cluster, endpoints);
      if (endpoints.resource) resources.set(assignment.cluster, endpoints.resource);
    }
    const used = new Set(this.endpoints.values());
    for (const endpoints of before) if (!used.has(endpoints)) table.release(endpoints, this);
    return resources;
  }
}

interface Made {
  /** What of the model concerns it. */
  readonly part: Model;
  readonly identity: Identity;
  readonly secrets: readonly SecretRef[];
  /** What it has read beside the model. */
  readonly reading: Reading;
}

/** Key of the problem that no configuration can be made. */
const whole = '';

const nothing: ResourceMap = new Map();

function draftsOf(configuration: Configuration): ReadonlyMap<string, readonly Draft[]> {
  const drafts = (typeUrl: string, resources: readonly { readonly name?: string }[]) =>
    [typeUrl, resources.map((json) => ({ typeUrl, name: json.name ?? '', json }))] as const;
  const [listener, listeners] = drafts(resourceTypes.listener, configuration.listeners);
  return new Map<string, readonly Draft[]>([
    drafts(resourceTypes.cluster, configuration.clusters),
    drafts(resourceTypes.route, configuration.routes),
    drafts(resourceTypes.extension, configuration.extensions),
    // The listener that says that the proxy serves comes when all else has been taken.
    [listener, listeners.map((draft) => (draft.name === 'readiness' ? { ...draft, after: 'everything' } : draft))],
  ]);
}

function note(differences: Differences, typeUrl: string, names: Iterable<string>): void {
  for (const name of names) differences.set(typeUrl, (differences.get(typeUrl) ?? new Set()).add(name));
}

function exclusive(one: readonly string[], other: readonly string[]): readonly string[] {
  return [...one.filter((name) => !other.includes(name)), ...other.filter((name) => !one.includes(name))];
}
