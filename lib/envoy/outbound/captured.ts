import { type Edge, type ExternalService, names, Port, Ref, type Upstream, upstreamsOf } from '../../model';
import { extension } from '../any';
import { socketOf } from '../binding';
import { dnsCacheConfig } from '../cluster';
import type { Context } from '../context';
import { httpConnectionManager } from '../http/connection-manager';
import { callCounters } from '../http/grpc-stats';
import { routeConfiguration } from '../route';
import { addressOf } from '../socket-address';
import { tcpProxy } from '../tcp-proxy';
import type { VirtualHost } from '../types';
import { type Call, externalCall, externalConnections, externalRoute, type FilterChain, requests } from './call';
import { callOf, listener, type Outbound } from './listener';
import { undeclaredCall } from './undeclared';

/**
 * Connections that were redirected to the sidecar, wherever they were for. The one listener that takes them hands each on to the
 * listener of its original destination; these are bound to no port. What is for none of them is refused.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/listeners/listener_filters/original_dst_filter
 */
export function captured(context: Context): Outbound {
  const socket = socketOf(context.binding, { kind: 'capture', direction: 'outbound' });
  if (!socket) return { listeners: [], calls: [] };
  const upstreams = upstreamsOf(context.model, context.identity);
  const atAddresses = callsAtAddresses(context, upstreams);
  const atPorts = callsAtPorts(context, upstreams);
  return {
    listeners: [
      {
        name: 'outbound_capture',
        trafficDirection: 'OUTBOUND',
        address: addressOf(socket),
        useOriginalDst: true,
        filterChains: [undeclared(context)],
      },
      ...atAddresses.map(({ call, sockets: [first, ...others] }) =>
        listener(call, {
          ...(first && { address: addressOf(first) }),
          ...(others.length > 0 && { additionalAddresses: others.map((one) => ({ address: addressOf(one) })) }),
          bindToPort: false,
        }),
      ),
      ...atPorts.map(({ call, port }) =>
        listener(call, { address: addressOf({ address: '0.0.0.0', port }), bindToPort: false }),
      ),
    ],
    calls: [...atAddresses, ...atPorts].map(({ call }) => call),
  };
}

interface AtAddresses {
  readonly call: Call;
  readonly sockets: readonly { readonly address: string; readonly port: number }[];
}

/**
 * Services by their addresses in the cluster, instances by those of their pods, hosts by the addresses that are declared for them. An
 * address is of one call: an instance's before that of its service.
 */
function callsAtAddresses(context: Context, upstreams: readonly Upstream[]): readonly AtAddresses[] {
  const taken = new Set<string>();
  return [...upstreams]
    .sort((a, b) => Number(b.target.kind === 'instance') - Number(a.target.kind === 'instance'))
    .flatMap((upstream) =>
      upstream.edges.flatMap((edge) => {
        const ports = new Set([edge.port, edge.at ?? edge.port]);
        const sockets = addressesOf(context, upstream, edge)
          .flatMap((address) => [...ports].map((port) => ({ address, port })))
          .filter(({ address, port }) => !taken.has(`${address} ${port}`));
        const call = sockets.length > 0 ? callOf(context, upstream, edge) : undefined;
        if (!call) return [];
        for (const { address, port } of sockets) taken.add(`${address} ${port}`);
        return [{ call, sockets }];
      }),
    );
}

function addressesOf({ surroundings }: Context, { target }: Upstream, edge: Edge): readonly string[] {
  switch (target.kind) {
    case 'service':
      return surroundings.serviceAddresses({ namespace: target.service.namespace, name: target.service.name });
    case 'instance':
      return surroundings.serviceAddresses({
        namespace: target.service.namespace,
        name: `${target.instance}.${target.service.name}`,
      });
    case 'host':
      return target.externalServices.find((one) => Ref.equal(one, edge.to))?.addresses ?? [];
  }
}

interface Outside {
  readonly edge: Edge;
  readonly external: ExternalService;
}

