import { type ExternalService, type ExternalTls, names, Port, type Ref } from '../../model';
import { extension } from '../any';
import { type Socket, socketOf } from '../binding';
import type { Assignment, SecretRef } from '../configuration';
import type { Context } from '../context';
import { addressOf, isAddress } from '../socket-address';
import { clientTls } from '../tls/mutual';
import { overAds, sdsSecret } from '../tls/secret-source';
import type { Cluster, Messages, TransportSocket } from '../types';
import { circuitBreakers, connections, type Wire } from './connections';
import { loadBalancing } from './load-balancing';
import { outlierDetection } from './outlier-detection';
import { retryBudget } from './retry-budget';

export interface ExternalCluster {
  readonly cluster: Cluster;
  readonly assignment?: Assignment;
  readonly secrets: readonly SecretRef[];
}

/**
 * A host outside. From a sidecar it is reached by its egress gateway, if it has one, over mutual TLS; from the gateway, and without
 * one, by itself.
 */
export function externalCluster(context: Context, external: ExternalService): ExternalCluster {
  const egress = egressOf(context, external);
  return egress ? throughEgress(context, external, egress) : straight(context, external);
}

/** The egress gateway between the proxy and the host. A name that no gateway has leads nowhere ({@link ./load-assignment}). */
export function egressOf({ proxy }: Context, { via, namespace }: ExternalService): Ref | undefined {
  return via === undefined || proxy.kind === 'egress-gateway' ? undefined : { namespace, name: via };
}

function throughEgress(context: Context, external: ExternalService, gateway: Ref): ExternalCluster {
  const name = names.externalCluster(external, external.port);
  const wire = Port.isHttp(external.protocol) ? 'http2' : 'tcp';
  return {
    cluster: {
      name,
      type: 'EDS',
      edsClusterConfig: { edsConfig: overAds },
      ...loadBalancing(),
      ...circuitBreakers({}, retryBudget(context, { kind: 'externalService', ...external }, external.port)),
      ...outlierDetection(),
      ...connections(wire),
      transportSocket: clientTls(context, {
        identity: {
          namespace: gateway.namespace,
          serviceAccount: names.proxyObject('egress-gateway', gateway.name),
        },
        serverName: names.egressServerName(external),
        alpn: wire === 'tcp' ? [] : ['h2'],
      }),
    },
    assignment: { cluster: name, kind: 'egressGateway', gateway },
    secrets: [],
  };
}

function straight(context: Context, external: ExternalService): ExternalCluster {
  const { host, port, protocol, tls } = external;
  const name = names.externalCluster(external, port);
  const wire: Wire = !Port.isHttp(protocol) ? 'tcp' : protocol === 'http' ? 'http1' : 'http2';
  const standIn = socketOf(context.binding, { kind: 'standIn', host, port });
  const addresses = external.addresses?.map((address) => ({ address, port }));
  return {
    cluster: {
      name,
      ...(standIn ? fixed(name, [standIn]) : addresses ? fixed(name, addresses) : byName(name, host, port)),
      ...circuitBreakers({}, retryBudget(context, { kind: 'externalService', ...external }, external.port)),
      ...outlierDetection(),
      ...connections(wire),
      ...(tls.kind === 'originate' && !standIn && { transportSocket: origination(context, external, tls, wire) }),
    },
    secrets: tls.kind === 'originate' && !standIn ? authorityOf(external, tls) : [],
  };
}

function fixed(name: string, sockets: readonly Socket[]): Partial<Cluster> {
  return {
    type: 'STATIC',
    ...loadBalancing(),
    loadAssignment: {
      clusterName: name,
      endpoints: [{ lbEndpoints: sockets.map((socket) => ({ endpoint: { address: addressOf(socket) } })) }],
    },
  };
}

function byName(name: string, host: string, port: number): Partial<Cluster> {
  if (isAddress(host)) return fixed(name, [{ address: host.replace(/^\[|\]$/g, ''), port }]);
  if (host.startsWith('*')) {
    return {
      lbPolicy: 'CLUSTER_PROVIDED',
      clusterType: extension(
        'envoy.clusters.dynamic_forward_proxy',
        'envoy.extensions.clusters.dynamic_forward_proxy.v3.ClusterConfig',
        { dnsCacheConfig },
      ),
    };
  }
  return {
    // Of a large host DNS gives other addresses every time: they are taken as one endpoint, whose connections stay when they change.
    clusterType: extension('envoy.clusters.dns', 'envoy.extensions.clusters.dns.v3.DnsCluster', {
      respectDnsTtl: true,
      dnsLookupFamily: 'ALL',
      allAddressesInSingleEndpoint: true,
    }),
    loadAssignment: {
      clusterName: name,
      endpoints: [{ lbEndpoints: [{ endpoint: { address: { socketAddress: { address: host, portValue: port } } } }] }],
    },
  };
}

/**
 * Names of hosts that are told apart by the server name of their TLS alone. The filter that reads it and the cluster must say the
 * same of the cache that they share.
 */
export const dnsCacheConfig: Messages['envoy.extensions.common.dynamic_forward_proxy.v3.DnsCacheConfig'] = {
  name: 'hosts',
  dnsLookupFamily: 'V4_PREFERRED',
};

type Originated = Extract<ExternalTls, { kind: 'originate' }>;

/** TLS of the world, where TLS 1.2 is still common. The host must prove the name by which it is called. */
function origination(context: Context, external: ExternalService, tls: Originated, wire: Wire): TransportSocket {
  const serverName = tls.serverName ?? external.host;
  const subject = {
    matchTypedSubjectAltNames: [
      isAddress(serverName)
        ? { sanType: 'IP_ADDRESS' as const, matcher: { exact: serverName.replace(/^\[|\]$/g, '') } }
        : { sanType: 'DNS' as const, matcher: { exact: serverName } },
    ],
  };
  const [authority] = authorityOf(external, tls);
  return extension('envoy.transport_sockets.tls', 'envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext', {
    ...(!isAddress(serverName) && { sni: serverName }),
    commonTlsContext: {
      tlsParams: { tlsMinimumProtocolVersion: 'TLSv1_2', tlsMaximumProtocolVersion: 'TLSv1_3' },
      ...(wire !== 'tcp' && { alpnProtocols: [wire === 'http2' ? 'h2' : 'http/1.1'] }),
      ...(authority
        ? {
            combinedValidationContext: {
              defaultValidationContext: subject,
              validationContextSdsSecretConfig: sdsSecret(authority),
            },
          }
        : { validationContext: { trustedCa: { filename: context.systemRoots }, ...subject } }),
    },
  });
}

function authorityOf({ namespace }: ExternalService, { trustedCa }: Originated): readonly SecretRef[] {
  return trustedCa === undefined ? [] : [{ kind: 'authority', namespace, name: trustedCa }];
}
