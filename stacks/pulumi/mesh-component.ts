import * as pulumi from '@pulumi/pulumi';
import { type App, Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { Mesh } from '../../lib';
import type { MeshProps } from '../../lib/constructs';
import { type Manifest, manifestKey } from '../../lib/kubernetes/manifest';
import { reveal } from './late-values';
import { type KubernetesResource, resourceClass } from './resource-class';
import { runProgram } from './run-program';
import { Stages } from './stages';

/** A program as cdk8s runs it. */
export interface ProgramArgs {
  /**
   * Declares the mesh and what belongs to it, in the app that it is given: the same function can serve `cdk8s synth`.
   * It must not wait for anything: what takes time is done before.
   */
  readonly program: (app: App) => void;
}

/** A mesh without words of cdk8s. */
export interface NamespacesArgs {
  /** The mesh itself. */
  readonly mesh: MeshProps;
  /** Declares services and what belongs to them, each in a namespace: `new Service(namespace('storefront'), 'web', …)`. */
  readonly services: (namespace: (name: string) => Chart) => void;
}

export type MeshArgs = ProgramArgs | NamespacesArgs;

/**
 * A mesh in the cluster of its provider: one resource for each object, so that a preview tells what changes.
 *
 * - A resource is named after its object, `<component>:<namespace>/<name>`; the order of statements has no part in it.
 * - Objects are made in stages (namespaces, definitions, rights, control plane, declarations, workloads, routes), and Pulumi
 *   waits for each Deployment to be ready, and for each Service of type LoadBalancer to have an address. In a cluster that
 *   gives none, annotate such a Service with `pulumi.com/skipAwait: "true"` by a transform in the options.
 * - Definitions of custom resources stay when the component is destroyed: with them, everything of their kinds would go, also
 *   what others have made. To make the component anew, set `upsertExistingObjects` of the provider, or import them.
 * - `provider`, `protect`, `aliases`, `transforms` and the other options of a component apply to all of its resources.
 *
 * ```ts
 * const shop = new MeshComponent('shop', { program: (app) => { new Mesh(app, 'shop', { … }); … } }, { provider });
 * ```
 *
 * @throws pulumi.RunError with every mistake of the program, before anything is made
 */
export class MeshComponent extends pulumi.ComponentResource {
  /** Namespace of the control plane. */
  readonly namespace: pulumi.Output<string>;
  /** Authority of every identity of the mesh. */
  readonly trustDomain: pulumi.Output<string>;
  /** How many objects it has in the cluster. */
  readonly objectCount: pulumi.Output<number>;
  private readonly resources = new Map<string, pulumi.CustomResource>();

  constructor(name: string, args: MeshArgs, opts?: pulumi.ComponentResourceOptions) {
    const run = runProgram(name, 'program' in args ? args.program : withNamespaces(name, args));
    super('meshwright:index:MeshComponent', name, {}, opts);
    const stages = new Stages(run.objects, run.dependencies, listed(opts?.dependsOn));
    for (const manifest of stages.inOrder) {
      this.make(`${name}:${nameOf(manifest)}`, manifest, reveal(manifest, run.late), stages);
    }
    this.namespace = pulumi.output(run.mesh.namespace);
    this.trustDomain = pulumi.output(reveal(run.mesh.trustDomain, run.late) as pulumi.Input<string>);
    this.objectCount = pulumi.output(run.objects.length);
    this.registerOutputs({
      namespace: this.namespace,
      trustDomain: this.trustDomain,
      objectCount: this.objectCount,
    });
  }

  /**
   * The resource of an object, as the class of its kind: `shop.resource(k8s.core.v1.Service, 'storefront/public-gateway')`.
   *
   * @param type class of `@pulumi/kubernetes`; for an own kind of the mesh `k8s.apiextensions.CustomResource`
   * @param object `<namespace>/<name>`, or the name alone of what has no namespace
   * @throws pulumi.RunError that names the objects of the class, if this is none of them
   */
  resource<R extends pulumi.CustomResource>(type: ResourceType<R>, object: string): R {
    const ofType = [...this.resources].filter((entry): entry is [string, R] => type.isInstance(entry[1]));
    const found = ofType.find(([key]) => key.endsWith(` ${object}`));
    if (found) return found[1];
    const known = ofType.map(([key]) => key.slice(key.lastIndexOf(' ') + 1)).sort();
    throw new pulumi.RunError(
      `the mesh has no such object ${JSON.stringify(object)}; of this class it has ${known.join(', ') || 'none'}`,
    );
  }

  private make(name: string, manifest: Manifest, inputs: unknown, stages: Stages): void {
    const Resource = resourceClass(manifest);
    const resource = new Resource(name, inputs as KubernetesResource.Inputs, {
      parent: this,
      dependsOn: stages.dependenciesOf(manifest),
      ...(manifest.kind === 'CustomResourceDefinition' ? { retainOnDelete: true } : {}),
    });
    stages.made(manifest, resource);
    this.resources.set(`${manifestKey(manifest).split(' ', 2).join(' ')} ${nameOf(manifest)}`, resource);
  }
}

/** A class of `@pulumi/kubernetes`. */
export interface ResourceType<R> {
  isInstance(resource: unknown): resource is R;
}

function nameOf({ metadata }: Manifest): string {
  return metadata.namespace ? `${metadata.namespace}/${metadata.name}` : metadata.name;
}

/** An element of the list may be a promise of several resources, too; Pulumi unfolds it. */
function listed(dependsOn: pulumi.ComponentResourceOptions['dependsOn']): readonly pulumi.Input<pulumi.Resource>[] {
  if (dependsOn === undefined) return [];
  return Array.isArray(dependsOn) ? dependsOn : [dependsOn as pulumi.Input<pulumi.Resource>];
}

function withNamespaces(name: string, { mesh, services }: NamespacesArgs): (app: App) => void {
  return (app) => {
    new Mesh(app, name, mesh);
    // A scope of their own, so that a namespace may have the mesh's name.
    const scope = new Construct(app, 'namespace');
    const charts = new Map<string, Chart>();
    services((namespace) => {
      const chart =
        charts.get(namespace) ?? new Chart(scope, namespace, { namespace, disableResourceNameHashes: true });
      charts.set(namespace, chart);
      return chart;
    });
  };
}
