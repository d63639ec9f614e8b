import { lookup, names, type OutsidePort, type OutsideSource, order } from '../../model';
import { cidrRange } from '../access';
import { extension } from '../any';
import { socketOf } from '../binding';
import type { Configuration } from '../configuration';
import type { Context } from '../context';
import { addressOf } from '../socket-address';
import { tcpProxy } from '../tcp-proxy';
import type { Cluster, Listener } from '../types';
import { type ApplicationPort, applicationPorts } from './application-ports';
import { listenerOf, patience, tlsInspector } from './listener';
import type { FilterChain } from './served-port';

/** What a sidecar serves to callers: a listener for each port of its application. */
export function inbound(context: Context): Configuration {
  const ports = applicationPorts(context);
  const listeners = ports.flatMap((port) => {
    const socket = socketOf(context.binding, { kind: 'inbound', applicationPort: port.applicationPort });
    return socket ? [listenerOf(names.inboundCluster(port.applicationPort), socket, port)] : [];
  });
  const capture = capturing(context, ports);
  return {
    listeners: [...listeners, ...capture.listeners],
    routes: ports.flatMap(({ routes }) => routes).sort((a, b) => order(a.name ?? '', b.name ?? '')),
    clusters: [...ports.flatMap(({ clusters }) => clusters), ...capture.clusters],
    extensions: ports.flatMap(({ extensions }) => extensions),
    assignments: ports.flatMap(({ assignments }) => assignments),
    secrets: ports.flatMap(({ secrets }) => secrets),
  };
}

/**
 * Transparent capture: whatever comes to the pod is led to one listener, which serves the ports of the application as their own
 * listeners do, and lets pass what is declared to stay outside. Other ports are not reached.
 */
function capturing(context: Context, ports: readonly ApplicationPort[]): Pick<Configuration, 'listeners' | 'clusters'> {
  const socket = isCaptured(context) ? socketOf(context.binding, { kind: 'capture', direction: 'inbound' }) : undefined;
  if (!socket) return { listeners: [], clusters: [] };
  const outside = outsideChains(context);
  const served = ports.flatMap(({ applicationPort, filterChains }) =>
    filterChains.map((chain) => ({
      ...chain,
      name: `${applicationPort}-${chain.name}`,
      filterChainMatch: { ...chain.filterChainMatch, destinationPort: applicationPort },
    })),
  );
  if (served.length + outside.length === 0) return { listeners: [], clusters: [] };
  return {
    listeners: [
      {
        name: 'inbound_capture',
        trafficDirection: 'INBOUND',
        address: addressOf(socket),
        listenerFilters: [originalDestination, tlsInspector],
        ...((outside.length > 0 || ports.some(({ serverFirst }) => serverFirst)) && patience),
        filterChains: [...served, ...outside],
      },
    ],
    clusters: outside.length > 0 ? [passThrough] : [],
  };
}

function isCaptured({ model, proxy, binding }: Context): boolean {
  if (proxy.kind !== 'sidecar' || binding.kind !== 'pod') return false;
  const { member } = proxy;
  const runner = member.kind === 'service' ? lookup(model).service(member) : lookup(model).workload(member);
  return (runner?.capture ?? model.mesh.capture).kind === 'transparent';
}

const originalDestination: NonNullable<Listener['listenerFilters']>[number] = extension(
  'envoy.filters.listener.original_dst',
  'envoy.extensions.filters.listener.original_dst.v3.OriginalDst',
  {},
);

/** Ports of the pod that stay outside the mesh, for those who may reach them. */
function outsideChains(context: Context): readonly FilterChain[] {
  const { proxy, model } = context;
  if (proxy.kind !== 'sidecar') return [];
  return lookup(model)
    .accessPolicies(proxy.member)
    .flatMap((policy) => policy.outsidePorts)
    .filter(({ protocol }) => protocol === 'tcp')
    .flatMap((port) => outsideChain(context, port));
}

function outsideChain(context: Context, { port, from }: OutsidePort): readonly FilterChain[] {
  const anyone = from.some(({ kind }) => kind === 'anyone');
  const sources = from.flatMap((source) => addressesOf(context, source));
  if (!anyone && sources.length === 0) return [];
  return [
    {
      name: `${port}-outside-mesh`,
      filterChainMatch: {
        destinationPort: port,
        ...(!anyone && { directSourcePrefixRanges: [...new Set(sources)].sort(order).map(cidrRange) }),
      },
      filters: [
        tcpProxy(context, { statPrefix: 'outside', destination: { cluster: passThroughName }, server: 'inbound' }),
      ],
    },
  ];
}

function addressesOf({ surroundings }: Context, source: OutsideSource): readonly string[] {
  switch (source.kind) {
    case 'namespace':
      return surroundings.podAddresses(source.namespace);
    case 'address':
      return [source.cidr];
    case 'anyone':
      return [];
  }
}

const passThroughName = 'inbound_original_destination';

/** Where the connection was for before it was led here. */
const passThrough: Cluster = {
  name: passThroughName,
  type: 'ORIGINAL_DST',
  lbPolicy: 'CLUSTER_PROVIDED',
  connectTimeout: '5s',
};
