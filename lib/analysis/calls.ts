import { type Capture, type Edge, Identity, type Model, Port, Ref, type Retries, safeRetryConditions } from '../model';
import { protocolOf, ruleSites } from './parts';
import type { Context } from './rule';

/** How calls behave: what an edge says, what routes say in its place, and the mesh's defaults where neither does. */

/** How traffic of a caller comes to its sidecar. */
export function captureOf({ model, find }: Context, caller: Identity): Capture {
  return find.running(caller)[0]?.capture ?? model.mesh.capture;
}

/** True where an edge carries requests that can be told apart. */
export function carriesRequests(context: Context, edge: Edge): boolean {
  const protocol = protocolOf(context, edge.to, edge.port);
  return protocol !== undefined && Port.isHttp(protocol);
}

/** The longest that a call may take, routes of the callee included. */
export function longestTimeout({ model }: Context, edge: Edge, routes: RouteOverrides): number {
  return longest([edge.timeout ?? model.mesh.defaults.timeout, ...routes.of(edge).timeouts]);
}

/** The longest of several; zero is no limit. */
export function longest(timeouts: readonly number[]): number {
  return timeouts
    .map((timeout) => (timeout === 0 ? Number.POSITIVE_INFINITY : timeout))
    .reduce((a, b) => Math.max(a, b), 0);
}

/**
 * How many requests one request of the caller can become. Retries of what has not reached the application count for
 * nothing: where a response came back there is none of them, so they do not multiply along a path.
 */
export function multiplication({ model }: Context, edge: Edge, routes: RouteOverrides): number {
  const tried = [edge.retries ?? model.mesh.defaults.retries, ...routes.of(edge).retries].map((retries) =>
    repeatsHandled(retries) ? retries.attempts : 0,
  );
  return 1 + Math.max(...tried, 0) + (edge.hedging?.attempts ?? 0);
}

/** True where a request may be tried again that the application has begun to handle. */
export function repeatsHandled(retries: Retries): boolean {
  const conditions = retries.on ?? safeRetryConditions;
  return (
    conditions.some((condition) => !safeRetryConditions.includes(condition)) || (retries.statuses ?? []).length > 0
  );
}

/** Timeouts and retries that routes set for the callers of a service. */
export interface RouteOverrides {
  of(edge: Edge): Overrides;
}

interface Overrides {
  readonly timeouts: readonly number[];
  readonly retries: readonly Retries[];
}

const none: Overrides = { timeouts: [], retries: [] };

/** Collects what all routes say, once for each service and port, and once more for each caller that they single out. */
export function routeOverrides(model: Model): RouteOverrides {
  const found = new Map<string, { timeouts: number[]; retries: Retries[] }>();
  const at = (key: string) => {
    const entry = found.get(key) ?? { timeouts: [], retries: [] };
    found.set(key, entry);
    return entry;
  };
  for (const { route, rule } of ruleSites(model)) {
    for (const parent of route.parents) {
      if (parent.kind !== 'service') continue;
      const target = `${Ref.key(parent)} ${parent.port}`;
      for (const key of rule.from ? rule.from.map((from) => `${target} ${Identity.key(from)}`) : [target]) {
        // Only the extremes matter, so that many routes of one service stay cheap to ask about.
        if (rule.timeout !== undefined) at(key).timeouts = [longest([...at(key).timeouts, rule.timeout])];
        if (rule.retries) at(key).retries = mostRetries([...at(key).retries, rule.retries]);
      }
    }
  }
  return {
    of: (edge) => {
      const target = `${Ref.key(edge.to)} ${edge.port}`;
      if (edge.to.kind !== 'service') return none;
      const [all, own] = [found.get(target), found.get(`${target} ${Identity.key(edge.from)}`)];
      if (!all || !own) return all ?? own ?? none;
      return { timeouts: [...all.timeouts, ...own.timeouts], retries: [...all.retries, ...own.retries] };
    },
  };
}

function mostRetries(list: readonly Retries[]): Retries[] {
  return list.reduce<Retries[]>((most, one) => {
    const [best] = most;
    return best && (!repeatsHandled(one) || (repeatsHandled(best) && best.attempts >= one.attempts)) ? most : [one];
  }, []);
}
