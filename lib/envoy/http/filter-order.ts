import { extension } from '../any';
import type { HttpFilter } from '../types';

/**
 * Every HTTP filter that a proxy of the mesh can have, in the order in which a request meets them. A filter that is not here
 * has no place. Of one that there can be several of, what follows a `/` tells them apart.
 */
const order = [
  // Answers for the proxy itself, whatever stands behind it.
  'envoy.filters.http.health_check',
  // Counts what callers got, so it must have seen also what a filter below refuses.
  'envoy.filters.http.grpc_stats',
  // A browser asks beforehand (preflight) without credentials: answered before anybody asks for them.
  'envoy.filters.http.cors',
  // Verifies tokens, for access control to read.
  'envoy.filters.http.jwt_authn',
  // Costs nothing, so it refuses before anybody is asked over the network; a deny beats every allow, so it is asked first.
  'envoy.filters.http.rbac.deny',
  'envoy.filters.http.rbac',
  'envoy.filters.http.rbac.count',
  'envoy.filters.http.ext_authz',
  // Only requests that may be made are counted; of one's own tokens first, because that costs no call.
  'envoy.filters.http.local_ratelimit',
  'envoy.filters.http.ratelimit',
  // Stands for an application that is slow or fails: what would not reach the application is not delayed.
  'envoy.filters.http.fault',
  // Chooses the host, so only for requests that are sent on.
  'envoy.filters.http.stateful_session',
  // Sends the request on: nothing behind it would see it.
  'envoy.filters.http.router',
] as const;

export type HttpFilterName = (typeof order)[number];

/** The filters in their order, and the router, which ends every chain. */
export function inOrder(filters: readonly HttpFilter[]): readonly HttpFilter[] {
  const place = ({ name = '' }: HttpFilter) =>
    order.findIndex((known) => name === known || name.startsWith(`${known}/`));
  const strange = filters.find((filter) => place(filter) < 0);
  if (strange) throw new Error(`the HTTP filter ${strange.name} has no place in the order of filters`);
  return [...filters, router].sort((a, b) => place(a) - place(b));
}

/** What Envoy would tell of itself (`x-envoy-…`) in requests and responses is nobody's affair. */
const router = extension('envoy.filters.http.router', 'envoy.extensions.filters.http.router.v3.Router', {
  suppressEnvoyHeaders: true,
});
