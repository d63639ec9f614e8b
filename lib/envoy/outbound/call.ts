import {
  type Edge,
  type ExternalService,
  type GrpcRoute,
  type HttpRoute,
  lookup,
  names,
  Port,
  Ref,
  type Route,
  type Service,
  type TcpRoute,
  type TlsRoute,
} from '../../model';
import { type Target, trafficPolicyOf } from '../cluster';
import type { Context } from '../context';
import { httpConnectionManager } from '../http/connection-manager';
import { callCounters } from '../http/grpc-stats';
import { connectionRoute, patience, type RequestRoutes, requestRoutes, routeConfiguration, routesOf } from '../route';
import { tcpProxy } from '../tcp-proxy';
import type { Route as EnvoyRoute, HttpFilter, Listener, RouteConfiguration } from '../types';

export type FilterChain = NonNullable<Listener['filterChains']>[number];

/** What a sidecar does with the connections of its application that are for one upstream and port. */
export interface Call {
  /** Of the listener, of its routes and of the cluster that they lead to. */
  readonly name: string;
  readonly filterChains: readonly FilterChain[];
  readonly routes: readonly RouteConfiguration[];
  readonly targets: readonly Target[];
}

/** Calls of a port of a service, or of one instance of it. Absent: the port is not there, or not proxied. */
export function serviceCall(context: Context, edge: Edge, service: Service, instance?: string): Call | undefined {
  const port = service.ports.find((one) => one.port === edge.port);
  if (!port || port.protocol === 'udp') return undefined;
  const name =
    instance === undefined
      ? names.outboundCluster(service, edge.port)
      : names.instanceCluster(service, edge.port, instance);
  return Port.isHttp(port.protocol)
    ? requestCall(context, { edge, service, port, name, instance })
    : connectionCall(context, { edge, service, port, name, instance });
}

interface Called {
  readonly edge: Edge;
  readonly service: Service;
  readonly port: Port;
  readonly name: string;
  readonly instance: string | undefined;
}

function requestCall(context: Context, { edge, service, name, instance }: Called): Call {
  const { routes, targets, filters } = callRoutes(context, edge, service, instance);
  return {
    name,
    filterChains: [requests(context, name, [...callCounters(context.model, targets), ...filters])],
    routes: [routeConfiguration(name, [{ name: Ref.key(service), domains: ['*'], routes }])],
    targets,
  };
}

/** What becomes of the requests of a call, whoever carries that out. */
export function callRoutes(context: Context, edge: Edge, service: Service, instance?: string): RequestRoutes {
  return requestRoutes(context, {
    // Who calls one instance by its name means this one, and who stands before a service has its rules.
    routes:
      instance === undefined && !lookup(context.model).sharedProxy(service)
        ? routesOf(context, service, edge.port).filter(isOfRequests)
        : [],
    to: { service: target(service), port: edge.port, ...(instance !== undefined && { instance }) },
    client: context.identity,
    ...patienceOf(edge),
  });
}

/** Where a rule is silent, the edge says. */
function patienceOf({ timeout, retries, hedging }: Edge) {
  return {
    ...(timeout !== undefined && { timeout }),
    ...(retries && { retries }),
    ...(hedging && { hedging }),
  };
}

/** Connections to a service: led on by their server name, or all alike. */
function connectionCall(context: Context, { edge, service, port, name, instance }: Called): Call {
  const { model } = context;
  const { connection, loadBalancing } = trafficPolicyOf(model, service, edge.port);
  const retries = edge.retries ?? model.mesh.defaults.retries;
  const bySource =
    (loadBalancing?.kind === 'ringHash' || loadBalancing?.kind === 'maglev') &&
    loadBalancing.by.some(({ kind }) => kind === 'sourceAddress');
  const itself: Target & { readonly kind: 'service' } = {
    kind: 'service',
    service: target(service),
    port: edge.port,
    ...(instance !== undefined && { instance }),
  };
  const led =
    instance === undefined && !lookup(model).sharedProxy(service)
      ? routesOf(context, service, edge.port).filter(isOfConnections)
      : [];
  const targets: Target[] = [];
  const chain = (backends: (TlsRoute | TcpRoute)['backends'], serverNames: readonly string[]): FilterChain => {
    const own = backends.length === 0 ? [{ ...itself, weight: 100 }] : backends;
    const route =
      instance === undefined ? connectionRoute(context, own) : { destination: { cluster: name }, targets: [itself] };
    targets.push(...route.targets);
    return {
      ...(serverNames.length > 0 && { filterChainMatch: { serverNames } }),
      filters: [
        tcpProxy(context, {
          statPrefix: 'outbound',
          destination: route.destination,
          server: 'outbound',
          connection,
          retries,
          bySource,
        }),
      ],
    };
  };
  return { name, filterChains: chainsOf(led, port, chain), routes: [], targets };
}

