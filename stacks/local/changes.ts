import { isDeepStrictEqual } from 'node:util';
import { Identity, type Model, Ref } from '../../lib/model';

/** What differs between two programs, in words: `route storefront/reviews changed`. Policies that edges imply are not told of. */
export function changesBetween(before: Model, after: Model): readonly string[] {
  const lists: readonly (readonly [string, readonly Named[], readonly Named[]])[] = [
    ['service', byRef(before.services), byRef(after.services)],
    ['workload', byRef(before.workloads), byRef(after.workloads)],
    ['external service', byRef(before.externalServices), byRef(after.externalServices)],
    ['edge', edges(before), edges(after)],
    ['route', byRef(before.routes), byRef(after.routes)],
    ['traffic policy', byRef(before.trafficPolicies), byRef(after.trafficPolicies)],
    ['access policy', declaredPolicies(before), declaredPolicies(after)],
    ['canary', byRef(before.canaries), byRef(after.canaries)],
    ['gateway', byRef(before.gateways), byRef(after.gateways)],
    ['egress gateway', byRef(before.egressGateways), byRef(after.egressGateways)],
    ['shared proxy', byRef(before.sharedProxies), byRef(after.sharedProxies)],
    ['telemetry', byRef(before.telemetries), byRef(after.telemetries)],
  ];
  return [
    ...(isDeepStrictEqual(before.mesh, after.mesh) ? [] : [`mesh ${after.mesh.name} changed`]),
    ...lists.flatMap(([kind, old, now]) => differences(kind, new Map(old), new Map(now))),
  ];
}

type Named = readonly [name: string, value: unknown];

function differences(
  kind: string,
  old: ReadonlyMap<string, unknown>,
  now: ReadonlyMap<string, unknown>,
): readonly string[] {
  const added = [...now].filter(([name]) => !old.has(name)).map(([name]) => `${kind} ${name} added`);
  const removed = [...old].filter(([name]) => !now.has(name)).map(([name]) => `${kind} ${name} removed`);
  const changed = [...now]
    .filter(([name, value]) => old.has(name) && !isDeepStrictEqual(old.get(name), value))
    .map(([name]) => `${kind} ${name} changed`);
  return [...added, ...removed, ...changed];
}

function byRef(list: readonly Ref[]): readonly Named[] {
  return list.map((one) => [Ref.key(one), one]);
}

function edges(model: Model): readonly Named[] {
  return model.edges.map((edge) => [`${Identity.key(edge.from)} → ${Ref.key(edge.to)}:${edge.port}`, edge]);
}

function declaredPolicies(model: Model): readonly Named[] {
  return byRef(model.accessPolicies.filter(({ origin }) => origin === 'declared'));
}
