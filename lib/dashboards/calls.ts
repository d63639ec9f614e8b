import {
  backendsOf,
  type ExternalService,
  lookup,
  type Model,
  names,
  order,
  Port,
  type Protocol,
  Ref,
  sharedServices,
} from '../model';
import { literal, type Matcher } from './promql';

/** Who sends: the pods whose series carry this namespace and this name as {@link names.metricLabels.service}. */
export interface Caller extends Ref {
  readonly kind: 'service' | 'workload' | 'gateway' | 'egress-gateway' | 'shared-proxy';
  /** Its name in the program: of a proxy that stands by itself without the ending of its objects. */
  readonly declared: string;
}

/** A connection of the mesh that a proxy of the caller makes, and so reports. */
export interface Call {
  readonly from: Caller;
  readonly to: { readonly kind: 'service' | 'externalService' } & Ref;
  readonly port: number;
  /** What its proxy can tell apart: requests, gRPC calls, or connections alone. */
  readonly view: View;
  /** Whether its proxy makes TLS: inside the mesh always, to the outside where it is told to. */
  readonly tls: boolean;
  /** The Envoy clusters of the caller that are this call: one for each version of the callee. */
  readonly cluster: Matcher;
}

export type View = 'http' | 'grpc' | 'tcp';

export interface Calls {
  readonly all: readonly Call[];
  /** Everybody who calls, sorted. */
  readonly callers: readonly Caller[];
  from(caller: Ref): readonly Call[];
  to(kind: Call['to']['kind'], callee: Ref): readonly Call[];
}

/**
 * Who calls whom, as proxies see it: declared edges, where routes lead them, and what gateways, shared proxies and egress
 * gateways pass on. Linear in edges and backends of routes.
 */
export function calls(model: Model): Calls {
  const all = new Map<string, Call>();
  const add = (from: Caller, to: Call['to'], port: number) => {
    const made = call(model, from, to, port);
    if (made) all.set(`${Ref.key(from)} ${to.kind} ${Ref.key(to)} ${port}`, made);
  };
  addEdges(model, add);
  addGateways(model, add);
  addProxies(model, add);
  const sorted = [...all.values()].sort(compare);
  const outgoing = grouped(sorted, (one) => Ref.key(one.from));
  const incoming = grouped(sorted, (one) => `${one.to.kind} ${Ref.key(one.to)}`);
  return {
    all: sorted,
    callers: [...outgoing.values()].flatMap(([first]) => (first ? [first.from] : [])),
    from: (caller) => outgoing.get(Ref.key(caller)) ?? [],
    to: (kind, callee) => incoming.get(`${kind} ${Ref.key(callee)}`) ?? [],
  };
}

/** What proxies can tell of a protocol; nothing of UDP, which does not pass them. */
export function viewOf(protocol: Protocol): View | undefined {
  if (protocol === 'udp') return undefined;
  if (protocol === 'grpc') return 'grpc';
  return Port.isHttp(protocol) ? 'http' : 'tcp';
}

type Add = (from: Caller, to: Call['to'], port: number) => void;

function addEdges(model: Model, add: Add): void {
  const find = lookup(model);
  for (const edge of model.edges) {
    const callers = find.running(edge.from).map(
      (runner): Caller => ({
        kind: 'ports' in runner ? 'service' : 'workload',
        namespace: runner.namespace,
        name: runner.name,
        declared: runner.name,
      }),
    );
    const routed =
      edge.to.kind === 'service'
        ? find
            .routesOf(edge.to)
            .filter((route) =>
              route.parents.some(
                (parent) => parent.kind === 'service' && Ref.equal(parent, edge.to) && parent.port === edge.port,
              ),
            )
            .flatMap(backendsOf)
        : [];
    for (const caller of callers) {
      add(caller, { kind: edge.to.kind, namespace: edge.to.namespace, name: edge.to.name }, edge.port);
      for (const backend of routed) add(caller, target(backend.service), backend.port);
    }
  }
}

function addGateways(model: Model, add: Add): void {
  for (const route of model.routes) {
    const gateways = route.parents.filter((parent) => parent.kind === 'gateway');
    for (const gateway of gateways) {
      for (const backend of backendsOf(route)) {
        add(proxy('gateway', gateway), target(backend.service), backend.port);
      }
    }
  }
}

function addProxies(model: Model, add: Add): void {
  const find = lookup(model);
  for (const shared of model.sharedProxies) {
    for (const ref of sharedServices(shared)) {
      for (const port of find.service(ref)?.ports ?? []) add(proxy('shared-proxy', shared), target(ref), port.port);
    }
  }
  for (const external of model.externalServices) {
    if (external.via === undefined) continue;
    const gateway = { namespace: external.namespace, name: external.via };
    const { namespace, name, port } = external;
    add(proxy('egress-gateway', gateway), { kind: 'externalService', namespace, name }, port);
  }
}

function target(service: Ref): Call['to'] {
  return { kind: 'service', namespace: service.namespace, name: service.name };
}

/** A gateway, an egress gateway or a shared proxy as a caller. */
export function proxy(kind: names.ProxyKind, ref: Ref): Caller {
  return { kind, namespace: ref.namespace, name: names.proxyObject(kind, ref.name), declared: ref.name };
}

function call(model: Model, from: Caller, to: Call['to'], port: number): Call | undefined {
  const find = lookup(model);
  if (to.kind === 'externalService') {
    const external = find.externalService(to);
    if (!external) return undefined;
    const tls = external.tls.kind === 'originate';
    return { from, to, port, view: viewOfExternal(external), tls, cluster: names.externalCluster(to, port) };
  }
  const service = find.service(to);
  const declared = service?.ports.find((one) => one.port === port);
  const view = declared && viewOf(declared.protocol);
  if (!service || !view) return undefined;
  return { from, to, port, view, tls: true, cluster: clusterOf(to, port, service.versions.length > 0) };
}

/** What a proxy does not decrypt it sees as bytes, whatever is spoken inside. */
function viewOfExternal(external: ExternalService): View {
  if (external.tls.kind === 'passthrough') return 'tcp';
  return viewOf(external.protocol) ?? 'tcp';
}

function clusterOf(service: Ref, port: number, hasVersions: boolean): Matcher {
  if (!hasVersions) return names.outboundCluster(service, port);
  const marker = 'any-version';
  return { pattern: literal(names.outboundCluster(service, port, marker)).replace(marker, '[^|]*') };
}

function compare(a: Call, b: Call): number {
  return Ref.compare(a.from, b.from) || Ref.compare(a.to, b.to) || order(a.to.kind, b.to.kind) || a.port - b.port;
}

function grouped<T>(list: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of list) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}
