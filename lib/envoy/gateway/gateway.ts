import { type Gateway, type GatewayListener, names, order, Ref, type TcpRoute, type TlsRoute } from '../../model';
import { extension } from '../any';
import { socketOf } from '../binding';
import { clustersOf, type Target } from '../cluster';
import type { Configuration, SecretRef } from '../configuration';
import type { Context } from '../context';
import { httpConnectionManager } from '../http/connection-manager';
import { callCounters } from '../http/grpc-stats';
import { connectionRoute, routeConfiguration } from '../route';
import { addressOf } from '../socket-address';
import { tcpProxy } from '../tcp-proxy';
import { sdsSecret } from '../tls/secret-source';
import type { Listener, RouteConfiguration, TransportSocket } from '../types';
import { type Attached, attachedRoutes, bySpecificity, isOfRequests } from './attachment';
import { hostsOf, type Served } from './hosts';

type FilterChain = NonNullable<Listener['filterChains']>[number];

/** What a gateway serves to the world: a listener for each port, which tells the listeners of Gateway API apart by names. */
export function gateway(context: Context): Configuration {
  const { proxy, model } = context;
  const declared = proxy.kind === 'gateway' ? model.gateways.find((one) => Ref.equal(one, proxy)) : undefined;
  const ports = declared ? byPort(declared.listeners).flatMap((port) => servedPort(context, declared, port)) : [];
  const { secrets, ...clusters } = clustersOf(
    context,
    ports.flatMap(({ targets }) => targets),
  );
  return {
    listeners: ports.map(({ listener }) => listener).sort((a, b) => order(a.name ?? '', b.name ?? '')),
    routes: ports.flatMap(({ routes }) => routes).sort((a, b) => order(a.name ?? '', b.name ?? '')),
    ...clusters,
    extensions: [],
    secrets: [...secrets, ...ports.flatMap((port) => port.secrets)],
  };
}

interface Part {
  readonly filterChains: readonly FilterChain[];
  readonly routes: readonly RouteConfiguration[];
  readonly targets: readonly Target[];
  readonly secrets: readonly SecretRef[];
}

function byPort(listeners: readonly GatewayListener[]): readonly (readonly GatewayListener[])[] {
  const ports = new Map<number, GatewayListener[]>();
  for (const listener of listeners.toSorted((a, b) => order(a.name, b.name))) {
    ports.set(listener.port, [...(ports.get(listener.port) ?? []), listener]);
  }
  return [...ports.values()];
}

function servedPort(
  context: Context,
  declared: Gateway,
  listeners: readonly GatewayListener[],
): readonly (Omit<Part, 'filterChains'> & { readonly listener: Listener })[] {
  const port = listeners[0]?.port ?? 0;
  const socket = socketOf(context.binding, { kind: 'listener', port });
  if (!socket) return [];
  const { filterChains, ...part } = joined(partsOf(context, declared, port, listeners));
  if (filterChains.length === 0) return [];
  const encrypted = filterChains.some(({ filterChainMatch }) => filterChainMatch?.transportProtocol === 'tls');
  return [
    {
      ...part,
      listener: {
        name: names.gatewayListener(port),
        address: addressOf(socket),
        // Little is held for a client that reads slowly.
        perConnectionBufferLimitBytes: 32_768,
        ...(encrypted && { listenerFilters: [tlsInspector] }),
        filterChains,
      },
    },
  ];
}

const tlsInspector = extension(
  'envoy.filters.listener.tls_inspector',
  'envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector',
  {},
);

function joined(parts: readonly Part[]): Part {
  return {
    filterChains: parts.flatMap(({ filterChains }) => filterChains),
    routes: parts.flatMap(({ routes }) => routes),
    targets: parts.flatMap(({ targets }) => targets),
    secrets: parts.flatMap(({ secrets }) => secrets),
  };
}

/** What is in plain text is one chain; what is encrypted is told apart by its server name, each name once. */
function partsOf(
  context: Context,
  declared: Gateway,
  port: number,
  listeners: readonly GatewayListener[],
): readonly Part[] {
  const attached = (listener: GatewayListener) => attachedRoutes(context.model, declared, listener);
  const requestsOf = (listener: GatewayListener): Served => ({
    listener,
    attached: attached(listener).filter(isOfRequests),
  });
  const plain = listeners.filter(({ protocol }) => protocol === 'http');
  const terminated = distinctHosts(listeners.filter(({ protocol, tls }) => protocol === 'https' && tls !== undefined));
  const passed = listeners
    .filter(({ protocol }) => protocol === 'tls')
    .flatMap(attached)
    .filter(isOfTls);
  const bytes = listeners
    .filter(({ protocol }) => protocol === 'tcp')
    .flatMap(attached)
    .filter(isOfTcp);

  const taken = new Set(terminated.map(({ host = '*' }) => host));
  const encrypted = [
    ...terminated.map((listener) => httpsPart(context, declared, requestsOf(listener), terminated)),
    ...passed.flatMap(({ route, hosts }) => {
      const own = hosts.filter((host) => !taken.has(host));
      for (const host of own) taken.add(host);
      return own.length > 0 ? [tlsPart(context, port, route, own)] : [];
    }),
  ];
  const [connection] = bytes;
  const open =
    plain.length > 0
      ? [httpPart(context, port, plain.map(requestsOf), plain)]
      : connection
        ? [tcpPart(context, port, connection.route)]
        : [];
  return [...encrypted, ...(encrypted.length > 0 ? open.map(inPlainText) : open)];
}

