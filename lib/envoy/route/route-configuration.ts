import { names } from '../../model';
import type { Route, RouteConfiguration, VirtualHost } from '../types';
import { noSuchBackend } from './split';

/**
 * Routes as a resource of their own, so that a change of them touches no connection. Whoever sends the request, it is the proxy that
 * says which rule holds: what stood in that header is removed first, and Envoy is told to make the changes of the whole before
 * those of a part. What proxies tell each other of failures no application is told, nor may it tell.
 */
export function routeConfiguration(name: string, virtualHosts: readonly VirtualHost[]): RouteConfiguration {
  const routes = virtualHosts.flatMap((host) => host.routes ?? []);
  const longest = Math.max(0, ...routes.map(bodyLength));
  return {
    name,
    virtualHosts,
    requestHeadersToRemove: [names.headers.rule],
    responseHeadersToRemove: [names.headers.failure],
    mostSpecificHeaderMutationsWins: true,
    // `shop.example:8443` is a request for `shop.example`. https://gateway-api.sigs.k8s.io/reference/spec/#httproutespec
    ignorePortInHostMatching: true,
    // A backend that is not there concerns its own requests: the rest of the routes hold.
    ...(routes.some(leadsNowhere) && { validateClusters: false }),
    ...(longest > usualBody && { maxDirectResponseBodySizeBytes: longest }),
  };
}

/** Bytes that a direct response may have unless it is said otherwise. */
const usualBody = 4_096;

function bodyLength({ directResponse }: Route): number {
  return new TextEncoder().encode(directResponse?.body?.inlineString ?? '').length;
}

function leadsNowhere({ route }: Route): boolean {
  return (
    route?.cluster === noSuchBackend ||
    (route?.weightedClusters?.clusters ?? []).some((cluster) => cluster.name === noSuchBackend)
  );
}
