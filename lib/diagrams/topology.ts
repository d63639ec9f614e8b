import {
  type AccessSource,
  backendsOf,
  Duration,
  type Edge,
  lookup,
  type Model,
  order,
  type Protocol,
  Ref,
  type Route,
  sharedServices,
} from '../model';

/** Plain data, sorted: equal meshes give equal graphs. */
export interface Graph {
  readonly title: string;
  readonly nodes: readonly Node[];
  readonly arrows: readonly Arrow[];
}

export interface Node {
  /** Unique in the graph: `service shop/web`. */
  readonly id: string;
  readonly kind: NodeKind;
  readonly namespace: string;
  readonly name: string;
  /** What is worth a second line: ports, a host. Empty: nothing. */
  readonly detail: string;
  /** The service that a version is of. */
  readonly of?: string;
}

export type NodeKind =
  | 'service'
  | 'version'
  | 'workload'
  | 'externalService'
  | 'gateway'
  | 'egressGateway'
  | 'sharedProxy'
  /** Callers without a mesh identity. */
  | 'outside';

export interface Arrow {
  readonly from: string;
  readonly to: string;
  /**
   * - `call`: a declared edge
   * - `route`: where a gateway or a route of a service leads
   * - `pass`: through a proxy that stands by itself
   * - `outside`: allowed from outside the mesh
   * - `split`: a service and its versions, with their shares where routes tell them
   */
  readonly kind: 'call' | 'route' | 'pass' | 'outside' | 'split';
  /** Absent where it is not known. */
  readonly protocol?: Protocol;
  /** `http :80, 500ms`. */
  readonly label: string;
}

/** Services with their versions, workloads, external services and gateways, and all that leads from one to another. */
export function topology(model: Model): Graph {
  const drawn = nodes(model);
  const known = new Set(drawn.map((node) => node.id));
  const arrows = [
    ...model.edges.flatMap((edge) => calls(model, edge)),
    ...model.routes.flatMap((route) => routes(model, route)),
    ...passes(model),
    ...outsiders(model),
    ...versions(model),
  ];
  return {
    title: model.mesh.name,
    nodes: drawn,
    // A reference that leads nowhere is a mistake that analysis reports; it is not drawn.
    arrows: distinct(arrows.filter((arrow) => known.has(arrow.from) && known.has(arrow.to))),
  };
}

function nodes(model: Model): readonly Node[] {
  const all: Node[] = [
    ...model.services.flatMap((service) => {
      const ports = [...service.ports].sort((a, b) => a.port - b.port || order(a.protocol, b.protocol));
      const node = at('service', service, ports.map(({ protocol, port }) => `${protocol} :${port}`).join(', '));
      return [
        node,
        ...service.versions.map(
          (version): Node => ({
            id: versionId(service, version.name),
            kind: 'version',
            namespace: service.namespace,
            name: version.name,
            detail: '',
            of: node.id,
          }),
        ),
      ];
    }),
    ...model.workloads.map((workload) => at('workload', workload)),
    ...model.externalServices.map((external) => at('externalService', external, `${external.host}:${external.port}`)),
    ...model.gateways.map((gateway) =>
      at(
        'gateway',
        gateway,
        [...gateway.listeners]
          .sort((a, b) => order(a.name, b.name))
          .map(({ protocol, host, port }) => `${protocol} ${host ?? '*'}:${port}`)
          .join(', '),
      ),
    ),
    ...model.egressGateways.map((gateway) => at('egressGateway', gateway)),
    ...model.sharedProxies.map((proxy) => at('sharedProxy', proxy)),
    ...model.accessPolicies.flatMap((policy) =>
      policy.rules.filter(({ action }) => action === 'allow').flatMap((rule) => rule.from.flatMap(outside)),
    ),
  ];
  return [...new Map(all.map((node) => [node.id, node])).values()].sort((a, b) => order(a.id, b.id));
}

function at(kind: NodeKind, ref: Ref, detail = ''): Node {
  return { id: idOf(kind, ref), kind, namespace: ref.namespace, name: ref.name, detail };
}

function idOf(kind: NodeKind, ref: Ref): string {
  return `${kind} ${Ref.key(ref)}`;
}

function versionId(service: Ref, version: string): string {
  return `version ${Ref.key(service)} ${version}`;
}

function outside(source: AccessSource): readonly Node[] {
  if (source.kind === 'outside') {
    const { namespace } = source;
    return [{ id: outsideId(namespace), kind: 'outside', namespace, name: namespace, detail: 'outside the mesh' }];
  }
  if (source.kind === 'address') {
    return [{ id: outsideId(source.cidr), kind: 'outside', namespace: '', name: source.cidr, detail: 'addresses' }];
  }
  return [];
}