/** Of listeners of one host the first by its name. */
function distinctHosts(listeners: readonly GatewayListener[]): readonly GatewayListener[] {
  const first = new Map<string, GatewayListener>();
  for (const listener of listeners) {
    const host = listener.host ?? '*';
    if (!first.has(host)) first.set(host, listener);
  }
  return [...first].sort(([a], [b]) => bySpecificity(a, b)).map(([, listener]) => listener);
}

function isOfTls(attached: Attached): attached is Attached<TlsRoute> {
  return attached.route.kind === 'tls';
}

function isOfTcp(attached: Attached): attached is Attached<TcpRoute> {
  return attached.route.kind === 'tcp';
}

function inPlainText(part: Part): Part {
  return {
    ...part,
    filterChains: part.filterChains.map((chain) => ({
      filterChainMatch: { transportProtocol: 'raw_buffer' },
      ...chain,
    })),
  };
}

function httpPart(
  context: Context,
  port: number,
  served: readonly Served[],
  listeners: readonly GatewayListener[],
): Part {
  return requestsPart(context, port, names.gatewayListener(port), served, listeners);
}

/** TLS ends here. A client that does not finish its handshake is not waited for. */
function httpsPart(context: Context, declared: Gateway, served: Served, terminated: readonly GatewayListener[]): Part {
  const { name, port, host, tls } = served.listener;
  const certificate: SecretRef = {
    kind: 'certificate',
    namespace: declared.namespace,
    name: tls?.kind === 'certManager' ? tls.secret : (tls?.name ?? ''),
  };
  const part = requestsPart(context, port, names.gatewayRoutes(port, name), [served], terminated);
  return {
    ...part,
    filterChains: part.filterChains.map((chain) => ({
      name,
      filterChainMatch: serverName(host === undefined ? [] : [host]),
      transportSocket: terminatingTls(certificate),
      transportSocketConnectTimeout: '10s',
      ...chain,
    })),
    secrets: [certificate],
  };
}

function serverName(hosts: readonly string[]): NonNullable<FilterChain['filterChainMatch']> {
  const named = hosts.filter((host) => host !== '*');
  return { transportProtocol: 'tls', ...(named.length > 0 && named.length === hosts.length && { serverNames: named }) };
}

function terminatingTls(certificate: SecretRef): TransportSocket {
  return extension('envoy.transport_sockets.tls', 'envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext', {
    commonTlsContext: {
      tlsParams: { tlsMinimumProtocolVersion: 'TLSv1_2', tlsMaximumProtocolVersion: 'TLSv1_3' },
      alpnProtocols: ['h2', 'http/1.1'],
      tlsCertificateSdsSecretConfigs: [sdsSecret(certificate)],
    },
  });
}

function requestsPart(
  context: Context,
  port: number,
  name: string,
  served: readonly Served[],
  listeners: readonly GatewayListener[],
): Part {
  const { virtualHosts, targets, filters } = hostsOf(context, served, listeners);
  return {
    filterChains: [
      {
        filters: [
          httpConnectionManager(context, {
            statPrefix: names.gatewayListener(port),
            routes: { kind: 'rds', name },
            filters: [...callCounters(context.model, targets), ...filters],
            server: 'gateway',
          }),
        ],
      },
    ],
    routes: [routeConfiguration(name, virtualHosts)],
    targets,
    secrets: [],
  };
}

/** TLS is passed on unopened, by its server name. */
function tlsPart(context: Context, port: number, route: TlsRoute, hosts: readonly string[]): Part {
  const part = tcpPart(context, port, route);
  return {
    ...part,
    filterChains: part.filterChains.map((chain) => ({ filterChainMatch: serverName(hosts), ...chain })),
  };
}

function tcpPart(context: Context, port: number, { backends }: TlsRoute | TcpRoute): Part {
  const { destination, targets } = connectionRoute(context, backends);
  if (targets.length === 0) return { filterChains: [], routes: [], targets: [], secrets: [] };
  return {
    filterChains: [
      {
        filters: [
          tcpProxy(context, {
            statPrefix: names.gatewayListener(port),
            destination,
            server: 'gateway',
            retries: context.model.mesh.defaults.retries,
          }),
        ],
      },
    ],
    routes: [],
    targets,
    secrets: [],
  };
}
