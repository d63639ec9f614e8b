import type { Route as DeclaredRoute, GlobalRateLimit, GrpcRule, HttpRule } from '../../model';
import { names } from '../../model';
import { clustersOf } from '../cluster';
import type { Configuration } from '../configuration';
import type { Context } from '../context';
import type { HttpFilter, Route, VirtualHost } from '../types';
import { faultFilter, faultName, faultOfRoute } from './fault';
import {
  discoveredLimit,
  globalLimitFilter,
  globalLimitOfRoute,
  keyOf,
  limitFilters,
  limitTarget,
} from './global-rate-limit';
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

/**
 * Has faults and limits enforced on routes that are called by the id of their rule: the rest of the virtual host stays as it is.
 *
 * @param listener as {@link enforcement} is given it
 */
export function enforced(host: VirtualHost, rules: readonly EnforcedRule[], listener?: string): VirtualHost {
  if (rules.length === 0) return host;
  const byId = new Map(rules.map((one) => [one.id, one.rule]));
  const filters = limitFilters(globalLimits(rules), listener);
  const routes = host.routes ?? [];
  const limited = rules.flatMap(({ id, rule }) =>
    rule.rateLimit?.local && routes.some((route) => route.name === id && route.route)
      ? [{ id, limit: rule.rateLimit.local }]
      : [],
  );
  return {
    ...host,
    routes: routes.map((route) => enforcedRoute(route, byId.get(route.name ?? ''), filters)),
    ...(limited.length > 0 && { typedPerFilterConfig: { ...host.typedPerFilterConfig, ...bucketsOf(limited) } }),
  };
}

function enforcedRoute(
  route: Route,
  rule: HttpRule | GrpcRule | undefined,
  filters: ReturnType<typeof limitFilters>,
): Route {
  if (!rule || !route.route) return route;
  const global = rule.rateLimit?.global;
  const asking = global && filters.get(keyOf(global));
  const config = {
    ...(rule.fault && { [faultName]: faultOfRoute(rule.fault) }),
    ...(asking && { [asking.name]: globalLimitOfRoute(global) }),
  };
  return {
    ...route,
    ...(rule.rateLimit?.local && { metadata: countedAs(route.name ?? '') }),
    ...(Object.keys(config).length > 0 && { typedPerFilterConfig: { ...route.typedPerFilterConfig, ...config } }),
  };
}

function globalLimits(rules: readonly EnforcedRule[]): readonly GlobalRateLimit[] {
  return rules.flatMap(({ rule }) => rule.rateLimit?.global ?? []);
}

/** The filters by which rules are enforced, and whom they ask. */
export interface Enforcement extends Pick<Configuration, 'clusters' | 'assignments' | 'secrets' | 'extensions'> {
  readonly filters: readonly HttpFilter[];
}

/**
 * Without a listener, only the filters that some rule needs. With one, all of them always, so that a rule that comes later holds for
 * connections that are open already.
 */
export function enforcement(context: Context, rules: readonly EnforcedRule[], listener?: string): Enforcement {
  const limits = globalLimits(rules);
  const asking = [...limitFilters(limits, listener).values()];
  const always = listener !== undefined;
  const discovered = always ? discoveredLimit(context, listener, asking[0]?.limit) : undefined;
  const others = discovered ? asking.slice(1) : asking;
  return {
    filters: [
      ...(always || rules.some(({ rule }) => rule.rateLimit?.local) ? [localLimitFilter] : []),
      ...(discovered ? [discovered.filter] : []),
      ...others.map(({ name, limit }) => globalLimitFilter(context, limit, name)),
      ...(always || rules.some(({ rule }) => rule.fault) ? [faultFilter] : []),
    ],
    extensions: discovered ? [discovered.resource] : [],
    ...clustersOf(context, limits.map(limitTarget)),
  };
}
