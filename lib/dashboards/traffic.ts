import { lookup, type Model, names, type Port, type Ref, type Service } from '../model';
import { viewOf } from './calls';
import { envoyMetrics, labels, type Metric, podLabels } from './metrics';
import { literal, type Matcher, type Matchers, rate, select, sum } from './promql';

/**
 * Requests to a service as those see them who answer: its sidecars, or the shared proxy before it. Callers' proxies see
 * more (what never arrived) and each only its own; that is an edge ({@link ./calls}).
 */
export interface Traffic {
  readonly service: Ref;
  /** Who reports. */
  readonly reporter: 'sidecar' | 'shared-proxy';
  /** Whose series these are: the service, or the shared proxy. */
  readonly pods: Ref;
  /** Requests by class of status. */
  readonly requests: Source;
  /** gRPC calls by status; absent without a gRPC port. */
  readonly grpc?: Source;
  readonly time: Source;
}

export interface Source {
  readonly metric: Metric;
  readonly matchers: Matchers;
}

/** gRPC statuses that are the server's fault: unknown, deadline exceeded, unimplemented, internal, unavailable, data loss. */
export const serverErrors: Matcher = { anyOf: ['2', '4', '12', '13', '14', '15'] };

/** Of a service, or of one of its versions; absent where no port speaks HTTP or gRPC. */
export function trafficOf(model: Model, service: Service, version?: string): Traffic | undefined {
  const ports = service.ports.filter((port) => isRequests(port));
  if (ports.length === 0) return undefined;
  const grpc = ports.filter((port) => viewOf(port.protocol) === 'grpc');
  const ref = { namespace: service.namespace, name: service.name };
  const shared = lookup(model).sharedProxy(ref);
  if (shared) {
    const pods = { namespace: shared.namespace, name: names.proxyObject('shared-proxy', shared.name) };
    const at = (some: readonly Port[]): Matchers => ({
      ...ofPods(pods),
      [labels.cluster]: clusters(service, some, version),
    });
    return {
      service: ref,
      reporter: 'shared-proxy',
      pods,
      requests: { metric: envoyMetrics.upstreamRequests, matchers: at(ports) },
      ...(grpc.length > 0 && { grpc: { metric: envoyMetrics.grpcCalls, matchers: at(grpc) } }),
      time: { metric: envoyMetrics.upstreamTime, matchers: at(ports) },
    };
  }
  const own = { ...ofPods(ref), [podLabels.version]: version };
  const listeners = { ...own, [labels.listenerPrefix]: inbound(ports) };
  return {
    service: ref,
    reporter: 'sidecar',
    pods: ref,
    requests: { metric: envoyMetrics.requests, matchers: listeners },
    ...(grpc.length > 0 && {
      grpc: { metric: envoyMetrics.grpcCalls, matchers: { ...own, [labels.cluster]: inbound(grpc) } },
    }),
    time: { metric: envoyMetrics.time, matchers: listeners },
  };
}

/** Labels of all series of the pods of a service, a workload or a proxy that stands by itself. */
export function ofPods(pods: Ref): Matchers {
  return { [podLabels.namespace]: pods.namespace, [podLabels.service]: pods.name };
}

/** Inbound clusters, and `stat_prefix` of inbound listeners, of ports. */
export function inbound(ports: readonly Port[]): Matcher {
  const clusters = ports.map((port) => names.inboundCluster(port.targetPort));
  return { anyOf: [...new Set(clusters)] };
}

export function requestRate(traffic: Traffic, range: string, by: readonly string[] = []): string {
  return sum(rate(traffic.requests.metric, traffic.requests.matchers, range), by);
}

/**
 * Requests per second that a server failed: those with a 5xx, and gRPC calls, whose HTTP status is 200 whatever comes of
 * them, with a status that is the server's fault. Zero, not nothing, where none has failed yet: `none` is a vector of
 * the same labels.
 */
export function errorRate(
  parts: { readonly requests: Source; readonly grpc?: Source },
  range: string,
  none: string,
  by: readonly string[] = [],
): string {
  const failed = { ...parts.requests.matchers, [labels.responseClass]: '5' };
  const orNone = (rates: string) => `(${sum(rates, by)} or ${none})`;
  const http = orNone(rate(parts.requests.metric, failed, range));
  if (!parts.grpc) return http;
  const calls = { ...parts.grpc.matchers, [labels.grpcStatus]: serverErrors };
  return `${http}+${orNone(rate(parts.grpc.metric, calls, range))}`;
}

/** Share of the requests that failed, 0 to 1; nothing where there are no requests. */
export function errorRatio(
  parts: { readonly requests: Source; readonly grpc?: Source },
  range: string,
  by: readonly string[] = [],
): string {
  const all = sum(rate(parts.requests.metric, parts.requests.matchers, range), by);
  return `(${errorRate(parts, range, `0*${all}`, by)})/(${all}>0)`;
}

/** Series of a gauge, added up. */
export function total(metric: Metric, matchers: Matchers, by: readonly string[] = []): string {
  return sum(select(metric, matchers), by);
}

/** Per second, of something that may never have happened: proxies report zeros too, and nothing means that there is no proxy. */
export function eventRate(metric: Metric, matchers: Matchers, range: string): string {
  return sum(rate(metric, matchers, range));
}

function isRequests(port: Port): boolean {
  const view = viewOf(port.protocol);
  return view === 'http' || view === 'grpc';
}

function clusters(service: Service, ports: readonly Port[], version: string | undefined): Matcher {
  if (version !== undefined || service.versions.length === 0) {
    return { anyOf: ports.map((port) => names.outboundCluster(service, port.port, version)) };
  }
  const { namespace, name } = service;
  const numbers = ports.map((port) => port.port).join('|');
  return { pattern: `outbound[|](${numbers})[|][^|]*[|]${literal(namespace)}[|]${literal(name)}` };
}
