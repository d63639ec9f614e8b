import { type Assignment, concernOfEndpoints, type Endpoint, type Locality } from '../../lib/envoy';
import type { Model } from '../../lib/model';
import { endpointsKey, type State } from '../sources/source';
import { type Resource, resourceTypes } from '../xds';
import type { Encoder } from './kept-resources';
import type { Maker } from './maker';
import type { Problems } from './problems';
import { sameParts } from './same-parts';

/** The endpoints of one cluster as clients of one locality are given them; one for all who ask. */
export interface Endpoints<User> {
  readonly cluster: string;
  /** Absent: Envoy would refuse it, and there was none before. */
  readonly resource?: Resource | undefined;
  readonly users: ReadonlySet<User>;
}

/** Every assignment that somebody uses, each made once for each locality, and found by the endpoints that it is made from. */
export class EndpointsTable<User> {
  private readonly all = new Map<string, Entry<User>>();
  private readonly byEndpoints = new Map<string, Set<Entry<User>>>();

  constructor(
    private readonly maker: Maker,
    private readonly encoder: Encoder,
    private readonly problems: Problems,
  ) {}

  /** From now on `user` has these. */
  use(state: State, assignment: Assignment, locality: Locality | undefined, user: User): Endpoints<User> {
    const key = JSON.stringify([Object.entries(assignment).sort(), locality?.region, locality?.zone]);
    let entry = this.all.get(key);
    if (!entry) {
      entry = { key, cluster: assignment.cluster, assignment, locality, users: new Set() };
      this.all.set(key, entry);
      const source = endpointsKey(assignment);
      this.byEndpoints.set(source, (this.byEndpoints.get(source) ?? new Set()).add(entry));
      this.make(entry, state);
    }
    entry.users.add(user);
    return entry;
  }

  release(endpoints: Endpoints<User>, user: User): void {
    const entry = endpoints as Entry<User>;
    entry.users.delete(user);
    if (entry.users.size > 0) return;
    this.all.delete(entry.key);
    this.problems.forget(entry);
    const source = endpointsKey(entry.assignment);
    const others = this.byEndpoints.get(source);
    others?.delete(entry);
    if (others?.size === 0) this.byEndpoints.delete(source);
  }

  /** Those that differ after endpoints of this key have changed. */
  afterEndpoints(state: State, key: string): readonly Endpoints<User>[] {
    return [...(this.byEndpoints.get(key) ?? [])].filter((entry) => this.make(entry, state));
  }

  afterModel(state: State): readonly Endpoints<User>[] {
    return [...this.all.values()].filter((entry) => this.make(entry, state));
  }

  /** Whether it has become another. */
  private make(entry: Entry<User>, state: State): boolean {
    const { model } = state;
    if (!model) return false;
    const { assignment, locality, resource: before, made } = entry;
    const part = concernOfEndpoints(model, assignment);
    const endpoints = state.endpoints.get(endpointsKey(assignment)) ?? none;
    if (made && made.endpoints === endpoints && sameParts(made.part, part)) return false;
    entry.made = { part, endpoints };
    this.problems.solve(entry, assignment.cluster);
    const refused = (reasons: readonly string[]) => {
      const resource = { typeUrl: resourceTypes.endpoints, name: assignment.cluster };
      this.problems.set(entry, assignment.cluster, { resource, reasons });
    };
    let json: object;
    try {
      json = this.maker.loadAssignment(part, assignment, endpoints, locality);
    } catch (error) {
      // A fault of ours, which is nobody else's: the endpoints stay what they were.
      refused([`they cannot be made: ${error instanceof Error ? error.message : String(error)}`]);
      return false;
    }
    const draft = { typeUrl: resourceTypes.endpoints, name: assignment.cluster, json };
    entry.resource = this.encoder.encode(draft, before, refused);
    return entry.resource?.version !== before?.version;
  }
}

const none: readonly Endpoint[] = [];

interface Entry<User> extends Endpoints<User> {
  readonly key: string;
  readonly assignment: Assignment;
  readonly locality: Locality | undefined;
  readonly users: Set<User>;
  made?: { readonly part: Model; readonly endpoints: readonly Endpoint[] };
  resource?: Resource | undefined;
}
