import { ApiObject, type Chart } from 'cdk8s';
import { type Manifest, manifestKey } from '../kubernetes/manifest';
import { applyOrder } from '../kubernetes/running';

/**
 * Objects of a chart come out in the order of statements. The same mesh shall be the same bytes whatever that order is, and
 * `kubectl apply` shall find a namespace before what is in it. What depends on something, by its author's word, comes
 * after it.
 */
export function writeInApplyOrder(chart: Chart): void {
  if (ordered.has(chart)) return;
  ordered.add(chart);
  const toJson = chart.toJson.bind(chart);
  chart.toJson = () => {
    const objects = applyOrder(toJson() as Manifest[]);
    return [...afterDependencies(objects, dependenciesIn(chart))];
  };
}

const ordered = new WeakSet<Chart>();

/** The objects that each object of a chart depends on, by their keys. cdk8s has made object dependencies of all others. */
function dependenciesIn(chart: Chart): ReadonlyMap<string, readonly string[]> {
  const dependencies = new Map<string, readonly string[]>();
  for (const construct of chart.node.findAll()) {
    if (!ApiObject.isApiObject(construct) || construct.node.dependencies.length === 0) continue;
    const keys = construct.node.dependencies
      .filter((one) => ApiObject.isApiObject(one))
      .map((one) => keyOf(one as ApiObject));
    dependencies.set(keyOf(construct as ApiObject), keys.sort());
  }
  return dependencies;
}

function keyOf({ apiVersion, kind, name, metadata }: ApiObject): string {
  return manifestKey({ apiVersion, kind, metadata: { name, namespace: metadata.namespace } });
}

/** Keeps an order but for what stands before something that it depends on. cdk8s has refused circles already. */
function afterDependencies(
  objects: readonly Manifest[],
  dependencies: ReadonlyMap<string, readonly string[]>,
): readonly Manifest[] {
  if (dependencies.size === 0) return objects;
  const byKey = new Map(objects.map((object) => [manifestKey(object), object]));
  const placed = new Set<Manifest>();
  const place = (object: Manifest) => {
    if (placed.has(object)) return;
    for (const key of dependencies.get(manifestKey(object)) ?? []) {
      const earlier = byKey.get(key);
      if (earlier && earlier !== object) place(earlier);
    }
    placed.add(object);
  };
  for (const object of objects) place(object);
  return [...placed];
}
