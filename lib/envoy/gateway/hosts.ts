import type { GatewayListener, GrpcRoute, HttpRoute } from '../../model';
import type { Target } from '../cluster';
import type { Context } from '../context';
import { enforced, enforcedRules, enforcement } from '../limits';
import { limitTarget } from '../limits/global-rate-limit';
import { requestRoutes } from '../route';
import type { HttpFilter, VirtualHost } from '../types';
import { type Attached, bySpecificity, covers } from './attachment';

/** A listener of requests, and what is attached to it. */
export interface Served {
  readonly listener: GatewayListener;
  readonly attached: readonly Attached<HttpRoute | GrpcRoute>[];
}

export interface Hosts {
  readonly virtualHosts: readonly VirtualHost[];
  readonly targets: readonly Target[];
  readonly filters: readonly HttpFilter[];
}

/**
 * The hosts of listeners that one place serves: of those of a port without TLS all, of one with TLS its own. A request is for the most specific
 * listener that its host is for, of all that share the port, and meets only the routes of that one (listener isolation). Of its
 * routes those for the most specific host come first; where none of them matches, those for the wildcards around it.
 * https://gateway-api.sigs.k8s.io/reference/spec/#listener
 */
export function hostsOf(context: Context, here: readonly Served[], port: readonly GatewayListener[]): Hosts {
  const hosts = here.flatMap(({ listener, attached }) =>
    [...new Set([listener.host ?? '*', ...attached.flatMap((one) => one.hosts)])]
      .filter((host) => ownerOf(port, host) === listener)
      .map((host) => ({ host, ...routesOfHost(context, attached, host) })),
  );
  const rules = enforcedRules(here.flatMap(({ attached }) => attached.map(({ route }) => route)));
  const misdirected = port
    .filter((listener) => !here.some((one) => one.listener === listener))
    .map(({ host = '*' }) => host)
    .filter((host) => !hosts.some((one) => one.host === host));
  return {
    virtualHosts: [
      ...hosts
        .toSorted((a, b) => bySpecificity(a.host, b.host))
        .map(({ host, routes }) => enforced({ name: host, domains: [host], routes }, rules)),
      ...(misdirected.length > 0 ? [misdirectedRequests([...new Set(misdirected)].sort(bySpecificity))] : []),
    ],
    targets: [
      ...hosts.flatMap(({ targets }) => targets),
      ...rules.flatMap(({ rule }) => (rule.rateLimit?.global ? [limitTarget(rule.rateLimit.global)] : [])),
    ],
    filters: [...new Set(hosts.flatMap(({ filters }) => filters)), ...enforcement(context, rules).filters],
  };
}

function ownerOf(port: readonly GatewayListener[], host: string): GatewayListener | undefined {
  return port
    .filter((listener) => covers(listener.host ?? '*', host))
    .toSorted((a, b) => bySpecificity(a.host ?? '*', b.host ?? '*'))[0];
}

function routesOfHost(context: Context, attached: Served['attached'], host: string) {
  // Of the hosts of a route the one closest to the host that is asked for.
  const near = attached.flatMap(({ route, hosts }) => {
    const [closest] = hosts.filter((one) => covers(one, host)).toSorted(bySpecificity);
    return closest === undefined ? [] : [{ route, closest }];
  });
  const made = [...new Set(near.map(({ closest }) => closest))].sort(bySpecificity).map((closest) =>
    requestRoutes(context, {
      routes: near.filter((one) => one.closest === closest).map(({ route }) => route),
      enforcedHere: true,
      ...(!host.startsWith('*') && { host }),
    }),
  );
  return {
    routes: made.flatMap(({ routes }) => routes),
    targets: made.flatMap(({ targets }) => targets),
    filters: made.flatMap(({ filters }) => filters),
  };
}

/**
 * A browser sends requests for another host over a connection that it has, if the certificate covers both and the address is the
 * same (RFC 9113, 9.1.1). The certificate, and who may connect, are another listener's: the client is told to ask anew.
 * https://gateway-api.sigs.k8s.io/geps/gep-3567/
 */
function misdirectedRequests(hosts: readonly string[]): VirtualHost {
  return {
    name: 'misdirected',
    domains: hosts,
    routes: [{ name: 'misdirected', match: { prefix: '/' }, directResponse: { status: 421 } }],
  };
}
