import { isDeepStrictEqual } from 'node:util';
import { Identity, type Model, Ref } from '../../lib/model';

/**
 * A model with the objects of the one before wherever they are equal, so that what has not changed is known by comparing
 * references. The one before itself where nothing has changed.
 */
export function modelKeeping(before: Model, after: Model): Model {
  const named = Ref.key;
  const kept: Model = {
    mesh: isDeepStrictEqual(before.mesh, after.mesh) ? before.mesh : after.mesh,
    services: listKeeping(before.services, after.services, named),
    workloads: listKeeping(before.workloads, after.workloads, named),
    externalServices: listKeeping(before.externalServices, after.externalServices, named),
    edges: listKeeping(
      before.edges,
      after.edges,
      ({ from, to, port }) => `${Identity.key(from)} ${to.kind} ${Ref.key(to)} ${port}`,
    ),
    routes: listKeeping(before.routes, after.routes, (route) => `${route.kind} ${Ref.key(route)}`),
    trafficPolicies: listKeeping(before.trafficPolicies, after.trafficPolicies, named),
    accessPolicies: listKeeping(before.accessPolicies, after.accessPolicies, named),
    canaries: listKeeping(before.canaries, after.canaries, named),
    gateways: listKeeping(before.gateways, after.gateways, named),
    egressGateways: listKeeping(before.egressGateways, after.egressGateways, named),
    sharedProxies: listKeeping(before.sharedProxies, after.sharedProxies, named),
    telemetries: listKeeping(before.telemetries, after.telemetries, named),
  };
  const parts = Object.keys(kept) as readonly (keyof Model)[];
  return parts.every((part) => kept[part] === before[part]) ? before : kept;
}

function listKeeping<T>(before: readonly T[], after: readonly T[], keyOf: (item: T) => string): readonly T[] {
  const known = new Map(before.map((item) => [keyOf(item), item]));
  const kept = after.map((item) => {
    const old = known.get(keyOf(item));
    return old !== undefined && isDeepStrictEqual(old, item) ? old : item;
  });
  return kept.length === before.length && kept.every((item, index) => item === before[index]) ? before : kept;
}