/** Of each server name the first route by its name; connections that no route is about go to the service itself. */
function chainsOf(
  routes: readonly (TlsRoute | TcpRoute)[],
  port: Port,
  chain: (backends: TlsRoute['backends'], serverNames: readonly string[]) => FilterChain,
): readonly FilterChain[] {
  const taken = new Set<string>();
  const named =
    port.protocol === 'tls'
      ? routes.flatMap((route) => {
          if (route.kind !== 'tls' || route.hostnames.length === 0) return [];
          const hosts = route.hostnames.filter((host) => !taken.has(host));
          for (const host of hosts) taken.add(host);
          return hosts.length > 0 ? [chain(route.backends, hosts)] : [];
        })
      : [];
  const others = routes.find((route) => route.kind === 'tcp' || route.hostnames.length === 0);
  return [...named, chain(others?.backends ?? [], [])];
}

function isOfRequests(route: Route): route is HttpRoute | GrpcRoute {
  return route.kind === 'http' || route.kind === 'grpc';
}

function isOfConnections(route: Route): route is TlsRoute | TcpRoute {
  return route.kind === 'tls' || route.kind === 'tcp';
}

function target({ namespace, name }: Ref): Ref {
  return { namespace, name };
}

/** Speaks HTTP with the application; where its requests go are routes of the same name. Nobody reads statistics of it: the clusters have them. */
export function requests(context: Context, name: string, filters: readonly HttpFilter[]): FilterChain {
  return {
    filters: [
      httpConnectionManager(context, {
        statPrefix: 'outbound',
        routes: { kind: 'rds', name },
        filters,
        server: 'outbound',
      }),
    ],
  };
}

/** Calls of a host outside. */
export function externalCall(context: Context, edge: Edge, external: ExternalService): Call {
  const name = names.externalCluster(external, external.port);
  const called: Target = { kind: 'external', external: target(external) };
  if (!Port.isHttp(external.protocol)) {
    return { name, filterChains: [externalConnections(context, edge, external)], routes: [], targets: [called] };
  }
  return {
    name,
    filterChains: [requests(context, name, callCounters(context.model, [called]))],
    routes: [
      routeConfiguration(name, [
        { name: Ref.key(external), domains: ['*'], routes: [externalRoute(context, edge, external)] },
      ]),
    ],
    targets: [called],
  };
}

/** Whatever name the application has called it by, the host is told its own. */
export function externalRoute({ model }: Context, edge: Edge, external: ExternalService): EnvoyRoute {
  const { host, port, protocol, tls } = external;
  const grpc = protocol === 'grpc';
  const usual = port === (tls.kind === 'originate' ? 443 : 80);
  return {
    name: Ref.key(external),
    match: { prefix: '/' },
    route: {
      cluster: names.externalCluster(external, port),
      hostRewriteLiteral: usual ? host : `${host}:${port}`,
      ...patience({
        timeout: edge.timeout ?? (grpc ? 0 : model.mesh.defaults.timeout),
        retries: edge.retries ?? model.mesh.defaults.retries,
        ...(edge.hedging && { hedging: edge.hedging }),
        grpc,
      }),
    },
  };
}

/**
 * Bytes as they are. Of TLS that the application makes itself the server name must be the one that was declared; on a developer's
 * machine, where names lead nowhere, it may be any.
 */
export function externalConnections(context: Context, edge: Edge, external: ExternalService): FilterChain {
  const checked = external.tls.kind === 'passthrough' && context.binding.kind === 'pod' && isName(external.host);
  return {
    ...(checked && { filterChainMatch: { serverNames: [external.host] } }),
    filters: [
      tcpProxy(context, {
        statPrefix: 'outbound',
        destination: { cluster: names.externalCluster(external, external.port) },
        server: 'outbound',
        retries: edge.retries ?? context.model.mesh.defaults.retries,
      }),
    ],
  };
}

function isName(host: string): boolean {
  return !host.includes(':') && !/^\d+\.\d+\.\d+\.\d+$/.test(host);
}
