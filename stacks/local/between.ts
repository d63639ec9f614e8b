import { type Model, Ref, type Service } from '../../lib/model';

/**
 * The mesh between two programs. What is new is there, so that it can start, and nothing that was there is led to it yet: routes and
 * rollouts are as before. Who may call whom is as the new program says it, at once.
 */
export function between(before: Model, next: Model): Model {
  const isNew = (ref: Ref) => !before.services.some((service) => Ref.equal(service, ref));
  const isNewGateway = (ref: Ref) => !before.gateways.some((gateway) => Ref.equal(gateway, ref));
  const ofNew = next.routes.filter((route) =>
    route.parents.every((parent) => (parent.kind === 'service' ? isNew(parent) : isNewGateway(parent))),
  );
  return {
    ...next,
    services: united(next.services, before.services).map((service) => withVersionsOf(service, before)),
    workloads: united(next.workloads, before.workloads),
    externalServices: united(next.externalServices, before.externalServices),
    gateways: united(next.gateways, before.gateways),
    egressGateways: united(next.egressGateways, before.egressGateways),
    sharedProxies: united(next.sharedProxies, before.sharedProxies),
    routes: united(before.routes, ofNew, (route) => `${route.kind} ${Ref.key(route)}`),
    canaries: united(
      before.canaries,
      next.canaries.filter((one) => isNew({ namespace: one.namespace, name: one.service })),
    ),
  };
}

/** The mesh of a program, and beside it what is still being stopped of the one before: it ends what it has begun. */
export function withLeaving(next: Model, leaving: readonly { readonly of: Ref; readonly model: Model }[]): Model {
  const left = <T extends Ref>(list: readonly T[], before: (model: Model) => readonly T[]): readonly T[] =>
    united(
      list,
      leaving.flatMap(({ of, model }) => before(model).filter((one) => Ref.equal(one, of))),
    );
  return {
    ...next,
    services: left(next.services, (model) => model.services),
    workloads: left(next.workloads, (model) => model.workloads),
    gateways: left(next.gateways, (model) => model.gateways),
    egressGateways: left(next.egressGateways, (model) => model.egressGateways),
    sharedProxies: left(next.sharedProxies, (model) => model.sharedProxies),
  };
}

/** What both have is as the first has it. */
function united<T extends Ref>(
  first: readonly T[],
  second: readonly T[],
  keyOf: (one: T) => string = Ref.key,
): readonly T[] {
  const all = new Map(second.map((one) => [keyOf(one), one]));
  for (const one of first) all.set(keyOf(one), one);
  return [...all.values()].sort(Ref.compare);
}

/** Routes of before lead to versions of before. */
function withVersionsOf(service: Service, before: Model): Service {
  const old = before.services.find((one) => Ref.equal(one, service));
  if (!old || old.versions.length === 0 || service.versions.length === 0) return service;
  const names = new Set(service.versions.map(({ name }) => name));
  return { ...service, versions: [...service.versions, ...old.versions.filter(({ name }) => !names.has(name))] };
}
