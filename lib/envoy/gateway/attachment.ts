import {
  type Gateway,
  type GatewayListener,
  type GrpcRoute,
  type HttpRoute,
  lookup,
  type Model,
  Ref,
  type Route,
} from '../../model';

/** A route that a listener has taken, and the hosts that both are for: `*` for any. */
export interface Attached<R extends Route = Route> {
  readonly route: R;
  readonly hosts: readonly string[];
}

/**
 * The routes of a listener, sorted by name: those that name the gateway and no other listener of it, come from a namespace that the
 * listener admits, are of a kind that it can serve, and have a host in common with it.
 * https://gateway-api.sigs.k8s.io/reference/spec/#hostname
 */
export function attachedRoutes(model: Model, gateway: Gateway, listener: GatewayListener): readonly Attached[] {
  const admitted = listener.routesFrom.length === 0 ? [gateway.namespace] : listener.routesFrom;
  return lookup(model)
    .gatewayRoutes(gateway)
    .filter(
      ({ kind, namespace, parents }) =>
        served[listener.protocol].includes(kind) &&
        admitted.includes(namespace) &&
        parents.some(
          (parent) =>
            parent.kind === 'gateway' &&
            Ref.equal(parent, gateway) &&
            (parent.listener === undefined || parent.listener === listener.name),
        ),
    )
    .map((route) => ({ route, hosts: commonHosts(listener.host, route.kind === 'tcp' ? [] : route.hostnames) }))
    .filter(({ hosts }) => hosts.length > 0)
    .toSorted((a, b) => Ref.compare(a.route, b.route));
}

const served: { readonly [protocol in GatewayListener['protocol']]: readonly Route['kind'][] } = {
  http: ['http', 'grpc'],
  https: ['http', 'grpc'],
  tls: ['tls'],
  tcp: ['tcp'],
};

export function isOfRequests(attached: Attached): attached is Attached<HttpRoute | GrpcRoute> {
  return attached.route.kind === 'http' || attached.route.kind === 'grpc';
}

/** The narrower of each two that are for the same hosts. */
function commonHosts(own: string | undefined, hostnames: readonly string[]): readonly string[] {
  if (hostnames.length === 0) return [own ?? '*'];
  if (own === undefined) return [...new Set(hostnames)];
  const common = hostnames.flatMap((host) => (covers(own, host) ? [host] : covers(host, own) ? [own] : []));
  return [...new Set(common)];
}

/** True where all that the second stands for is for the first too: `*` is any, `*.example.com` one or more labels before it. */
export function covers(pattern: string, host: string): boolean {
  return pattern === '*' || pattern === host || (pattern.startsWith('*.') && host.endsWith(pattern.slice(1)));
}

/** The most specific first: names before wildcards, the longer before the shorter. */
export function bySpecificity(a: string, b: string): number {
  return Number(a.startsWith('*')) - Number(b.startsWith('*')) || b.length - a.length || (a < b ? -1 : a > b ? 1 : 0);
}