function outsideId(who: string): string {
  return `outside ${who}`;
}

function calls(model: Model, edge: Edge): readonly Arrow[] {
  const find = lookup(model);
  const to = idOf(edge.to.kind, edge.to);
  const external = edge.to.kind === 'externalService' ? find.externalService(edge.to) : undefined;
  const protocol = external?.protocol ?? find.service(edge.to)?.ports.find(({ port }) => port === edge.port)?.protocol;
  const label = [
    `${protocol ? `${protocol} ` : ''}:${edge.port}`,
    ...(edge.timeout ? [Duration.format(edge.timeout)] : []),
  ];
  const through = external?.via && idOf('egressGateway', { namespace: external.namespace, name: external.via });
  return find.running(edge.from).map((runner) => ({
    from: idOf('ports' in runner ? 'service' : 'workload', runner),
    to: through ?? to,
    kind: 'call',
    ...(protocol && { protocol }),
    label: through && external ? `${label.join(', ')} to ${external.name}` : label.join(', '),
  }));
}

/** From a gateway to the services behind it, and from a service to others that its routes lead to. */
function routes(model: Model, route: Route): readonly Arrow[] {
  const find = lookup(model);
  return route.parents.flatMap((parent) =>
    backendsOf(route)
      .filter((backend) => parent.kind === 'gateway' || !Ref.equal(backend.service, parent))
      .map((backend): Arrow => {
        const protocol = find.service(backend.service)?.ports.find(({ port }) => port === backend.port)?.protocol;
        return {
          from: idOf(parent.kind, parent),
          to: idOf('service', backend.service),
          kind: 'route',
          ...(protocol && { protocol }),
          label: `${protocol ? `${protocol} ` : ''}:${backend.port}`,
        };
      }),
  );
}

/** Through proxies that stand by themselves. */
function passes(model: Model): readonly Arrow[] {
  return [
    ...model.sharedProxies.flatMap((proxy) =>
      sharedServices(proxy).map(
        (service): Arrow => ({
          from: idOf('sharedProxy', proxy),
          to: idOf('service', service),
          kind: 'pass',
          label: '',
        }),
      ),
    ),
    ...model.externalServices.flatMap((external): readonly Arrow[] => {
      if (external.via === undefined) return [];
      const { namespace, via, protocol, port } = external;
      const from = idOf('egressGateway', { namespace, name: via });
      return [{ from, to: idOf('externalService', external), kind: 'pass', protocol, label: `${protocol} :${port}` }];
    }),
  ];
}

function outsiders(model: Model): readonly Arrow[] {
  return model.accessPolicies.flatMap((policy) =>
    policy.rules
      .filter(({ action }) => action === 'allow')
      .flatMap((rule) =>
        rule.from.flatMap(outside).map(
          (node): Arrow => ({
            from: node.id,
            to: idOf('service', { namespace: policy.namespace, name: policy.service }),
            kind: 'outside',
            label: [...rule.ports]
              .sort((a, b) => a - b)
              .map((port) => `:${port}`)
              .join(' '),
          }),
        ),
      ),
  );
}

/** A service and its versions: with shares where the routes of the service agree on them, and what canaries do. */
function versions(model: Model): readonly Arrow[] {
  const find = lookup(model);
  return model.services.flatMap((service) => {
    const canaries = find.canaries(service);
    return service.versions.map((version): Arrow => {
      const role = canaries.find(({ candidate }) => candidate === version.name)
        ? 'candidate'
        : canaries.find(({ stable }) => stable === version.name)
          ? 'stable'
          : '';
      return {
        from: idOf('service', service),
        to: versionId(service, version.name),
        kind: 'split',
        label: [...shares(find.routesOf(service), service, version.name), ...(role ? [role] : [])].join(', '),
      };
    });
  });
}

/** What the rules of a service's routes give to a version: `10 %`; several rules may give several shares. */
function shares(found: readonly Route[], service: Ref, version: string): readonly string[] {
  const weights = found.flatMap((route) => {
    const lists =
      route.kind === 'tcp' || route.kind === 'tls'
        ? [route.backends]
        : route.rules.map(({ action }) => (action.kind === 'forward' ? action.backends : []));
    return lists
      .flat()
      .filter((backend) => backend.version === version && Ref.equal(backend.service, service))
      .map((backend) => backend.weight);
  });
  return [...new Set(weights)].sort((a, b) => a - b).map((weight) => `${weight} %`);
}

function distinct(arrows: readonly Arrow[]): readonly Arrow[] {
  const byKey = new Map(
    arrows.map((arrow) => [JSON.stringify([arrow.from, arrow.to, arrow.kind, arrow.label]), arrow]),
  );
  return [...byKey].sort(([a], [b]) => order(a, b)).map(([, arrow]) => arrow);
}
