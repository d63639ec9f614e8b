import {
  type AccessPolicy,
  accessIsComplete,
  backendsOf,
  byKeys,
  type Callers,
  type Canary,
  callersOf,
  compareEdges,
  type Edge,
  type EgressGateway,
  type ExternalService,
  type Gateway,
  type Identity,
  type Lookup,
  lookup,
  type Member,
  type Model,
  names,
  order,
  Ref,
  type Route,
  type Service,
  type ServiceTelemetry,
  type SharedProxy,
  type SupportingCall,
  sharedServices,
  type TrafficPolicy,
  type Workload,
  withImpliedAccess,
} from '../model';
import type { Instances } from './configuration';
import { MeshProxy, type StandingProxy } from './proxy';

/**
 * The part of a model that bears on the configuration of one proxy, access that edges imply included: what else the mesh holds
 * changes nothing of it. Parts are the objects of the model itself. It takes time in proportion to the part, not to the mesh.
 */
export function concern(model: Model, proxy: MeshProxy): Model {
  const index = indexOf(model);
  const parts = new Parts(index);
  const identity = MeshProxy.identity(index.whole, proxy);
  if (proxy.kind === 'sidecar') besideMember(parts, proxy.member);
  else if (proxy.kind === 'proxyless') caller(parts, proxy.member);
  else standing(parts, proxy);
  // Who is no proxy enforces nothing, so it asks nobody about it.
  if (identity && proxy.kind !== 'proxyless') {
    for (const call of index.callers.callsOf(identity)) supporting(parts, call, identity);
  }
  return parts.model();
}

/** The part of a model that bears on the endpoints of some instances, whoever asks for them. */
export function concernOfEndpoints(model: Model, instances: Instances): Model {
  const parts = new Parts(indexOf(model));
  if (instances.kind === 'egressGateway') {
    const gateway = parts.index.egressGateways.get(Ref.key(instances.gateway));
    if (gateway) parts.egressGateways.add(gateway);
  } else {
    reached(parts, parts.find.service(instances.service));
  }
  return parts.model();
}

/** Where edges of all proxies lead, and what leads to them: as much as {@link lookup} does not find. */
interface Index {
  /** With all access that is implied. */
  readonly whole: Model;
  readonly callers: Callers;
  readonly externalServices: ReadonlyMap<string, readonly ExternalService[]>;
  readonly via: ReadonlyMap<string, readonly ExternalService[]>;
  readonly gateways: ReadonlyMap<string, Gateway>;
  readonly egressGateways: ReadonlyMap<string, EgressGateway>;
  readonly sharedProxies: ReadonlyMap<string, SharedProxy>;
  /** Routes with faults or limits, which the proxy of the service enforces that they lead to. */
  readonly enforced: ReadonlyMap<string, readonly Route[]>;
}

const known = new WeakMap<Model, Index>();

function indexOf(model: Model): Index {
  const existing = known.get(model);
  if (existing) return existing;
  const whole = withImpliedAccess(model);
  const made: Index = {
    whole,
    callers: callersOf(whole),
    externalServices: byKeys(whole.externalServices, ({ host, port }) => [`${host}:${port}`]),
    via: byKeys(whole.externalServices, ({ namespace, via }) => (via === undefined ? [] : [`${namespace}/${via}`])),
    gateways: byKey(whole.gateways),
    egressGateways: byKey(whole.egressGateways),
    sharedProxies: byKey(whole.sharedProxies),
    enforced: byKeys(whole.routes, (route) =>
      isEnforced(route) ? backendsOf(route).map((backend) => Ref.key(backend.service)) : [],
    ),
  };
  known.set(model, made);
  known.set(whole, made);
  return made;
}

function isEnforced(route: Route): boolean {
  if (route.kind === 'tls' || route.kind === 'tcp') return false;
  return (
    route.parents.some((parent) => parent.kind === 'service') &&
    route.rules.some((rule) => rule.fault || rule.rateLimit)
  );
}

function besideMember(parts: Parts, member: Member): void {
  const find = parts.find;
  const own = member.kind === 'service' ? find.service(member) : find.workload(member);
  if (!own) return;
  // In a mesh without mistakes nothing else runs as the same identity; where it does, they share edges and rights.
  for (const runner of find.running(own)) {
    if ('ports' in runner) served(parts, runner);
    else {
      parts.workloads.add(runner);
      for (const policy of find.accessPolicies(runner)) parts.accessPolicies.add(policy);
    }
  }
  for (const edge of find.edgesFrom(own)) called(parts, edge);
}

/** An application that calls by itself: of its own it needs no more than its identity. */
function caller(parts: Parts, member: Member): void {
  const find = parts.find;
  const service = member.kind === 'service' ? find.service(member) : undefined;
  const workload = member.kind === 'workload' ? find.workload(member) : undefined;
  if (service) parts.services.add(service);
  if (workload) parts.workloads.add(workload);
  const own = service ?? workload;
  for (const edge of own ? find.edgesFrom(own) : []) called(parts, edge);
}

