import type { Model, Ref, Service } from '../model';
import type { Call } from './calls';
import { envoyMetrics, labels, podLabels } from './metrics';
import { goalOf, type Window, windows } from './objectives';
import { type Matchers, number, quantile, rate, select, sum, upTo } from './promql';
import { errorRate, ofPods, requestRate, type Traffic } from './traffic';

/**
 * Series that rules record: one for each service, or for each service and cluster it calls. Rates are taken over five minutes;
 * longer windows are averages of those, which reads two series instead of one for each pod, class and scrape.
 */
export const recorded = {
  service: {
    requests: 'mesh_service:requests:rate5m',
    errors: 'mesh_service:errors:rate5m',
    errorRatio: (window: Window) => `mesh_service:error_ratio:rate${window}`,
    timed: 'mesh_service:timed:rate5m',
    slow: 'mesh_service:slow:rate5m',
    /** Share of requests that may fail: a constant, so that burn rates of all services can be compared in one query. */
    errorBudget: 'mesh_service:error_budget:ratio',
    slowRatio: (window: Window) => `mesh_service:slow_ratio:rate${window}`,
    p50: 'mesh_service:duration_milliseconds:p50_5m',
    p99: 'mesh_service:duration_milliseconds:p99_5m',
  },
  edge: {
    requests: 'mesh_edge:requests:rate5m',
    errors: 'mesh_edge:errors:rate5m',
    p99: 'mesh_edge:duration_milliseconds:p99_5m',
    tlsFailures: 'mesh_edge:tls_failures:rate5m',
  },
} as const;

/** Prometheus' own: one series for each alert that is pending or fires. */
export const alertSeries = 'ALERTS';

export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
  readonly labels?: { readonly [label: string]: string };
}

/** Labels of what is recorded of a service, or of what it calls. */
export function labelsOf(service: Ref): { readonly [label: string]: string } {
  return { [podLabels.namespace]: service.namespace, [podLabels.service]: service.name };
}

/** Of a service that answers requests. Rules of a group run in order, so each may read those before it. */
export function recordService(model: Model, service: Service, traffic: Traffic): readonly RecordingRule[] {
  const names = recorded.service;
  const own = labelsOf(service);
  const rule = (record: string, expr: string): RecordingRule => ({ record, expr, labels: own });
  const read = (name: string) => select(name, own);
  const { errorBudget, latency } = goalOf(model, service);
  const ratios = (part: string, whole: string, name: (window: Window) => string) =>
    // A quotient keeps the labels that both sides have.
    windows.map((window) => ({ record: name(window), expr: ratio(read(part), read(whole), window) }));

  return [
    rule(names.requests, requestRate(traffic, '5m')),
    rule(names.errors, errorRate(traffic, '5m', `sum(0*${read(names.requests)})`)),
    ...ratios(names.errors, names.requests, names.errorRatio),
    rule(names.errorBudget, `vector(${number(errorBudget)})`),
    rule(names.p50, quantile(0.5, traffic.time.metric, traffic.time.matchers, '5m')),
    rule(names.p99, quantile(0.99, traffic.time.metric, traffic.time.matchers, '5m')),
    ...(latency
      ? [
          rule(names.timed, sum(countRate(traffic))),
          rule(names.slow, `${sum(countRate(traffic))}-${sum(fastRate(traffic, latency.bound))}`),
          ...ratios(names.slow, names.timed, names.slowRatio),
        ]
      : []),
  ];
}

/** Of all calls of a caller together: a label tells them apart, so the number of rules does not grow with them. */
export function recordCalls(caller: Ref, calls: readonly Call[]): readonly RecordingRule[] {
  const names = recorded.edge;
  const own = labelsOf(caller);
  const by = [labels.cluster];
  const rule = (record: string, expr: string): RecordingRule => ({ record, expr, labels: own });
  const matchers: Matchers = { ...ofPods(caller), [labels.cluster]: outboundClusters };
  const parts = {
    requests: { metric: envoyMetrics.upstreamRequests, matchers },
    ...(calls.some((call) => call.view === 'grpc') && { grpc: { metric: envoyMetrics.grpcCalls, matchers } }),
  };
  const none = sum(`0*${select(names.requests, own)}`, by);
  return [
    ...(calls.some((call) => call.view !== 'tcp')
      ? [
          rule(names.requests, sum(rate(envoyMetrics.upstreamRequests, matchers, '5m'), by)),
          rule(names.errors, errorRate(parts, '5m', none, by)),
          rule(names.p99, quantile(0.99, envoyMetrics.upstreamTime, matchers, '5m', by)),
        ]
      : []),
    ...(calls.some((call) => call.tls) ? [rule(names.tlsFailures, tlsFailures(matchers, by))] : []),
  ];
}

/** Every cluster that leads away from a proxy. */
export const outboundClusters = { pattern: 'outbound[|].+' } as const;

/** Envoy counts each handshake that failed once, under its reason, and reports reasons that never were as zero. */
function tlsFailures(matchers: Matchers, by: readonly string[]): string {
  const { tlsConnectionErrors, tlsVerifyErrors, tlsIdentityErrors } = envoyMetrics;
  return [tlsConnectionErrors, tlsVerifyErrors, tlsIdentityErrors]
    .map((metric) => sum(rate(metric, matchers, '5m'), by))
    .join('+');
}

function ratio(part: string, whole: string, window: Window): string {
  if (window === '5m') return `${part}/(${whole}>0)`;
  return `sum_over_time(${part}[${window}])/(sum_over_time(${whole}[${window}])>0)`;
}

function countRate(traffic: Traffic): string {
  return `rate(${select(traffic.time.metric, traffic.time.matchers, '_count')}[5m])`;
}

function fastRate(traffic: Traffic, bound: number): string {
  const matchers = { ...traffic.time.matchers, [labels.bucket]: upTo(bound) };
  return `rate(${select(traffic.time.metric, matchers, '_bucket')}[5m])`;
}
