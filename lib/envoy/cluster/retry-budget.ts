import { Identity, lookup, Ref, type Retries, type Route, type RouteParent, sharedServices } from '../../model';
import type { Context } from '../context';

type Budget = NonNullable<Retries['budget']>;

/**
 * How much of what is in flight towards a port may be retries. Clusters are one for each service and port, whatever leads there, and so
 * are budgets: as much as the most generous of the edge by which the proxy calls, and of the rules by which it leads requests there.
 */
export function retryBudget(
  context: Context,
  callee: Ref & { readonly kind: 'service' | 'externalService' },
  port: number,
): Retries['budget'] {
  const declared = budgetsOf(context).get(key(callee.kind, callee, port)) ?? [];
  if (declared.length === 0) return context.model.mesh.defaults.retries.budget;
  return {
    percent: Math.max(...declared.map(({ percent }) => percent)),
    minConcurrency: Math.max(...declared.map(({ minConcurrency }) => minConcurrency)),
  };
}

const known = new WeakMap<Context, ReadonlyMap<string, readonly Budget[]>>();

/** All that the proxy has to do with, found once, whichever of its parts asks. */
function budgetsOf(context: Context): ReadonlyMap<string, readonly Budget[]> {
  const existing = known.get(context);
  if (existing) return existing;
  const found = new Map<string, Budget[]>();
  const add = (at: string, budget: Budget | undefined) => {
    if (budget) found.set(at, [...(found.get(at) ?? []), budget]);
  };
  const { proxy, model, identity } = context;
  const find = lookup(model);
  if (proxy.kind === 'sidecar') {
    for (const { to, port, retries } of find.edgesFrom(identity)) {
      add(key(to.kind, to, port), retries?.budget);
      if (to.kind === 'service') addRules(find.routesOf(to), (parent) => isAt(parent, to, port), identity, add);
    }
  } else if (proxy.kind === 'gateway') {
    addRules(
      find.gatewayRoutes(proxy),
      (parent) => parent.kind === 'gateway' && Ref.equal(parent, proxy),
      undefined,
      add,
    );
  } else if (proxy.kind === 'shared-proxy') {
    const services = model.sharedProxies.filter((one) => Ref.equal(one, proxy)).flatMap(sharedServices);
    for (const service of services) addRules(find.routesOf(service), (parent) => isAt(parent, service), 'anyone', add);
  }
  known.set(context, found);
  return found;
}

function isAt(parent: RouteParent, service: Ref, port?: number): boolean {
  return parent.kind === 'service' && Ref.equal(parent, service) && (port === undefined || parent.port === port);
}

function addRules(
  routes: readonly Route[],
  attached: (parent: RouteParent) => boolean,
  client: Identity | 'anyone' | undefined,
  add: (at: string, budget: Budget | undefined) => void,
): void {
  for (const route of routes) {
    const own = route.parents.filter(attached);
    if (own.length === 0 || (route.kind !== 'http' && route.kind !== 'grpc')) continue;
    for (const { action, from, retries } of route.rules) {
      const meant =
        !from || client === 'anyone' || (client && from.some((one) => Identity.key(one) === Identity.key(client)));
      if (!meant || action.kind !== 'forward') continue;
      for (const { service, port } of action.backends) add(key('service', service, port), retries?.budget);
      if (action.backends.length > 0) continue;
      for (const parent of own)
        if (parent.kind === 'service') add(key('service', parent, parent.port), retries?.budget);
    }
  }
}

function key(kind: 'service' | 'externalService', ref: Ref, port: number): string {
  return `${kind} ${Ref.key(ref)} ${port}`;
}
