import { type Edge, order, type Port, Ref, type Service, upstreamsOf } from '../../model';
import { any } from '../any';
import { type ServiceTarget, serviceClusterName } from '../cluster';
import type { Configuration } from '../configuration';
import type { Context } from '../context';
import { inOrder } from '../http/filter-order';
import { callRoutes } from '../outbound/call';
import { overAds } from '../tls/secret-source';
import type { Listener, RouteConfiguration } from '../types';
import { grpcCluster } from './cluster';
import { clustersOfRoute, grpcRoute } from './routes';

/**
 * What a gRPC application gets that calls its upstreams without a proxy. For each port of each it asks by the name under which it calls:
 * `xds:///ratings.storefront:9000` is the listener `ratings.storefront:9000`. Hosts outside it calls without the mesh.
 * https://github.com/grpc/proposal/blob/master/A27-xds-global-load-balancing.md
 */
export function proxyless(context: Context): Configuration {
  const calls = upstreamsOf(context.model, context.identity).flatMap(({ target, hostnames, edges }) =>
    target.kind === 'host'
      ? []
      : edges.flatMap((edge) => {
          const instance = target.kind === 'instance' ? target.instance : undefined;
          const call = callOf(context, edge, target.service, instance);
          return call ? [{ ...call, listeners: hostnames.map((host) => `${host}:${edge.at ?? edge.port}`) }] : [];
        }),
  );
  const clusters = clustersOf(
    context,
    calls.flatMap(({ targets }) => targets),
  );
  return {
    listeners: calls
      .flatMap(({ listeners, routes }) => listeners.map((name) => apiListener(name, routes.name ?? '')))
      .sort(byName),
    routes: calls.map(({ routes }) => routes).sort(byName),
    clusters: clusters.map(({ cluster }) => cluster),
    assignments: clusters.map(({ assignment }) => assignment),
    extensions: [],
    secrets: [],
  };
}

interface Call {
  readonly routes: RouteConfiguration;
  readonly targets: readonly ServiceTarget[];
}

/** Absent: gRPC is not spoken there. */
function callOf(context: Context, edge: Edge, service: Service, instance: string | undefined): Call | undefined {
  const port = service.ports.find((one) => one.port === edge.port);
  if (!port || !carriesGrpc(port)) return undefined;
  const itself = { kind: 'service', service, port: edge.port, ...(instance !== undefined && { instance }) } as const;
  const made = callRoutes(context, edge, service, instance);
  const nobody = { ...itself, instance: noInstance };
  const routes = made.routes.flatMap((route) => grpcRoute(route, serviceClusterName(nobody)) ?? []);
  const used = new Set(routes.flatMap(clustersOfRoute));
  return {
    routes: {
      name: serviceClusterName(itself),
      virtualHosts: [{ name: Ref.key(service), domains: ['*'], routes }],
    },
    // Copies of requests go nowhere, so who would get them is not asked for.
    targets: [...made.targets, nobody].filter((target) => used.has(serviceClusterName(target))),
  };
}

/** The name that no instance has. */
const noInstance = '';

function carriesGrpc({ protocol }: Port): boolean {
  return protocol === 'grpc' || protocol === 'http2';
}

function clustersOf(context: Context, targets: readonly ServiceTarget[]) {
  const made = new Map(targets.map((target) => [serviceClusterName(target), grpcCluster(context, target)]));
  return [...made].sort(([a], [b]) => order(a, b)).flatMap(([, one]) => one ?? []);
}

/** A listener that nothing is bound to: what an application finds in the place of an address. */
function apiListener(name: string, routes: string): Listener {
  return {
    name,
    apiListener: {
      apiListener: any('envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager', {
        statPrefix: 'outbound',
        rds: { routeConfigName: routes, configSource: overAds },
        httpFilters: inOrder([]),
      }),
    },
  };
}

function byName(a: { readonly name?: string }, b: { readonly name?: string }): number {
  return order(a.name ?? '', b.name ?? '');
}
