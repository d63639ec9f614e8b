import { backendsOf, defaults, type HttpRoute, Identity, type Model, Ref, type Route } from '../../model';

/**
 * How long pods are given to end: the longest request that can pass them, and {@link defaults.drainMargin} for endpoints
 * to be taken out everywhere. A request without a limit counts for nothing here, as no time would be enough for it.
 *
 * @returns whole seconds
 */
export interface DrainTimes {
  /** Of what runs as an identity and, if it is called, of the service. */
  of(identity: Identity, service?: Ref): number;
  ofGateway(gateway: Ref): number;
}

const known = new WeakMap<Model, DrainTimes>();

/** Made once for each model, in linear time. */
export function drainTimes(model: Model): DrainTimes {
  const existing = known.get(model);
  if (existing) return existing;
  const made = build(model);
  known.set(model, made);
  return made;
}

function build(model: Model): DrainTimes {
  const fallback = model.mesh.defaults.timeout;
  const sent = new Longest();
  const received = new Longest();
  const routed = new Longest();
  const entered = new Longest();
  for (const route of model.routes) {
    const longest = longestOf(route, fallback);
    for (const parent of route.parents) {
      if (parent.kind === 'service') routed.add(Ref.key(parent), longest);
      else entered.add(Ref.key(parent), longest);
    }
    for (const { service } of backendsOf(route)) received.add(Ref.key(service), longest);
  }
  for (const edge of model.edges) {
    const own = edge.timeout ?? fallback;
    const longest = edge.to.kind === 'service' ? Math.max(own, routed.of(Ref.key(edge.to))) : own;
    sent.add(Identity.key(edge.from), longest);
    if (edge.to.kind === 'service') received.add(Ref.key(edge.to), longest);
  }
  const seconds = (longest: number) => Math.ceil((longest + defaults.drainMargin) / 1_000);
  return {
    of: (identity, service) =>
      seconds(Math.max(sent.of(Identity.key(identity)), service ? received.of(Ref.key(service)) : 0)),
    ofGateway: (gateway) => seconds(entered.of(Ref.key(gateway))),
  };
}

class Longest {
  private readonly found = new Map<string, number>();

  add(key: string, duration: number): void {
    this.found.set(key, Math.max(duration, this.of(key)));
  }

  of(key: string): number {
    return this.found.get(key) ?? 0;
  }
}

/** Rules without a timeout have that of the edge, or the mesh's. */
function longestOf(route: Route, fallback: number): number {
  if (route.kind === 'tls' || route.kind === 'tcp') return 0;
  const rules: readonly Pick<HttpRoute['rules'][number], 'timeout'>[] = route.rules;
  return Math.max(0, ...rules.map((rule) => rule.timeout ?? fallback));
}