function standing(parts: Parts, proxy: StandingProxy): void {
  const { find, index } = parts;
  switch (proxy.kind) {
    case 'gateway': {
      const gateway = index.gateways.get(Ref.key(proxy));
      if (!gateway) return;
      parts.gateways.add(gateway);
      for (const route of find.gatewayRoutes(gateway)) led(parts, route);
      return;
    }
    case 'shared-proxy': {
      const shared = index.sharedProxies.get(Ref.key(proxy));
      if (!shared) return;
      parts.sharedProxies.add(shared);
      for (const ref of sharedServices(shared)) {
        const service = find.service(ref);
        if (!service) continue;
        served(parts, service);
        for (const route of find.routesOf(service)) led(parts, route);
      }
      return;
    }
    case 'egress-gateway': {
      const gateway = index.egressGateways.get(Ref.key(proxy));
      if (!gateway) return;
      parts.egressGateways.add(gateway);
      for (const external of index.via.get(Ref.key(gateway)) ?? []) {
        parts.externalServices.add(external);
        for (const edge of find.edgesTo('externalService', external)) parts.edges.add(edge);
      }
      return;
    }
  }
}

/** A service whose calls the proxy lets in or refuses. */
function served(parts: Parts, service: Service): void {
  const { find, index } = parts;
  reached(parts, service);
  for (const policy of find.accessPolicies(service)) parts.accessPolicies.add(policy);
  for (const telemetry of find.telemetry(service)) parts.telemetries.add(telemetry);
  for (const route of find.routesOf(service)) parts.routes.add(route);
  for (const route of index.enforced.get(Ref.key(service)) ?? []) {
    parts.routes.add(route);
    for (const limit of limitServices(route)) reached(parts, find.service(limit));
  }
}

/** A call that the proxy sends on for the application beside it. */
function called(parts: Parts, edge: Edge): void {
  const { find } = parts;
  parts.edges.add(edge);
  if (edge.to.kind === 'externalService') {
    outside(parts, find.externalService(edge.to));
    return;
  }
  reached(parts, find.service(edge.to));
  for (const route of find.routesOf(edge.to)) led(parts, route);
}

/** A route that the proxy applies. */
function led(parts: Parts, route: Route): void {
  parts.routes.add(route);
  for (const { service } of backendsOf(route)) reached(parts, parts.find.service(service));
  for (const limit of limitServices(route)) reached(parts, parts.find.service(limit));
}

/** A service to whose instances the proxy speaks: how it does, and who stands before them. */
function reached(parts: Parts, service: Service | undefined): void {
  if (!service) return;
  const { find } = parts;
  parts.services.add(service);
  for (const policy of find.trafficPolicies(service)) parts.trafficPolicies.add(policy);
  for (const canary of find.canaries(service)) parts.canaries.add(canary);
  const shared = find.sharedProxy(service);
  if (shared) parts.sharedProxies.add(shared);
}

function outside(parts: Parts, external: ExternalService | undefined): void {
  if (!external) return;
  parts.externalServices.add(external);
  const { namespace, via } = external;
  const gateway = via === undefined ? undefined : parts.index.egressGateways.get(Ref.key({ namespace, name: via }));
  if (gateway) parts.egressGateways.add(gateway);
}

/** What the proxy asks for itself. A host is one that is declared as outside, or a name of a service of the mesh. */
function supporting(parts: Parts, call: SupportingCall, caller: Identity): void {
  if (call.kind === 'service') {
    reached(parts, parts.find.service(call.service));
    return;
  }
  for (const external of parts.index.externalServices.get(`${call.host}:${call.port}`) ?? []) outside(parts, external);
  const [name = '', namespace = caller.namespace] = call.host.split('.');
  const service = parts.find.service({ namespace, name });
  const { clusterDomain } = parts.index.whole.mesh;
  if (service && names.hostnames(service, caller.namespace, clusterDomain).includes(call.host)) reached(parts, service);
}

function limitServices(route: Route): readonly Ref[] {
  if (route.kind === 'tls' || route.kind === 'tcp') return [];
  return route.rules.flatMap(({ rateLimit }) => (rateLimit?.global ? [rateLimit.global.service] : []));
}

/** What has been gathered, each part once. */
class Parts {
  readonly find: Lookup;
  readonly services = new Set<Service>();
  readonly workloads = new Set<Workload>();
  readonly externalServices = new Set<ExternalService>();
  readonly edges = new Set<Edge>();
  readonly routes = new Set<Route>();
  readonly trafficPolicies = new Set<TrafficPolicy>();
  readonly accessPolicies = new Set<AccessPolicy>();
  readonly canaries = new Set<Canary>();
  readonly gateways = new Set<Gateway>();
  readonly egressGateways = new Set<EgressGateway>();
  readonly sharedProxies = new Set<SharedProxy>();
  readonly telemetries = new Set<ServiceTelemetry>();

  constructor(readonly index: Index) {
    this.find = lookup(index.whole);
  }

  /** In the order of a canonical model. */
  model(): Model {
    return accessIsComplete({
      mesh: this.index.whole.mesh,
      services: sorted(this.services),
      workloads: sorted(this.workloads),
      externalServices: sorted(this.externalServices),
      edges: [...this.edges].sort(compareEdges),
      routes: [...this.routes].sort((a, b) => Ref.compare(a, b) || order(a.kind, b.kind)),
      trafficPolicies: sorted(this.trafficPolicies),
      accessPolicies: sorted(this.accessPolicies),
      canaries: sorted(this.canaries),
      gateways: sorted(this.gateways),
      egressGateways: sorted(this.egressGateways),
      sharedProxies: sorted(this.sharedProxies),
      telemetries: sorted(this.telemetries),
    });
  }
}

function sorted<T extends Ref>(parts: ReadonlySet<T>): readonly T[] {
  return [...parts].sort(Ref.compare);
}

function byKey<T extends Ref>(list: readonly T[]): ReadonlyMap<string, T> {
  return new Map(list.map((item) => [Ref.key(item), item]));
}
