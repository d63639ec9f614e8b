import { type ApiObject, Include } from 'cdk8s';
import { Construct } from 'constructs';
import type { Protocol } from '../model';
import { Declaration } from './declaration';
import { original, podTemplate, selects } from './pods';
import { Service, type ServiceProps } from './service';
import { Workload, type WorkloadProps } from './workload';

export interface ManifestsProps {
  /**
   * Path or URL of a YAML file.
   * @default - `include`
   */
  readonly file?: string;
  /**
   * A cdk8s Include that holds the objects already.
   * @default - `file`
   */
  readonly include?: Include;
}

/** What manifests cannot say of a service. */
export type AdoptedServiceProps<P extends Protocol> = Pick<
  ServiceProps<P>,
  'port' | 'ports' | 'capture' | 'mutualTls' | 'local' | 'serviceAccount'
>;

export type AdoptedWorkloadProps = Pick<WorkloadProps, 'capture' | 'local' | 'serviceAccount'>;

/**
 * Kubernetes manifests as their authors publish them. Services and workloads in them are adopted by name: what the mesh
 * needs is added to the objects in place, the file itself stays as it is.
 */
export class Manifests extends Construct {
  private readonly include: Include;
  private readonly declaration: Declaration;
  private readonly adopted = new Set<string>();
  private readonly inMesh = new Set<ApiObject>();

  constructor(scope: Construct, id: string, props: ManifestsProps) {
    super(scope, id);
    this.declaration = new Declaration(this, {
      fragment: () => {
        this.warnOfWaysPast();
        return {};
      },
    });
    if ((props.file === undefined) === (props.include === undefined)) {
      throw new Error(`${this.node.path}: give either \`file\` or \`include\``);
    }
    this.include = props.include ?? new Include(this, 'objects', { url: props.file ?? '' });
  }

  /**
   * Adopts a Kubernetes Service and the workload objects whose pods it selects. What its ports speak is read from their
   * `appProtocol`, then from their names (`http`, `grpc`, `tcp-redis`), unless it is declared here.
   */
  service<const Name extends string, const P extends Protocol = Protocol>(
    name: Name,
    props: AdoptedServiceProps<P> = {},
  ): Service<Name, P> {
    const service = this.find('Service', name);
    if (!service) {
      this.unknown('MESH0010', 'Service', name, this.named(['Service']));
      return new Service<Name, P>(this, name, props, { workloads: [] });
    }
    const selector = original(service).spec?.selector ?? {};
    const workloads = this.workloadObjects().filter((object) =>
      selects(selector, podTemplate(original(object))?.metadata?.labels),
    );
    this.adopted.add(name);
    for (const workload of workloads) this.inMesh.add(workload);
    return new Service<Name, P>(this, name, props, { service, workloads });
  }

  /** Adopts several services at once; what their ports speak must stand in the manifests. */
  services<const Names extends readonly string[]>(
    ...serviceNames: Names
  ): { readonly [N in Names[number]]: Service<N> } {
    return Object.fromEntries(serviceNames.map((name) => [name, this.service(name)])) as {
      readonly [N in Names[number]]: Service<N>;
    };
  }

  /** Adopts a Deployment, StatefulSet, DaemonSet, Job or CronJob that calls and is not called. */
  workload(name: string, props: AdoptedWorkloadProps = {}): Workload {
    const workload = this.workloadObjects().find((object) => object.name === name);
    if (!workload)
      this.unknown(
        'MESH0011',
        'workload',
        name,
        this.workloadObjects().map((object) => object.name),
      );
    return new Workload(this, name, { ...props, workload });
  }

  /** A Service that was not adopted and leads to pods that were: who uses it is refused once its pods are in the mesh. */
  private warnOfWaysPast(): void {
    for (const service of this.include.apiObjects.filter(
      (object) => object.kind === 'Service' && !this.adopted.has(object.name),
    )) {
      const selector = original(service).spec?.selector;
      const reached = selector
        ? [...this.inMesh].filter((object) => selects(selector, podTemplate(original(object))?.metadata?.labels))
        : [];
      if (reached.length === 0) continue;
      this.declaration.warning(
        'MESH0013',
        `Service ${service.name} leads past the mesh to pods of ${reached.map((object) => object.name).join(', ')}: its callers are refused`,
        'let them in through a Gateway, or adopt it too',
      );
    }
  }

  private find(kind: string, name: string): ApiObject | undefined {
    return this.include.apiObjects.find((object) => object.kind === kind && object.name === name);
  }

  private workloadObjects(): readonly ApiObject[] {
    return this.include.apiObjects.filter((object) => workloadKinds.includes(object.kind));
  }

  private named(kinds: readonly string[]): readonly string[] {
    return this.include.apiObjects.filter((object) => kinds.includes(object.kind)).map((object) => object.name);
  }

  private unknown(code: 'MESH0010' | 'MESH0011', what: string, name: string, known: readonly string[]): void {
    this.declaration.mistake(
      code,
      `the manifests hold no ${what} ${JSON.stringify(name)}`,
      `name one of ${[...known].sort().join(', ') || 'none'}`,
    );
  }
}

const workloadKinds: readonly string[] = ['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob', 'Pod'];
