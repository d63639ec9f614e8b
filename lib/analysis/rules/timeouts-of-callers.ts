import { Duration, type Edge, type Model, Ref, type Service } from '../../model';
import { carriesRequests, longest, longestTimeout, type RouteOverrides, routeOverrides } from '../calls';
import { callerName, edgeLocator, ruleSites } from '../parts';
import type { Context, Rule } from '../rule';

/**
 * Once every caller of a service has given up, nobody waits for what the service still waits for. Only a time that the
 * author gave is judged: the mesh's default is a ceiling for calls nobody thought about. No limit at all (zero) is how a
 * stream is declared, which belongs to no single request.
 */
export const timeoutsOfCallers: Rule = {
  code: 'MESH0330',
  level: 'error',
  summary: 'no call may take longer than every call that leads to it',
  check: (context) => {
    const routes = routeOverrides(context.model);
    const gateways = gatewayTimeouts(context.model);
    return context.model.services.flatMap((service) => {
      const given = context.find.edgesFrom(service).filter((edge) => edge.timeout && carriesRequests(context, edge));
      if (given.length === 0) return [];
      const patience = callersOf(context, service, routes, gateways);
      if (!patience) return [];
      return given.flatMap((edge) => {
        const { timeout = 0 } = edge;
        if (timeout <= patience.timeout) return [];
        const most = Duration.format(patience.timeout);
        return {
          at: edgeLocator(edge),
          message: `${service.name} waits up to ${Duration.format(timeout)} for ${edge.to.name}, but its own callers wait at most ${most} for it (${patience.by} → ${service.name} → ${edge.to.name})`,
          fix: `set \`timeout\` of ${service.name}.calls(${edge.to.name}) to at most ${most}, or that of the calls to ${service.name} to at least ${Duration.format(timeout)}`,
        };
      });
    });
  },
};

interface Patience {
  readonly timeout: number;
  readonly by: string;
}

/** The most patient caller of a service; nothing where it has none, or some that are not known. */
function callersOf(
  context: Context,
  service: Service,
  routes: RouteOverrides,
  gateways: ReadonlyMap<string, Patience>,
): Patience | undefined {
  const edges = context.find.edgesTo('service', service).filter((edge) => carriesRequests(context, edge));
  const known = [
    ...edges.map(
      (edge: Edge): Patience => ({ timeout: longestTimeout(context, edge, routes), by: callerName(context, edge) }),
    ),
    ...[gateways.get(Ref.key(service))].filter((one) => one !== undefined),
  ];
  const most = known.reduce<Patience | undefined>((a, b) => (a && a.timeout >= b.timeout ? a : b), undefined);
  // Whoever is let in without an edge waits as long as it likes.
  const strangers = context.find
    .accessPolicies(service)
    .some(
      (policy) => policy.origin === 'declared' && policy.rules.some((rule) => rule.action === 'allow' && !rule.shadow),
    );
  return strangers ? undefined : most;
}

/** How long gateways wait for each service that they lead to. */
function gatewayTimeouts(model: Model): ReadonlyMap<string, Patience> {
  const found = new Map<string, Patience>();
  for (const { route, rule } of ruleSites(model)) {
    const gateway = route.parents.find((parent) => parent.kind === 'gateway');
    if (!gateway || rule.action.kind !== 'forward') continue;
    for (const { service } of rule.action.backends) {
      const timeout = longest([rule.timeout ?? model.mesh.defaults.timeout, found.get(Ref.key(service))?.timeout ?? 1]);
      found.set(Ref.key(service), { timeout, by: gateway.name });
    }
  }
  return found;
}
