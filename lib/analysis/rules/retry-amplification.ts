import { type Edge, type Identity, order, Ref } from '../../model';
import { carriesRequests, multiplication, routeOverrides } from '../calls';
import { edgeLocator } from '../parts';
import type { Context, Rule } from '../rule';

/** Beyond this, retries turn a small outage into a large one. */
const bearable = 10;

export const retryAmplification: Rule = {
  code: 'MESH0333',
  level: 'warning',
  summary: `retries along a path do not make more than ${bearable} requests of one`,
  check: (context) => {
    const routes = routeOverrides(context.model);
    const arriving = new Map<string, Arrival>();
    return topological(context).flatMap(({ key, name, edges }) => {
      const here = arriving.get(key) ?? { requests: 1, path: [name] };
      return edges.flatMap((edge) => {
        const requests = here.requests * multiplication(context, edge, routes);
        const path = [...here.path.slice(-longestShown), edge.to.name];
        const target = Ref.key(edge.to);
        if (edge.to.kind === 'service' && requests > (arriving.get(target)?.requests ?? 1)) {
          arriving.set(target, { requests, path });
        }
        if (requests <= bearable || here.requests > bearable) return [];
        return {
          at: edgeLocator(edge),
          message: `one request can become ${requests} by retries along ${path.join(' → ')}, more than ${bearable}`,
          fix: 'set fewer `retries.attempts` on the calls of this path, best only on the last of them, or fewer `retries.on`',
        };
      });
    });
  },
};

/** How many requests of one reach a service at worst, and by which path. */
interface Arrival {
  readonly requests: number;
  readonly path: readonly string[];
}

/** A path is reported where it first crosses the bound, so it is short; this only keeps long chains of single tries cheap. */
const longestShown = 16;

interface Caller {
  readonly key: string;
  readonly name: string;
  readonly edges: readonly Edge[];
}

/**
 * Callers so that each stands before whom it calls. A call that closes a cycle is left out: it is found in the same way in
 * every run, because callers and calls are visited in the order of their names.
 */
function topological(context: Context): readonly Caller[] {
  const { model, find } = context;
  const state = new Map<string, 'open' | 'done'>();
  const finished: Caller[] = [];
  const runners = [...model.workloads, ...model.services].sort(Ref.compare);
  const edgesOf = (identity: Identity) =>
    [...find.edgesFrom(identity)]
      .filter((edge) => carriesRequests(context, edge))
      .sort((a, b) => order(edgeLocator(a), edgeLocator(b)));
  for (const runner of runners) visit(runner);
  return finished.reverse();

  /** With a stack of its own, because a chain of calls may be longer than the one of the machine. */
  function visit(start: (typeof runners)[number]): void {
    const key = keyOf(start);
    if (state.has(key)) return;
    const stack = [open(start)];
    while (stack.length > 0) {
      const frame = stack[stack.length - 1];
      const edge = frame?.pending.shift();
      if (!frame) return;
      if (!edge) {
        state.set(frame.key, 'done');
        finished.push({ key: frame.key, name: frame.name, edges: frame.kept });
        stack.pop();
        continue;
      }
      const callee = edge.to.kind === 'service' ? find.service(edge.to) : undefined;
      const known = callee && state.get(keyOf(callee));
      if (known === 'open') continue;
      frame.kept.push(edge);
      if (callee && !known) stack.push(open(callee));
    }
  }

  function open(runner: (typeof runners)[number]) {
    state.set(keyOf(runner), 'open');
    return { key: keyOf(runner), name: runner.name, pending: edgesOf(runner), kept: [] as Edge[] };
  }
}

/** Services are called by their name; workloads share no name with them. */
function keyOf(runner: Ref & Pick<Identity, 'serviceAccount'>): string {
  return Ref.key(runner);
}
