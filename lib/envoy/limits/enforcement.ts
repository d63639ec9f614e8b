import type { Route as DeclaredRoute, GlobalRateLimit, GrpcRule, HttpRule } from '../../model';
import { names } from '../../model';
import { clustersOf } from '../cluster';
import type { Configuration } from '../configuration';
import type { Context } from '../context';
import type { HttpFilter, Route, VirtualHost } from '../types';
import { faultFilter, faultName, faultOfRoute } from './fault';
import { globalLimitFilter, globalLimitName, globalLimitOfRoute, limitTarget } from './global-rate-limit';
import { bucketsOf, countedAs, localLimitFilter } from './local-rate-limit';

/** A rule with a fault or a limit, and the name by which routes are called that come of it. */
export interface EnforcedRule {
  readonly id: string;
  readonly rule: HttpRule | GrpcRule;
}

/** Those of the rules that somebody has to enforce. */
export function enforcedRules(routes: readonly DeclaredRoute[]): readonly EnforcedRule[] {
  return routes.flatMap((route) => {
    if (route.kind !== 'http' && route.kind !== 'grpc') return [];
    const ids = names.ruleIds(route);
    return route.rules
      .map((rule: HttpRule | GrpcRule, index) => ({ id: ids[index] ?? '', rule }))
      .filter(({ rule }) => rule.fault || rule.rateLimit);
  });
}

/** Has faults and limits enforced on routes that are called by the id of their rule: the rest of the virtual host stays as it is. */
export function enforced(host: VirtualHost, rules: readonly EnforcedRule[]): VirtualHost {
  const byId = new Map(rules.map((one) => [one.id, one.rule]));
  const routes = host.routes ?? [];
  const limited = rules.flatMap(({ id, rule }) =>
    rule.rateLimit?.local && routes.some((route) => route.name === id && route.route)
      ? [{ id, limit: rule.rateLimit.local }]
      : [],
  );
  if (rules.length === 0) return host;
  return {
    ...host,
    routes: routes.map((route) => enforcedRoute(route, byId.get(route.name ?? ''))),
    ...(limited.length > 0 && { typedPerFilterConfig: { ...host.typedPerFilterConfig, ...bucketsOf(limited) } }),
  };
}

function enforcedRoute(route: Route, rule: HttpRule | GrpcRule | undefined): Route {
  if (!rule || !route.route) return route;
  const config = {
    ...(rule.fault && { [faultName]: faultOfRoute(rule.fault) }),
    ...(rule.rateLimit?.global && {
      [globalLimitName(rule.rateLimit.global)]: globalLimitOfRoute(rule.rateLimit.global),
    }),
  };
  return {
    ...route,
    ...(rule.rateLimit?.local && { metadata: countedAs(route.name ?? '') }),
    ...(Object.keys(config).length > 0 && { typedPerFilterConfig: { ...route.typedPerFilterConfig, ...config } }),
  };
}

/**
 * The filters by which rules are enforced, and whom they ask.
 *
 * @param always also those that no rule needs yet, so that one that comes later holds for open connections too
 */
export function enforcement(
  context: Context,
  rules: readonly EnforcedRule[],
  always = false,
): { readonly filters: readonly HttpFilter[] } & Pick<Configuration, 'clusters' | 'assignments' | 'secrets'> {
  const asked = new Map<string, GlobalRateLimit>(
    rules.flatMap(({ rule }) =>
      rule.rateLimit?.global ? [[globalLimitName(rule.rateLimit.global), rule.rateLimit.global] as const] : [],
    ),
  );
  return {
    filters: [
      ...(always || rules.some(({ rule }) => rule.rateLimit?.local) ? [localLimitFilter] : []),
      ...[...asked.values()].map(globalLimitFilter),
      ...(always || rules.some(({ rule }) => rule.fault) ? [faultFilter] : []),
    ],
    ...clustersOf(context, [...asked.values()].map(limitTarget)),
  };
}
