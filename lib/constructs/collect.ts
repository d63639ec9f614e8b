import { Chart } from 'cdk8s';
import { canonical, type Diagnostic, type Locator, type Mesh, type Model, type Ref, withImpliedAccess } from '../model';
import type { Declaration } from './declaration';
import type { Fragment, PodOwner } from './fragment';
import { readAnew } from './pods';
import type { Program } from './program';

/** Everything that the constructs of one tree declare. */
export interface Collected {
  readonly model: Model;
  readonly owners: readonly PodOwner[];
  /** The construct that declared a part of the model. */
  readonly declaredAt: ReadonlyMap<Locator, string>;
  /** Mistakes that the constructs found themselves, each at its construct's path. */
  readonly mistakes: readonly Diagnostic[];
  /** The chart of what belongs to the whole mesh. */
  readonly meshChart: Chart;
  /** The chart of custom resource definitions. */
  readonly definitionsChart: Chart;
}

/** Reads a tree: the fragments of its constructs make the model. */
export function collect(program: Program): Collected {
  readAnew();
  const meshes = program.declarations.filter((declaration) => declaration.contribution.mesh);
  const [mesh] = meshes;
  const settings = mesh?.contribution.mesh?.settings();
  if (!mesh || !settings) throw new Error('a program is synthesized by its mesh, and this one has none');
  const fragments = program.declarations.map((declaration) => declaration.contribution.fragment?.() ?? {});
  const owners = program.declarations.flatMap((declaration) => declaration.contribution.owners?.() ?? []);
  const declaredAt = new Map<Locator, string>();
  for (const declaration of program.declarations) {
    for (const locator of declaration.contribution.locators?.() ?? []) {
      if (!declaredAt.has(locator)) declaredAt.set(locator, declaration.path);
    }
  }
  return {
    model: withImpliedAccess(canonical(assemble(settings, fragments))),
    owners,
    declaredAt,
    mistakes: [...severalMeshes(meshes), ...ownMistakes(program)],
    meshChart: Chart.of(mesh.construct),
    definitionsChart: mesh.contribution.mesh?.definitions ?? Chart.of(mesh.construct),
  };
}

function assemble(mesh: Mesh, fragments: readonly Fragment[]): Model {
  const list = <K extends keyof Fragment>(key: K): NonNullable<Fragment[K]> =>
    fragments.flatMap((fragment) => (fragment[key] ?? []) as readonly Ref[]) as unknown as NonNullable<Fragment[K]>;
  return {
    mesh,
    services: list('services'),
    workloads: list('workloads'),
    externalServices: list('externalServices'),
    edges: list('edges'),
    routes: list('routes'),
    trafficPolicies: list('trafficPolicies'),
    accessPolicies: list('accessPolicies'),
    canaries: list('canaries'),
    gateways: list('gateways'),
    egressGateways: list('egressGateways'),
    sharedProxies: list('sharedProxies'),
    telemetries: list('telemetries'),
  };
}

function severalMeshes(meshes: readonly Declaration[]): readonly Diagnostic[] {
  if (meshes.length === 1) return [];
  return meshes.map((mesh) => ({
    code: 'MESH0002',
    level: 'error',
    at: mesh.path,
    message: `an app holds one mesh, this one has ${meshes.length}: ${meshes
      .map((one) => one.path)
      .sort()
      .join(', ')}`,
    fix: 'give each mesh an app of its own',
  }));
}

function ownMistakes(program: Program): readonly Diagnostic[] {
  return program.declarations.flatMap((declaration) =>
    declaration.found.map((mistake): Diagnostic => ({ ...mistake, at: declaration.path })),
  );
}