/** Hosts whose addresses only DNS knows: by their port, and by the name that the application itself gives. */
function callsAtPorts(
  context: Context,
  upstreams: readonly Upstream[],
): readonly { readonly call: Call; readonly port: number }[] {
  const ports = new Map<number, Outside[]>();
  for (const { target, edges } of upstreams) {
    if (target.kind !== 'host') continue;
    for (const edge of edges) {
      const external = target.externalServices.find((one) => Ref.equal(one, edge.to));
      if (!external || external.addresses) continue;
      ports.set(external.port, [...(ports.get(external.port) ?? []), { edge, external }]);
    }
  }
  return [...ports]
    .sort(([a], [b]) => a - b)
    .map(([port, outside]) => ({ call: callAtPort(context, port, outside), port }));
}

function callAtPort(context: Context, port: number, outside: readonly Outside[]): Call {
  const name = names.capturedPort(port);
  const byServerName = [...new Map(outside.filter(isPassedThrough).map((one) => [one.external.host, one])).values()];
  const byHost = outside.filter(
    ({ external }) => Port.isHttp(external.protocol) && external.tls.kind !== 'passthrough',
  );
  // Of bytes nothing tells the host: they are for the one that is declared, if there is but one.
  const [bytes, another] = outside.filter((one) => !isPassedThrough(one) && !byHost.includes(one));
  const targets = outside.flatMap(({ edge, external }) => externalCall(context, edge, external).targets);
  const plain =
    byHost.length > 0
      ? [requests(context, name, callCounters(context.model, targets))]
      : bytes && !another
        ? [externalConnections(context, bytes.edge, bytes.external)]
        : [undeclared(context)];
  return {
    name,
    filterChains: [
      ...byServerName.map(({ edge, external }) => serverNameChain(context, edge, external)),
      ...plain.map((chain) =>
        byServerName.length > 0 ? { filterChainMatch: { transportProtocol: 'raw_buffer' }, ...chain } : chain,
      ),
    ],
    routes: byHost.length > 0 ? [routeConfiguration(name, hosts(context, byHost))] : [],
    targets,
  };
}

function isPassedThrough({ external }: Outside): boolean {
  return external.tls.kind === 'passthrough';
}

function hosts(context: Context, outside: readonly Outside[]): readonly VirtualHost[] {
  const known = new Map(
    outside.map(({ edge, external }) => [
      external.host,
      { name: Ref.key(external), domains: [external.host], routes: [externalRoute(context, edge, external)] },
    ]),
  );
  return [...known.values(), undeclaredCall(context)];
}

/** A wildcard stands for hosts that are looked up when they are called, by the server name. */
function serverNameChain(context: Context, edge: Edge, external: ExternalService): FilterChain {
  if (!external.host.startsWith('*') || external.via !== undefined) {
    const chain = externalConnections(context, edge, external);
    return { filterChainMatch: { serverNames: [external.host] }, ...chain };
  }
  return {
    filterChainMatch: { serverNames: [external.host] },
    filters: [
      extension(
        'envoy.filters.network.sni_dynamic_forward_proxy',
        'envoy.extensions.filters.network.sni_dynamic_forward_proxy.v3.FilterConfig',
        { dnsCacheConfig, portValue: external.port },
      ),
      tcpProxy(context, {
        statPrefix: 'outbound',
        destination: { cluster: names.externalCluster(external, external.port) },
        server: 'outbound',
      }),
    ],
  };
}

/**
 * What is for nobody that is declared. It is taken for HTTP, which can be told why it is refused; to anything else the answer is none
 * that it understands, and the connection ends, soon also where the other side would have to speak first.
 */
function undeclared(context: Context): FilterChain {
  const { typedConfig, ...filter } = httpConnectionManager(context, {
    statPrefix: 'undeclared',
    routes: { kind: 'inline', configuration: routeConfiguration('undeclared', [undeclaredCall(context)]) },
    filters: [],
    server: 'outbound',
  });
  return {
    filters: [{ ...filter, typedConfig: { ...typedConfig, commonHttpProtocolOptions: { idleTimeout: '5s' } } }],
  };
}
