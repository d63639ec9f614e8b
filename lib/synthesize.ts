import { ApiObject, Chart, JsonPatch } from 'cdk8s';
import { Construct } from 'constructs';
import { analyze } from './analysis';
import { type Collected, collect } from './constructs/collect';
import type { PodOwner } from './constructs/fragment';
import { adapt, original, withPodLabels } from './constructs/pods';
import type { Outcome, Program } from './constructs/program';
import { adopt } from './kubernetes/declared';
import { type Manifest, manifestKey } from './kubernetes/manifest';
import { inject, podFacts } from './kubernetes/running';
import { Diagnostic, type Model, names, order } from './model';
import { render } from './render';

/**
 * Makes the objects of a tree: reads what its constructs declare, analyses it, and, if there is no mistake in it, puts the
 * objects of the mesh into the charts of their namespaces. With a mistake nothing is made.
 */
export function synthesize(program: Program): Outcome {
  const collected = collect(program);
  const facts = collected.owners.map((owner) => podFacts(owner.member, manifestOf(owner)));
  const found = [
    ...collected.mistakes,
    ...analyze(collected.model, facts).map((diagnostic) => placed(diagnostic, collected)),
  ];
  const diagnostics = found.sort(Diagnostic.compare);
  const errors = diagnostics.filter((diagnostic) => diagnostic.level === 'error');
  if (errors.length === 0) {
    populate(program, collected);
    for (const warning of diagnostics) console.warn(`warning: ${Diagnostic.format(warning)}`);
  }
  return { diagnostics, errorsAt: byPath(errors) };
}

/** A diagnostic speaks of a part of the model; its author knows the construct that declared it. */
function placed(diagnostic: Diagnostic, collected: Collected): Diagnostic {
  const path = collected.declaredAt.get(diagnostic.at as never);
  if (path !== undefined) return { ...diagnostic, at: path };
  return { ...diagnostic, at: collected.meshChart.node.path, message: `${diagnostic.at}: ${diagnostic.message}` };
}

function byPath(errors: readonly Diagnostic[]): (path: string) => readonly string[] {
  const texts = new Map<string, string[]>();
  for (const error of errors) {
    const text = `${error.code} ${error.message}; ${error.fix}`;
    texts.set(error.at, [...(texts.get(error.at) ?? []), text]);
  }
  return (path) => texts.get(path) ?? [];
}

function populate(program: Program, collected: Collected): void {
  const { model } = collected;
  const rendered = render(model);
  const injected = collected.owners.map((owner) => ({
    owner,
    manifest: injectedOf(model, owner, rendered.bootstrapHash),
  }));
  for (const { owner, manifest } of injected) {
    if (owner.object.kind === 'given') adapt(owner.object.apiObject, manifest);
  }
  const made = injected.filter(({ owner }) => owner.object.kind === 'made').map(({ manifest }) => manifest);

  const homes = new Homes(program, collected);
  const present = presentObjects(program);
  for (const manifest of [...rendered.objects, ...made]) {
    const existing = present.get(objectKey(manifest.kind, manifest.metadata.namespace, manifest.metadata.name));
    if (existing) adapt(existing, adopt(original(existing), manifest));
    else homes.add(manifest);
  }
}

function manifestOf(owner: PodOwner): Manifest {
  return owner.object.kind === 'made' ? owner.object.manifest : original(owner.object.apiObject);
}

function injectedOf(model: Model, owner: PodOwner, bootstrapHash: string): Manifest {
  const { member } = owner;
  const labelled = withPodLabels(manifestOf(owner), {
    [names.keys.service]: member.name,
    ...(member.kind === 'service' && member.version ? { [names.keys.version]: member.version } : {}),
  });
  return inject(model, member, labelled, { bootstrapHash });
}

/** Objects of the same identity that stand in the tree already are adapted instead of being made a second time. */
function presentObjects(program: Program): ReadonlyMap<string, ApiObject> {
  const present = new Map<string, ApiObject>();
  for (const construct of program.root.node.findAll()) {
    if (!ApiObject.isApiObject(construct) || construct.node.scope?.node.id === holderId) continue;
    present.set(objectKey(construct.kind, construct.metadata.namespace, construct.name), construct);
  }
  return present;
}

/** Namespaces have no namespace, whatever the chart they stand in says. */
function objectKey(kind: string, namespace: string | undefined, name: string): string {
  return kind === 'Namespace' ? `${kind} ${name}` : `${kind} ${namespace ?? ''}/${name}`;
}

/** Which chart an object goes to: its namespace's, and of several there that of the construct it is named after. */
class Homes {
  private readonly holders = new Map<Chart, Construct>();
  private readonly charts = new Map<string, { readonly name: string; readonly chart: Chart }[]>();

  constructor(
    program: Program,
    private readonly collected: Collected,
  ) {
    for (const { construct } of program.declarations) {
      if (construct === collected.meshChart) continue;
      const chart = Chart.of(construct);
      const namespace = chart.namespace ?? 'default';
      const known = this.charts.get(namespace) ?? [];
      known.push({ name: construct.node.id, chart });
      this.charts.set(namespace, known);
    }
    for (const known of this.charts.values()) {
      known.sort(
        (a, b) => b.name.length - a.name.length || order(a.name, b.name) || order(a.chart.node.path, b.chart.node.path),
      );
    }
    for (const chart of [collected.meshChart, ...[...this.charts.values()].flat().map((one) => one.chart)]) {
      chart.node.tryRemoveChild(holderId);
    }
  }

  add(manifest: Manifest): void {
    const holder = this.holderIn(this.chartOf(manifest));
    new RenderedObject(holder, manifest);
  }

  private chartOf(manifest: Manifest): Chart {
    const namespace = manifest.kind === 'Namespace' ? manifest.metadata.name : manifest.metadata.namespace;
    const known = namespace === undefined ? undefined : this.charts.get(namespace);
    if (!known) return this.collected.meshChart;
    if (new Set(known.map((one) => one.chart)).size > 1) {
      const { name } = manifest.metadata;
      const named = known.find((one) => name === one.name || name.startsWith(`${one.name}-`));
      if (named) return named.chart;
    }
    return [...known].sort((a, b) => order(a.chart.node.path, b.chart.node.path))[0]?.chart ?? this.collected.meshChart;
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

const holderId = 'meshwright-objects';

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
