import { type GrpcMatch, type GrpcRule, type HttpMatch, type HttpRule, names, Ref, type Route } from '../../model';
import type { EnforcedRule } from '../limits';
import { routeMatch } from '../route/match';
import { comparePrecedence } from '../route/precedence';
import type { Route as EnvoyRoute } from '../types';

type RouteMatch = NonNullable<EnvoyRoute['match']>;

/**
 * All requests go to the application; routes only tell by which rule they come, where the rule has a fault or a limit. A caller's proxy
 * says so in a header. A caller without one gets the rules of the service that its request matches.
 */
export function applicationRoutes(
  service: Ref,
  routes: readonly Route[],
  rules: readonly EnforcedRule[],
  cluster: string,
): readonly EnvoyRoute[] {
  const route = (name: string, match: RouteMatch): EnvoyRoute => ({
    name,
    match,
    // The caller has a limit of time, and knows what the request is worth.
    route: { cluster, timeout: '0s' },
  });
  return [
    ...rules.map(({ id }) => route(id, { prefix: '/', headers: [{ name: mark, stringMatch: { exact: id } }] })),
    ...(rules.length > 0 ? unmarked(service, routes).map(({ id, match }) => route(id, match)) : []),
    route(Ref.key(service), { prefix: '/' }),
  ];
}

const mark = names.headers.rule;
const withoutMark = { name: mark, presentMatch: true, invertMatch: true } as const;

/** By the precedence that a caller's proxy follows; rules for certain callers are for none that cannot be told. */
function unmarked(
  service: Ref,
  routes: readonly Route[],
): readonly { readonly id: string; readonly match: RouteMatch }[] {
  return routes
    .flatMap((route) => {
      const own = route.parents.some((parent) => parent.kind === 'service' && Ref.equal(parent, service));
      if (!own || (route.kind !== 'http' && route.kind !== 'grpc')) return [];
      const ids = names.ruleIds(route);
      return route.rules.flatMap((rule: HttpRule | GrpcRule, index) =>
        rule.from
          ? []
          : matchesOf(rule).map((match) => ({ match, personal: false, route, rule: index, id: ids[index] ?? '' })),
      );
    })
    .sort(comparePrecedence)
    .map(({ id, match }) => {
      const made = routeMatch(match);
      return { id, match: { ...made, headers: [...(made.headers ?? []), withoutMark] } };
    });
}

function matchesOf(rule: HttpRule | GrpcRule): readonly (HttpMatch | GrpcMatch)[] {
  return rule.matches.length > 0 ? rule.matches : [{ headers: [], query: [] }];
}
