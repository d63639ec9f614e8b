import {
  type GrpcRoute,
  type HttpRoute,
  type Identity,
  names,
  order,
  type Ref,
  type Route,
  type Service,
} from '../../model';
import type { ServiceTarget } from '../cluster';
import type { Context } from '../context';
import { requestRoutes } from '../route';
import type { Route as EnvoyRoute, HttpFilter } from '../types';

export interface SharedRoutes {
  readonly routes: readonly EnvoyRoute[];
  readonly targets: readonly ServiceTarget[];
  readonly filters: readonly HttpFilter[];
}

export interface SharedRequests {
  readonly service: Service;
  readonly port: number;
  /** Routes of calls to the port. */
  readonly declared: readonly Route[];
  readonly behind: (service: Ref) => boolean;
}

/**
 * The rules that callers without a sidecar cannot apply. Those for certain callers come first, once for each of these: the caller's
 * certificate tells who it is, in a header that only the proxy itself writes.
 */
export function sharedRoutes(context: Context, { service, port, declared, behind }: SharedRequests): SharedRoutes {
  const routes = declared.filter(isOfRequests);
  const to = { service: { namespace: service.namespace, name: service.name }, port };
  const of = (client?: Identity) =>
    requestRoutes(context, {
      routes,
      to,
      behind,
      ...(client && { client }),
      enforcedHere: true,
    });
  const personal = clientsOf(routes).map((client) => {
    const made = of(client);
    return { ...made, routes: made.routes.map((route) => onlyFor(context, client, route)) };
  });
  const all = [...personal, of()];
  return {
    routes: all.flatMap((made) => made.routes),
    targets: all.flatMap(({ targets }) => targets),
    filters: [...new Map(all.flatMap(({ filters }) => filters).map((filter) => [filter.name, filter])).values()],
  };
}

export function isOfRequests(route: Route): route is HttpRoute | GrpcRoute {
  return route.kind === 'http' || route.kind === 'grpc';
}

/** Whom some rule is for. */
function clientsOf(routes: readonly (HttpRoute | GrpcRoute)[]): readonly Identity[] {
  const clients = new Map(
    routes
      .flatMap((route) => route.rules.flatMap(({ from = [] }) => from))
      .map(({ namespace, serviceAccount }) => [`${namespace}/${serviceAccount}`, { namespace, serviceAccount }]),
  );
  return [...clients].sort(([a], [b]) => order(a, b)).map(([, client]) => client);
}

/** `By=…;Hash=…;URI=spiffe://…`, as the connection manager writes it. */
function onlyFor({ model }: Context, client: Identity, route: EnvoyRoute): EnvoyRoute {
  const suffix = `;URI=${names.spiffeId(model.mesh.trustDomain, client)}`;
  const caller = { name: 'x-forwarded-client-cert', stringMatch: { suffix } };
  return { ...route, match: { ...route.match, headers: [...(route.match?.headers ?? []), caller] } };
}
