import { ApiObject, Chart, JsonPatch } from 'cdk8s';
import { Construct } from 'constructs';
import type { Collected } from './constructs/collect';
import type { Program } from './constructs/program';
import { type Manifest, manifestKey } from './kubernetes/manifest';
import { order } from './model';

/**
 * Puts objects into charts: each into that of its namespace, and, where several charts share the namespace, into that of the
 * construct it is named after. What is of no such namespace belongs to the mesh.
 */
export class Placement {
  private readonly holders = new Map<Chart, Construct>();
  private readonly homes = new Map<string, Home>();

  constructor(
    program: Program,
    private readonly collected: Collected,
  ) {
    for (const { construct } of program.declarations) {
      if (construct === collected.meshChart) continue;
      const chart = Chart.of(construct);
      const namespace = chart.namespace ?? 'default';
      const home = this.homes.get(namespace) ?? { charts: new Set<Chart>(), byName: new Map<string, Chart>() };
      home.charts.add(chart);
      home.byName.set(nameOf(construct), chart);
      this.homes.set(namespace, home);
    }
    const charts = [...this.homes.values()].flatMap((home) => [...home.charts]);
    for (const chart of [collected.meshChart, collected.definitionsChart, ...charts])
      chart.node.tryRemoveChild(holderId);
  }

  add(manifest: Manifest): void {
    new RenderedObject(this.holderIn(this.chartOf(manifest)), manifest);
  }

  private chartOf({ kind, metadata }: Manifest): Chart {
    if (kind === 'CustomResourceDefinition') return this.collected.definitionsChart;
    const namespace = kind === 'Namespace' ? metadata.name : metadata.namespace;
    const home = namespace === undefined ? undefined : this.homes.get(namespace);
    if (!home) return this.collected.meshChart;
    if (home.charts.size === 1) return first(home);
    // `web-callers` and `web-to-reviews-80` are named after `web`.
    for (let name = metadata.name; name !== ''; name = name.slice(0, Math.max(0, name.lastIndexOf('-')))) {
      const chart = home.byName.get(name);
      if (chart) return chart;
    }
    return first(home);
  }

  private holderIn(chart: Chart): Construct {
    let holder = this.holders.get(chart);
    if (!holder) {
      holder = new Construct(chart, holderId);
      this.holders.set(chart, holder);
    }
    return holder;
  }
}

/** True for objects that were put into a chart here. */
export function isPlaced(construct: Construct): boolean {
  return construct.node.scope?.node.id === holderId;
}

interface Home {
  readonly charts: Set<Chart>;
  readonly byName: Map<string, Chart>;
}

const holderId = 'meshwright-objects';

function first(home: Home): Chart {
  return [...home.charts].reduce((one, other) => (order(other.node.path, one.node.path) < 0 ? other : one));
}

/** The name of what a construct declares: services and their like have one that may differ from their id. */
function nameOf(construct: Construct): string {
  return 'name' in construct && typeof construct.name === 'string' ? construct.name : construct.node.id;
}

/**
 * An object that is complete as it is. It does not pass through cdk8s' resolvers, which would cost more than the whole
 * synthesis of a large mesh; patches that a user adds to it still apply.
 */
class RenderedObject extends ApiObject {
  private readonly operations: JsonPatch[] = [];

  constructor(
    scope: Construct,
    private readonly manifest: Manifest,
  ) {
    const { apiVersion, kind, metadata } = manifest;
    super(scope, manifestKey(manifest).replaceAll('/', '.'), { apiVersion, kind, metadata: { name: metadata.name } });
  }

  override addJsonPatch(...operations: JsonPatch[]): void {
    this.operations.push(...operations);
  }

  override toJson(): object {
    if (this.operations.length === 0) return this.manifest;
    // Patches change the document that they are given.
    return JsonPatch.apply(structuredClone(this.manifest), ...this.operations);
  }
}
