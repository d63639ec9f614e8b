import { type Input, type Resource, RunError } from '@pulumi/pulumi';
import { type Manifest, manifestKey } from '../../lib/kubernetes/manifest';
import { applyOrder, rank } from '../../lib/kubernetes/running/order';
import { names } from '../../lib/model';

/**
 * The order in which the resources of a mesh are made, and what each of them depends on.
 *
 * A resource waits for all of the stages before its own. What Pulumi writes down as its dependencies, and follows backwards
 * when it deletes, is less: its namespace, the definition of its kind and, once there is one, the control plane. If all of
 * the stages before were written down with each resource, that would grow with the square of the mesh.
 */
export class Stages {
  /** Objects as they are to be made: none before what it depends on. */
  readonly inOrder: readonly Manifest[];
  private readonly places: ReadonlyMap<string, Place>;
  private readonly resources = new Map<string, Resource>();
  private current = Number.NEGATIVE_INFINITY;
  /** Until every resource of the stages before the current one is there. */
  private earlier: Promise<unknown> = Promise.resolve();
  private ofCurrent: Promise<void>[] = [];

  constructor(
    objects: readonly Manifest[],
    /** What the author of an object said that it waits for. By {@link manifestKey}. */
    declared: ReadonlyMap<string, readonly string[]>,
    /** What the whole waits for: Pulumi does not hand the `dependsOn` of a component on to its resources. */
    private readonly before: readonly Input<Resource>[],
  ) {
    this.places = places(objects, declared);
    this.inOrder = [...this.places.values()].sort((a, b) => a.stage - b.stage).map((place) => place.object);
  }

  /** For `dependsOn`; to be asked in order. */
  dependenciesOf(object: Manifest): Promise<Input<Resource>[]> {
    const place = this.placeOf(object);
    if (place.stage > this.current) {
      this.earlier = Promise.all([this.earlier, ...this.ofCurrent]);
      this.ofCurrent = [];
      this.current = place.stage;
    }
    const resources = place.dependencies.flatMap((key) => this.resources.get(key) ?? []);
    return this.earlier.then(() => (resources.length > 0 ? resources : [...this.before]));
  }

  made(object: Manifest, resource: Resource): void {
    this.resources.set(manifestKey(object), resource);
    this.ofCurrent.push(new Promise((resolve) => resource.urn.apply(() => resolve())));
  }

  private placeOf(object: Manifest): Place {
    const place = this.places.get(manifestKey(object));
    if (!place) throw new Error(`${manifestKey(object)} has no place among the stages`);
    return place;
  }
}

interface Place {
  readonly object: Manifest;
  /** Its rank, or that of what it depends on if that is later. */
  readonly stage: number;
  readonly dependencies: readonly string[];
}

/** The place of each object; what an object depends on stands before it in the map. */
function places(
  objects: readonly Manifest[],
  declared: ReadonlyMap<string, readonly string[]>,
): ReadonlyMap<string, Place> {
  const byKey = new Map(applyOrder(objects).map((object) => [manifestKey(object), object]));
  const needs = needsOf(objects);
  const placed = new Map<string, Place>();
  const path = new Set<string>();
  const put = (key: string, object: Manifest): Place => {
    const known = placed.get(key);
    if (known) return known;
    if (path.has(key)) throw waitsForItself([...path, key]);
    path.add(key);
    const dependencies = [...new Set([...needs(object), ...(declared.get(key) ?? [])])].filter(
      (dependency) => dependency !== key && byKey.has(dependency),
    );
    const stages = dependencies.map((dependency) => put(dependency, byKey.get(dependency) ?? object).stage);
    path.delete(key);
    const place = { object, stage: Math.max(rank(object), ...stages), dependencies };
    placed.set(key, place);
    return place;
  };
  for (const [key, object] of byKey) put(key, object);
  return placed;
}

/** What an object cannot be without, or must not outlive. */
function needsOf(objects: readonly Manifest[]): (object: Manifest) => readonly string[] {
  const namespaces = new Map<string, string>();
  const definitions = new Map<string, string>();
  const ofControlPlane: Manifest[] = [];
  for (const object of objects) {
    if (object.kind === 'Namespace') namespaces.set(object.metadata.name, manifestKey(object));
    if (object.kind === 'CustomResourceDefinition') {
      definitions.set(`${object.spec.group} ${object.spec.names.kind}`, manifestKey(object));
    }
    if (object.metadata.labels?.[names.keys.component] === 'control-plane') ofControlPlane.push(object);
  }
  const controlPlane = ofControlPlane.find((object) => object.kind === 'Deployment');
  const itsNeeds = controlPlane ? ofControlPlane.filter((object) => rank(object) < rank(controlPlane)) : [];
  return (object) => [
    ...found(namespaces, object.metadata.namespace),
    ...found(definitions, `${object.apiVersion.split('/')[0]} ${object.kind}`),
    ...(controlPlane && object === controlPlane ? itsNeeds.map(manifestKey) : []),
    ...(controlPlane && rank(object) > rank(controlPlane) ? [manifestKey(controlPlane)] : []),
  ];
}

function found(keys: ReadonlyMap<string, string>, name: string | undefined): readonly string[] {
  const key = name === undefined ? undefined : keys.get(name);
  return key === undefined ? [] : [key];
}

function waitsForItself(path: readonly string[]): RunError {
  const circle = path.slice(path.indexOf(path.at(-1) ?? ''));
  return new RunError(`objects wait for one another, so none of them can be made first:\n  ${circle.join('\n  ')}`);
}
