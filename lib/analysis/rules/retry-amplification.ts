import { type Edge, order, Ref, type Service, type Workload } from '../../model';
import { carriesRequests, multiplication, routeOverrides } from '../calls';
import { edgeLocator } from '../parts';
import type { Context, Rule } from '../rule';

/** Beyond this, retries turn a small outage into a large one. */
const bearable = 10;

/** What is kept of a path: enough to show it, and to see that a call leads back into it. */
const longestPath = 16;

export const retryAmplification: Rule = {
  code: 'MESH0333',
  level: 'warning',
  summary: `retries along a path do not make more than ${bearable} requests of one`,
  check: (context) => {
    const routes = routeOverrides(context.model);
    const factors = new Map<Edge, number>();
    for (const edge of context.model.edges) {
      if (carriesRequests(context, edge)) factors.set(edge, multiplication(context, edge, routes));
    }
    // Where nothing is multiplied nothing is amplified: no path need be followed.
    if (![...factors.values()].some((factor) => factor > 1)) return [];
    const callers = [...context.model.workloads, ...context.model.services].sort(Ref.compare);
    const arriving = arrivals(context, callers, factors);
    return callers.flatMap((caller) => {
      const heres = startsAt(caller, arriving);
      return callsOf(context, caller).flatMap((edge) => {
        const here = heres.find(({ path }) => !path.includes(edge.to.name));
        const requests = (here?.requests ?? 0) * (factors.get(edge) ?? 1);
        if (!here || requests <= bearable) return [];
        return {
          at: edgeLocator(edge),
          message: `one request can become ${requests} by retries along ${[...here.path, edge.to.name].join(' → ')}, more than ${bearable}`,
          fix: 'set fewer `retries.attempts` on the calls of this path, best only on the last of them, or fewer `retries.on`',
        };
      });
    });
  },
};

/** How many requests one of them has become when it reaches a service, and by which path. */
interface Arrival {
  readonly requests: number;
  readonly path: readonly string[];
}

/**
 * The worst that still is bearable, for each service. Each step multiplies a whole number that stays below the bound, so a
 * service is looked at again a few times at most, whether calls form a cycle or not.
 */
function arrivals(
  context: Context,
  callers: readonly (Service | Workload)[],
  factors: ReadonlyMap<Edge, number>,
): ReadonlyMap<string, Arrival> {
  const arriving = new Map<string, Arrival>();
  // Grows while it is walked.
  const waiting: (Service | Workload)[] = [...callers];
  for (const caller of waiting) {
    const heres = startsAt(caller, arriving);
    for (const edge of callsOf(context, caller)) {
      const callee = edge.to.kind === 'service' ? context.find.service(edge.to) : undefined;
      const here = heres.find(({ path }) => !path.includes(edge.to.name));
      const requests = (here?.requests ?? 0) * (factors.get(edge) ?? 1);
      if (!callee || !here || requests > bearable || requests <= (arriving.get(Ref.key(callee))?.requests ?? 1))
        continue;
      arriving.set(Ref.key(callee), { requests, path: [...here.path, callee.name].slice(-longestPath) });
      waiting.push(callee);
    }
  }
  return arriving;
}

/** Paths by which a request may come to a caller, the worst first: the one it begins itself is always among them. */
function startsAt(caller: Service | Workload, arriving: ReadonlyMap<string, Arrival>): readonly Arrival[] {
  const own: Arrival = { requests: 1, path: [caller.name] };
  const worst = arriving.get(Ref.key(caller));
  return worst ? [worst, own] : [own];
}

/** In the order of their names, so that of two equal paths the same one is shown in every run. */
function callsOf({ find }: Context, caller: Service | Workload): readonly Edge[] {
  return [...find.edgesFrom(caller)].sort((a, b) => order(a.to.name, b.to.name) || a.port - b.port);
}
