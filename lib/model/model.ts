import type { AccessPolicy } from './access-policy';
import type { Canary } from './canary';
import type { Edge } from './edge';
import type { EgressGateway, Gateway, SharedProxy } from './gateway';
import type { Mesh } from './mesh';
import { Identity, order, Ref } from './ref';
import { canonicalRoute, type Route } from './route';
import type { ExternalService, Service, Workload } from './service';
import type { ServiceTelemetry } from './telemetry';
import type { TrafficPolicy } from './traffic-policy';

/**
 * What a mesh is: plain data, the middle between what users type and everything that is made from it. It holds only what
 * was declared: an absent field takes the default that its comment names. Lists whose order says nothing are sorted, so
 * that equal meshes are equal bytes.
 */
export interface Model {
  readonly mesh: Mesh;
  readonly services: readonly Service[];
  readonly workloads: readonly Workload[];
  readonly externalServices: readonly ExternalService[];
  readonly edges: readonly Edge[];
  readonly routes: readonly Route[];
  readonly trafficPolicies: readonly TrafficPolicy[];
  readonly accessPolicies: readonly AccessPolicy[];
  readonly canaries: readonly Canary[];
  readonly gateways: readonly Gateway[];
  readonly egressGateways: readonly EgressGateway[];
  readonly sharedProxies: readonly SharedProxy[];
  readonly telemetries: readonly ServiceTelemetry[];
}

/** Brings a model into its one canonical form: lists sorted, absent fields left out, matches of everything too. */
export function canonical(model: Model): Model {
  const sorted = <T extends Ref>(list: readonly T[]): readonly T[] => [...list].sort(Ref.compare);
  return withoutUndefined({
    mesh: model.mesh,
    services: sorted(model.services).map((service) => ({
      ...service,
      ports: [...service.ports].sort((a, b) => a.port - b.port || order(a.protocol, b.protocol)),
      versions: [...service.versions].sort((a, b) => order(a.name, b.name)),
    })),
    workloads: sorted(model.workloads),
    externalServices: sorted(model.externalServices),
    edges: [...model.edges].sort(compareEdges),
    routes: model.routes.map(canonicalRoute).sort((a, b) => Ref.compare(a, b) || order(a.kind, b.kind)),
    trafficPolicies: sorted(model.trafficPolicies),
    accessPolicies: sorted(model.accessPolicies),
    canaries: sorted(model.canaries),
    gateways: sorted(model.gateways).map((gateway) => ({
      ...gateway,
      listeners: [...gateway.listeners].sort((a, b) => order(a.name, b.name)),
    })),
    egressGateways: sorted(model.egressGateways),
    sharedProxies: sorted(model.sharedProxies).map((proxy) => ({
      ...proxy,
      services: [...proxy.services].sort(order),
    })),
    telemetries: sorted(model.telemetries),
  });
}

export function compareEdges(a: Edge, b: Edge): number {
  return Identity.compare(a.from, b.from) || Ref.compare(a.to, b.to) || order(a.to.kind, b.to.kind) || a.port - b.port;
}

/** Leaves out keys whose value is `undefined`, at every depth: JSON has no such value. */
export function withoutUndefined<T>(value: T): T {
  if (Array.isArray(value)) return value.map(withoutUndefined) as T;
  if (typeof value !== 'object' || value === null) return value;
  const result: Record<string, unknown> = {};
  for (const [key, child] of Object.entries(value)) {
    if (child !== undefined) result[key] = withoutUndefined(child);
  }
  return result as T;
}
