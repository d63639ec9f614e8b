import type { AccessPolicy } from './access-policy';
import type { Canary } from './canary';
import type { Edge } from './edge';
import { type SharedProxy, sharedServices } from './gateway';
import type { Model } from './model';
import { Identity, Ref } from './ref';
import type { Route } from './route';
import type { ExternalService, Service, Workload } from './service';
import type { ServiceTelemetry } from './telemetry';
import type { TrafficPolicy } from './traffic-policy';

/** Finds the parts of a model by what they are about, each in constant time. */
export interface Lookup {
  service(ref: Ref): Service | undefined;
  workload(ref: Ref): Workload | undefined;
  externalService(ref: Ref): ExternalService | undefined;
  /** The services and workloads that run as an identity: one, in a mesh without mistakes. */
  running(identity: Identity): readonly (Service | Workload)[];
  edgesFrom(identity: Identity): readonly Edge[];
  /** Edges to a service or to an external service. */
  edgesTo(kind: Edge['to']['kind'], ref: Ref): readonly Edge[];
  routesOf(service: Ref): readonly Route[];
  gatewayRoutes(gateway: Ref): readonly Route[];
  /** Of a service or a workload. */
  accessPolicies(ref: Ref): readonly AccessPolicy[];
  trafficPolicies(service: Ref): readonly TrafficPolicy[];
  canaries(service: Ref): readonly Canary[];
  telemetry(service: Ref): readonly ServiceTelemetry[];
  /** The shared proxy that a service stands behind; pods of such a service have no sidecar. */
  sharedProxy(service: Ref): SharedProxy | undefined;
}

const known = new WeakMap<Model, Lookup>();

/** The lookup of a model: made once for each model, in linear time. */
export function lookup(model: Model): Lookup {
  const existing = known.get(model);
  if (existing) return existing;
  const made = build(model);
  known.set(model, made);
  return made;
}

function build(model: Model): Lookup {
  const services = byOne(model.services, Ref.key);
  const workloads = byOne(model.workloads, Ref.key);
  const externalServices = byOne(model.externalServices, Ref.key);
  const running = byKeys([...model.services, ...model.workloads], (runner) => [Identity.key(runner)]);
  const edgesFrom = byKeys(model.edges, (edge) => [Identity.key(edge.from)]);
  const edgesTo = byKeys(model.edges, (edge) => [`${edge.to.kind} ${Ref.key(edge.to)}`]);
  const routes = byKeys(model.routes, (route) => route.parents.map((parent) => `${parent.kind} ${Ref.key(parent)}`));
  const target = (policy: { readonly namespace: string; readonly service: string }) => [
    `${policy.namespace}/${policy.service}`,
  ];
  const accessPolicies = byKeys(model.accessPolicies, target);
  const trafficPolicies = byKeys(model.trafficPolicies, target);
  const canaries = byKeys(model.canaries, target);
  const telemetries = byKeys(model.telemetries, target);
  const sharedProxies = new Map(
    model.sharedProxies.flatMap((proxy) => sharedServices(proxy).map((service) => [Ref.key(service), proxy] as const)),
  );
  return {
    service: (ref) => services.get(Ref.key(ref)),
    workload: (ref) => workloads.get(Ref.key(ref)),
    externalService: (ref) => externalServices.get(Ref.key(ref)),
    running: (identity) => running.get(Identity.key(identity)) ?? [],
    edgesFrom: (identity) => edgesFrom.get(Identity.key(identity)) ?? [],
    edgesTo: (kind, ref) => edgesTo.get(`${kind} ${Ref.key(ref)}`) ?? [],
    routesOf: (service) => routes.get(`service ${Ref.key(service)}`) ?? [],
    gatewayRoutes: (gateway) => routes.get(`gateway ${Ref.key(gateway)}`) ?? [],
    accessPolicies: (ref) => accessPolicies.get(Ref.key(ref)) ?? [],
    trafficPolicies: (service) => trafficPolicies.get(Ref.key(service)) ?? [],
    canaries: (service) => canaries.get(Ref.key(service)) ?? [],
    telemetry: (service) => telemetries.get(Ref.key(service)) ?? [],
    sharedProxy: (service) => sharedProxies.get(Ref.key(service)),
  };
}

function byOne<T>(list: readonly T[], key: (item: T) => string): ReadonlyMap<string, T> {
  return new Map(list.map((item) => [key(item), item]));
}

/** The items of a list by each of their keys, in the order of the list. */
export function byKeys<T>(
  list: readonly T[],
  keysOf: (item: T) => readonly string[],
): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of list) {
    for (const key of new Set(keysOf(item))) {
      const group = groups.get(key);
      if (group) group.push(item);
      else groups.set(key, [item]);
    }
  }
  return groups;
}
