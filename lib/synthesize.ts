import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { analyze } from './analysis';
import { type Collected, collect } from './constructs/collect';
import type { PodOwner } from './constructs/fragment';
import { adapt, original, withPodLabels } from './constructs/pods';
import type { Outcome, Program } from './constructs/program';
import { adopt } from './kubernetes/declared';
import type { Manifest } from './kubernetes/manifest';
import { inject, podFacts } from './kubernetes/running';
import { Diagnostic, type Model, names } from './model';
import { isPlaced, Placement } from './placement';
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

  const placement = new Placement(program, collected);
  const present = presentObjects(program);
  for (const manifest of [...rendered.objects, ...made]) {
    const existing = present.get(objectKey(manifest.kind, manifest.metadata.namespace, manifest.metadata.name));
    if (existing) adapt(existing, adopt(original(existing), manifest));
    else placement.add(manifest);
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
    if (!ApiObject.isApiObject(construct) || isPlaced(construct as Construct)) continue;
    present.set(objectKey(construct.kind, construct.metadata.namespace, construct.name), construct);
  }
  return present;
}

/** Namespaces have no namespace, whatever the chart they stand in says. */
function objectKey(kind: string, namespace: string | undefined, name: string): string {
  return kind === 'Namespace' ? `${kind} ${name}` : `${kind} ${namespace ?? ''}/${name}`;
}
