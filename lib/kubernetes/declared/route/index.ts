import { lookup, type Model, type Route } from '../../../model';
import type { Manifest } from '../../manifest';
import type { Observed } from '../observed';
import { decodeTcpRoutes, decodeTlsRoutes, encodeConnectionRoute } from './connection-routes';
import type { RouteContext } from './context';
import { encodeReferenceGrants } from './reference-grants';
import { decodeGrpcRoutes, decodeHttpRoutes, encodeRequestRoute } from './request-routes';

export { routeContext } from './context';
export { decodeRouteFilters, routeFilterSpec } from './route-filter';

/** The routes of a mesh, with the RouteFilters and ReferenceGrants they need. */
export function encodeRoutes(model: Model): readonly Manifest[] {
  const find = lookup(model);
  return [
    ...model.routes.flatMap((route) =>
      route.kind === 'http' || route.kind === 'grpc'
        ? encodeRequestRoute(model, route, find)
        : encodeConnectionRoute(model, route, find),
    ),
    ...encodeReferenceGrants(model),
  ];
}

/** Every route that belongs to a service or a gateway of the mesh, whoever has written it. */
export function decodeRoutes(observed: Observed, context: RouteContext): readonly Route[] {
  return [
    ...decodeHttpRoutes(observed, context),
    ...decodeGrpcRoutes(observed, context),
    ...decodeTlsRoutes(observed, context),
    ...decodeTcpRoutes(observed, context),
  ];
}
