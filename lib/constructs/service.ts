import type { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import {
  type Capture,
  type Identity,
  type Instances,
  type Labels,
  locate,
  type MutualTls,
  names,
  type Port,
  type Protocol,
  type Ref,
  type Service as ServiceModel,
  type Version as VersionModel,
} from '../model';
import { type Callee, type CallOptions, Calls } from './caller';
import { Declaration } from './declaration';
import type { PodOwner } from './fragment';
import { apiObjectOf, original, type PodProps, podTemplate, selects, toLocal } from './pods';
import { type PortSpec, toPort } from './port';
import { Route, type RouteProps } from './route';
import { copyWorkload, makeWorkload } from './workload-object';

export interface ServiceProps<P extends Protocol = Protocol> extends PodProps {
  /**
   * Name of the Kubernetes Service, and so of the host that callers use.
   * @default - the construct's id
   */
  readonly name?: string;
  /**
   * Its port: {@link http}, {@link http2}, {@link grpc}, {@link tls}, {@link tcp} or {@link udp}.
   * @default - `ports`, or the ports of the Kubernetes Service that is adopted
   */
  readonly port?: PortSpec<P>;
  /**
   * Its ports, where there are several.
   * @default - `port`
   */
  readonly ports?: readonly PortSpec<P>[];
  /**
   * A Kubernetes Service that exists already (of cdk8s-plus, or any object of that kind) and is adapted in place.
   * @default - one is made
   */
  readonly kubernetesService?: Construct;
  /**
   * Service account of its pods, and so its identity.
   * @default - the one its pod template names; else one of the service's name is made
   */
  readonly serviceAccount?: string;
  /**
   * Whether callers see the addresses of its pods (`clusterIP: None`). Pods of a headless StatefulSet can be called by name.
   * @default - as the adopted Kubernetes Service is; otherwise false
   */
  readonly headless?: boolean;
  /**
   * Kind of object that is made from the image.
   * @default - a Deployment
   */
  readonly kind?: 'Deployment' | 'StatefulSet';
  /**
   * How traffic comes to its sidecar.
   * @default - the mesh's
   */
  readonly capture?: Capture;
  /**
   * Whether plain text is accepted while its callers move into the mesh.
   * @default - the mesh's
   */
  readonly mutualTls?: MutualTls;
}

/** Pods of one version of a service. */
export interface VersionProps<Name extends string = string> extends PodProps {
  /**
   * Labels by which its pods are known among those of a service that is adopted from manifests.
   * @default - `version: <name>`, or, if no pods have it, all that belong to no other version
   */
  readonly selector?: Labels;
  /**
   * A version whose workload object is copied and given `image`; everything else stays as it is there.
   * @default - none: `image` makes an object of its own
   */
  readonly copyOf?: Version<Name>;
}

/**
 * Something that is called: a Kubernetes Service, its pods with their sidecars, and one identity. It can call others too.
 * Its name and protocols are part of its type: a route that its protocol cannot have does not compile, nor does another
 * service's version.
 */
export class Service<const Name extends string = string, const P extends Protocol = Protocol> extends Construct {
  readonly name: Name;
  readonly namespace: string;
  /** @internal */
  readonly _declaration: Declaration;
  private readonly versions: Version<Name>[] = [];
  private readonly outgoing: Calls;

  constructor(
    scope: Construct,
    id: Name,
    private readonly props: ServiceProps<P> = {},
    /** Objects that a set of manifests already holds. @internal */
    private readonly adopted?: AdoptedObjects,
  ) {
    super(scope, id);
    this._declaration = new Declaration(this, {
      fragment: () => ({ services: [this.toModel()], edges: this.outgoing.edges() }),
      locators: () => [locate('Service', this.ref), ...this.outgoing.locators()],
      owners: () => this.owners(),
    });
    this.name = (props.name ?? id) as Name;
    this.namespace = this._declaration.namespace;
    this.outgoing = new Calls(this._declaration, () => this.identity);
  }

  get ref(): Ref {
    return { namespace: this.namespace, name: this.name };
  }

  /** Who it is towards those it calls. */
  get identity(): Identity {
    return { namespace: this.namespace, serviceAccount: this.serviceAccount() };
  }

  /** Declares that this service calls another. What is not declared is denied. */
  calls<Q extends Protocol>(callee: Callee<Q>, options?: CallOptions<Q>): void {
    this.outgoing.add(callee as Callee<Protocol>, options ?? {});
  }

  /** Adds a version, which routes and canaries can name; it has a Kubernetes Service of its own beside this one. */
  addVersion(name: string, props: VersionProps<NoInfer<Name>> = {}): Version<Name> {
    const version = new Version<Name>(this, name, props);
    this.versions.push(version);
    this._declaration.changed();
    return version;
  }

  /** Adds a route for calls to this service. The more specific match wins, wherever its statement stands. */
  addRoute(props: RouteProps<Name, P>): void {
    Route.ofService(this, props);
  }

  /** @internal */
  _target(): Ref & { readonly kind: 'service'; readonly ports: readonly Port[] } {
    return { kind: 'service', ...this.ref, ports: this.modelPorts() };
  }

  private toModel(): ServiceModel {
    return {
      ...this.ref,
      serviceAccount: this.serviceAccount(),
      selector: this.selector(),
      ports: this.modelPorts(),
      versions: this.versions.map((version) => this.versionModel(version)),
      headless: this.headless(),
      instances: this.instances(),
      capture: this.props.capture,
      mutualTls: this.props.mutualTls,
      local: toLocal(this._declaration, this.props.local),
    };
  }

  private versionModel(version: Version<Name>): VersionModel {
    return {
      name: version.name,
      selector: this.versionSelector(version),
      local: toLocal(this._declaration, version._props.local),
    };
  }

  private kubernetesService(): ApiObject | undefined {
    if (this.adopted) return this.adopted.service;
    return this.props.kubernetesService && apiObjectOf(this.props.kubernetesService);
  }

  /** The Kubernetes Service to adapt in place. @internal */
  get _adoptedService(): ApiObject | undefined {
    return this.kubernetesService();
  }

  private modelPorts(): readonly Port[] {
    const { port, ports } = this.props;
    if (port && ports) {
      this._declaration.mistake('MESH0006', '`port` and `ports` are both given', 'give one of them');
    }
    const declared = ports ?? (port ? [port] : undefined);
    const service = this.kubernetesService();
    if (!service) return (declared ?? []).map(toPort);
    return this.adoptedPorts(service, declared);
  }

  /** The ports of a Kubernetes Service; what is declared says their protocol. */
  private adoptedPorts(service: ApiObject, declared: readonly PortSpec[] | undefined): readonly Port[] {
    const manifest = original(service);
    const published: readonly PublishedPort[] = manifest.spec?.ports ?? [];
    return published.flatMap((port): Port[] => {
      const targetPort = this.resolve(port);
      const said =
        declared?.find((one) => one.port === port.port || one.targetPort === targetPort) ??
        (published.length === 1 ? declared?.[0] : undefined);
      const protocol = said?.protocol ?? protocolOf(port);
      const name = port.name ?? protocol ?? `port-${port.port}`;
      if (targetPort === undefined) {
        this._declaration.mistake(
          'MESH0007',
          `port ${port.port} of Service ${this.name} leads to ${JSON.stringify(port.targetPort)}, which no container of its pods has`,
          'name a port of a container, or a number',
        );
        return [];
      }
      if (!protocol) {
        this._declaration.mistake(
          'MESH0008',
          `nothing says what is spoken on port ${port.port} (${name}) of Service ${this.name}`,
          `declare it: { port: http(${targetPort}, { port: ${port.port} }) }, or one of http2, grpc, tls, tcp and udp`,
        );
        return [];
      }
      return [{ name, port: port.port, targetPort, protocol }];
    });
  }

  private resolve(port: PublishedPort): number | undefined {
    const target = port.targetPort ?? port.port;
    if (typeof target === 'number') return target;
    for (const workload of this.workloads()) {
      for (const container of podTemplate(original(workload))?.spec.containers ?? []) {
        const found = container.ports?.find((one) => one.name === target);
        if (found) return found.containerPort;
      }
    }
    return undefined;
  }

  /** Every given workload object of the service, whatever its version. */
  private workloads(): readonly ApiObject[] {
    if (this.adopted) return this.adopted.workloads;
    const given = [this.props.deployment, ...this.versions.map((version) => version._props.deployment)];
    return given.flatMap((construct) => (construct ? [apiObjectOf(construct)] : []));
  }

  private serviceAccount(): string {
    if (this.props.serviceAccount) return this.props.serviceAccount;
    const named = this.workloads().map((workload) => podTemplate(original(workload))?.spec.serviceAccountName);
    const given = [...new Set(named.filter((name) => name !== undefined && name !== 'default'))];
    return given[0] ?? this.name;
  }

  /**
   * What a published Service selects stays, so that it keeps serving while pods move into the mesh. With versions that are
   * made here it cannot: pods of theirs that bore the published labels would be selected by the published workloads too.
   */
  private selector(): Labels {
    const service = this.versions.some((version) => version._props.image !== undefined)
      ? undefined
      : this.kubernetesService();
    const published = service && (original(service).spec?.selector as Labels | undefined);
    return published ?? { [names.keys.service]: this.name };
  }

  /** Its pods are labelled when they are given their sidecar. */
  private versionSelector(version: Version<Name>): Labels {
    return { ...this.selector(), [names.keys.version]: version.name };
  }

  private headless(): boolean {
    if (this.props.headless !== undefined) return this.props.headless;
    const service = this.kubernetesService();
    return service !== undefined && original(service).spec?.clusterIP === 'None';
  }

  /** Pods of a StatefulSet have names of their own only behind a headless Service. */
  private instances(): Instances | undefined {
    if (!this.headless()) return undefined;
    if (this.props.image !== undefined) {
      if (this.props.kind !== 'StatefulSet') return undefined;
      return { statefulSet: this.name, replicas: this._declaration.amount('replicas', this.props.replicas ?? 1) };
    }
    const set = this.workloads()
      .map(original)
      .find((manifest) => manifest.kind === 'StatefulSet');
    return set && { statefulSet: set.metadata.name, replicas: set.spec?.replicas ?? 1 };
  }

  private owners(): readonly PodOwner[] {
    const owners = [...this.madeOwners(), ...this.givenOwners()];
    if (owners.length === 0) {
      this._declaration.mistake(
        'MESH0009',
        `service ${this.name} has no pods`,
        'give an `image` or a `deployment`, or versions that have one',
      );
    }
    return owners;
  }

  private madeOwners(): readonly PodOwner[] {
    const { image } = this.props;
    const own = image === undefined ? [] : [this.made(this.name, this.props, '')];
    const ofVersions = this.versions
      .filter((version) => version._props.image !== undefined)
      .map((version) =>
        this.made(names.versionService(this.ref, version.name), version._props, `${version.name}.`, version),
      );
    return [...own, ...ofVersions];
  }

  private made(name: string, props: VersionProps, path: string, version?: Version<Name>): PodOwner {
    const member = { kind: 'service', ...this.ref, ...(version ? { version: version.name } : {}) } as const;
    const shape = {
      kind: this.props.kind ?? 'Deployment',
      ref: { namespace: this.namespace, name },
      labels: { ...(version ? this.versionSelector(version) : this.selector()), [names.keys.service]: this.name },
      serviceAccount: this.serviceAccount(),
      ports: this.modelPorts(),
    } as const;
    const model = props.copyOf && this.workloadOf(props.copyOf as Version<Name>);
    if (props.copyOf && !model) {
      this._declaration.mistake(
        'MESH0012',
        `version ${version?.name} is a copy of ${props.copyOf.name}, which has no workload object of its own`,
        'give `copyOf` a version that was adopted from a deployment or from manifests',
      );
    }
    const manifest = model
      ? copyWorkload(this._declaration, path, props, shape, original(model))
      : makeWorkload(this._declaration, path, props, shape);
    return { member, object: { kind: 'made', manifest } };
  }

  private givenOwners(): readonly PodOwner[] {
    return this.workloads().map((apiObject) => {
      const version = this.versions.find((one) => this.isOf(one, apiObject));
      return {
        member: { kind: 'service', ...this.ref, ...(version ? { version: version.name } : {}) },
        object: { kind: 'given', apiObject },
      };
    });
  }

  private workloadOf(version: Version<Name>): ApiObject | undefined {
    return this.workloads().find((workload) => this.isOf(version, workload));
  }

  /** Whether the pods of a given workload object are of a version. */
  private isOf(version: Version<Name>, workload: ApiObject): boolean {
    const { deployment, image, selector } = version._props;
    if (deployment) return apiObjectOf(deployment) === workload;
    if (image !== undefined) return false;
    const has = (object: ApiObject, labels: Labels) => selects(labels, podTemplate(original(object))?.metadata?.labels);
    if (selector) return has(workload, selector);
    const named = this.workloads().filter((object) => has(object, { version: version.name }));
    if (named.length > 0) return named.includes(workload);
    const others = this.versions.filter(
      (one) => one !== version && one._props.image === undefined && one._props.deployment === undefined,
    );
    return others.every((other) => !has(workload, other._props.selector ?? { version: other.name }));
  }
}

/** A version of a service: a handle for routes and canaries of that service. */
export class Version<const Name extends string = string> extends Construct {
  readonly name: string;
  /** Only in the type: keeps versions of different services apart. */
  declare readonly serviceName: Name;

  constructor(
    readonly service: Service<Name>,
    name: string,
    /** @internal */
    readonly _props: VersionProps,
  ) {
    super(service, name);
    this.name = name;
  }
}

/** Objects that a set of manifests holds of one service. @internal */
export interface AdoptedObjects {
  readonly service?: ApiObject;
  readonly workloads: readonly ApiObject[];
}

interface PublishedPort {
  readonly name?: string;
  readonly port: number;
  readonly targetPort?: number | string;
  readonly protocol?: string;
  readonly appProtocol?: string;
}

/** What a published port says of its protocol: `appProtocol`, or the name by the convention `<protocol>[-<suffix>]`. */
function protocolOf(port: PublishedPort): Protocol | undefined {
  if (port.protocol === 'UDP') return 'udp';
  const said = port.appProtocol ?? port.name?.split('-')[0];
  switch (said) {
    case 'http':
    case 'kubernetes.io/ws':
      return 'http';
    case 'http2':
    case 'kubernetes.io/h2c':
      return 'http2';
    case 'grpc':
      return 'grpc';
    case 'https':
    case 'tls':
      return 'tls';
    case 'tcp':
      return 'tcp';
    default:
      return undefined;
  }
}
