import * as pulumi from '@pulumi/pulumi';
import { ApiObject, App } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { Program } from '../../lib/constructs/program';
import { type Manifest, manifestKey } from '../../lib/kubernetes/manifest';
import { Diagnostic, type Mesh } from '../../lib/model';
import { type LateValues, OutputResolver, whileRunning } from './late-values';

/** What a program has declared, as objects. */
export interface ProgramRun {
  readonly mesh: Mesh;
  readonly objects: readonly Manifest[];
  readonly late: LateValues;
  /** For objects whose author said that they wait for others: those others. By {@link manifestKey}. */
  readonly dependencies: ReadonlyMap<string, readonly string[]>;
}

/**
 * Runs a program in an app of its own and synthesizes it in memory.
 *
 * @throws pulumi.RunError with every mistake
 */
export function runProgram(name: string, run: (app: App) => void): ProgramRun {
  const app: App = new App({ resolvers: [new OutputResolver(() => Program.of(app))] });
  const program = Program.of(app);
  const returned: unknown = whileRunning(program, () => run(app));
  if (isPromise(returned)) {
    throw new pulumi.RunError(
      `${name}: the program is asynchronous, and its promise would not be waited for; await what takes time before the component is made, and declare the mesh without await`,
    );
  }
  const declared = declaredDependencies(app);
  const outcome = program.synthesize();
  const errors = outcome?.diagnostics.filter((diagnostic) => diagnostic.level === 'error') ?? [];
  if (errors.length > 0) throw mistakes(name, errors.map(Diagnostic.format));
  const mesh = program.declarations.find((declaration) => declaration.contribution.mesh)?.contribution.mesh?.settings();
  if (!mesh) {
    throw mistakes(name, ["there is no mesh; declare one: new Mesh(app, 'shop', { trustDomain: 'shop.example' })"]);
  }
  const objects = objectsOf(name, app);
  const twice = [...duplicates(objects.map(manifestKey))];
  if (twice.length > 0)
    throw mistakes(
      name,
      twice.map((key) => `${key} is declared more than once`),
    );
  return { mesh, objects, late: program.late, dependencies: keyed(declared) };
}

function objectsOf(name: string, app: App): readonly Manifest[] {
  try {
    return app.charts.flatMap((chart) => chart.toJson() as Manifest[]);
  } catch (error) {
    // Constructs of others have mistakes of their own, which cdk8s reports all at once.
    if (!(error instanceof Error) || !error.message.startsWith('Validation failed')) throw error;
    throw mistakes(
      name,
      error.message
        .split('\n')
        .slice(1)
        .map((line) => line.trim()),
    );
  }
}

/**
 * What constructs were told to wait for. It must be asked before objects are made: cdk8s then adds what only concerns the
 * order of its files.
 */
function declaredDependencies(app: App): readonly (readonly [IConstruct, IConstruct])[] {
  return app.node
    .findAll()
    .flatMap((source) => source.node.dependencies.map((target): [IConstruct, IConstruct] => [source, target]));
}

function keyed(declared: readonly (readonly [IConstruct, IConstruct])[]): ReadonlyMap<string, readonly string[]> {
  const keys = new Map<string, string[]>();
  for (const [source, target] of declared) {
    const targets = apiObjectsIn(target);
    for (const waiting of apiObjectsIn(source)) {
      keys.set(waiting, [...(keys.get(waiting) ?? []), ...targets.filter((key) => key !== waiting)]);
    }
  }
  return keys;
}

function apiObjectsIn(construct: IConstruct): readonly string[] {
  return construct.node
    .findAll()
    .filter((child): child is ApiObject => ApiObject.isApiObject(child))
    .map((object) =>
      manifestKey({
        apiVersion: object.apiVersion,
        kind: object.kind,
        metadata: { name: object.name, ...(object.metadata.namespace ? { namespace: object.metadata.namespace } : {}) },
      }),
    );
}

function* duplicates(keys: readonly string[]): Iterable<string> {
  const seen = new Set<string>();
  for (const key of keys) {
    if (seen.has(key)) yield key;
    seen.add(key);
  }
}

function mistakes(name: string, texts: readonly string[]): pulumi.RunError {
  const count = texts.length === 1 ? 'a mistake' : `${texts.length} mistakes`;
  return new pulumi.RunError(
    `${name} has ${count}, and nothing of it was made:\n${texts.map((text) => `  ${text}`).join('\n')}`,
  );
}

function isPromise(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
