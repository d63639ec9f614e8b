import { type Identity, type Lookup, lookup, type Model, names, Port, type Ref, type Service } from '../../model';
import { any } from '../any';
import type { Assignment } from '../configuration';
import type { Context } from '../context';
import { clientTls } from '../tls/mutual';
import { overAds } from '../tls/secret-source';
import type { Cluster, TransportSocket } from '../types';
import { circuitBreakers, connections, type Wire } from './connections';
import { meshedEndpoint } from './endpoint-metadata';
import { healthChecks } from './health-checks';
import { loadBalancing } from './load-balancing';
import { outlierDetection } from './outlier-detection';
import { retryBudget } from './retry-budget';
import { trafficPolicyOf } from './traffic-policy';

/** Instances of a service of the mesh. */
export interface ServiceTarget {
  readonly kind: 'service';
  readonly service: Ref;
  readonly port: number;
  /** Only of this version. */
  readonly version?: string;
  /** Only the pod of this name. */
  readonly instance?: string;
  /** Towards the application itself, from the shared proxy that stands before it. */
  readonly behind?: boolean;
}

export function serviceClusterName({ service, port, version, instance }: ServiceTarget): string {
  return instance === undefined
    ? names.outboundCluster(service, port, version)
    : names.instanceCluster(service, port, instance);
}

/** A cluster whose endpoints come over EDS, and whose they are. Absent: the model has no such port or version of a service. */
export function serviceCluster(
  context: Context,
  target: ServiceTarget,
): { readonly cluster: Cluster; readonly assignment: Assignment } | undefined {
  const { model } = context;
  const find = lookup(model);
  const service = find.service(target.service);
  const port = service?.ports.find((one) => one.port === target.port);
  if (!service || !port || port.protocol === 'udp') return undefined;
  if (target.version !== undefined && !service.versions.some(({ name }) => name === target.version)) return undefined;

  const name = serviceClusterName(target);
  const policy = trafficPolicyOf(model, service, port.port);
  const wire = wireOf(model, service, port, target.behind ?? false);
  const host = names.qualifiedHost(service, model.mesh.clusterDomain);
  // Envoy asks by gRPC only where HTTP/2 is configured; connections that are passed on as they are do not look at it.
  const asksByGrpc = wire === 'tcp' && policy.healthCheck?.kind === 'grpc';
  return {
    cluster: {
      name,
      type: 'EDS',
      edsClusterConfig: { edsConfig: overAds },
      // An instance that is no longer there is not asked whether it is well.
      ignoreHealthOnHostRemoval: true,
      ...loadBalancing(policy.loadBalancing),
      ...circuitBreakers(policy.limits, retryBudget(context, { kind: 'service', ...target.service }, target.port)),
      ...outlierDetection(policy.outlierDetection),
      ...healthChecks(policy.healthCheck, { host, wire }),
      ...connections(asksByGrpc ? 'http2' : wire, policy.connection, policy.limits),
      ...(target.behind ? {} : transport(context, service, wire, find)),
    },
    assignment: { cluster: name, ...instancesOf(target) },
  };
}

/**
 * What is spoken on the way. Between proxies of the mesh that is HTTP/2 whatever the application speaks, towards an application
 * what it speaks. While a service takes plain text too, a cluster holds both kinds of instances and can speak but one
 * version of HTTP (Envoy finds it by ALPN only where all endpoints have TLS): the application's.
 */
export function wireOf(model: Model, service: Service, port: Port, behind: boolean): Wire {
  if (!Port.isHttp(port.protocol)) return 'tcp';
  return port.protocol === 'http' && (behind || isPermissive(model, service)) ? 'http1' : 'http2';
}

export function isPermissive(model: Model, service: Service): boolean {
  // A shared proxy stands before its services for callers of every kind, and always has an identity.
  return (
    lookup(model).sharedProxy(service) === undefined && (service.mutualTls ?? model.mesh.mutualTls) === 'permissive'
  );
}

/** Mutual TLS, and beside it plain text to instances without a proxy where the service admits that. */
function transport(context: Context, service: Service, wire: Wire, find: Lookup): Partial<Cluster> {
  const tls = clientTls(context, {
    identity: servedAs(find, service),
    serverName: names.qualifiedHost(service, context.model.mesh.clusterDomain),
    alpn: wire === 'tcp' ? [] : [wire === 'http2' ? 'h2' : 'http/1.1'],
  });
  if (!isPermissive(context.model, service)) return { transportSocket: tls };
  return {
    transportSocketMatches: [
      { name: 'mesh', match: meshedEndpoint, transportSocket: tls },
      { name: 'plain', match: {}, transportSocket: plainText },
    ],
  };
}

/** Whom callers of a service meet: itself, or the shared proxy before it. */
export function servedAs(find: Lookup, service: Service): Identity {
  const proxy = find.sharedProxy(service);
  return proxy
    ? { namespace: proxy.namespace, serviceAccount: names.proxyObject('shared-proxy', proxy.name) }
    : { namespace: service.namespace, serviceAccount: service.serviceAccount };
}

const plainText: TransportSocket = {
  name: 'envoy.transport_sockets.raw_buffer',
  typedConfig: any('envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer', {}),
};

function instancesOf({ service, port, version, instance, behind }: ServiceTarget) {
  const ref = { namespace: service.namespace, name: service.name };
  const part = { service: ref, port, ...(version !== undefined && { version }) };
  return behind
    ? ({ kind: 'behind', ...part } as const)
    : ({ kind: 'service', ...part, ...(instance !== undefined && { instance }) } as const);
}
