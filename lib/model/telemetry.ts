import type { Duration } from './duration';

/** What is observed: of the whole mesh, or of one service where it differs. Absent parts are the mesh's. */
export interface Telemetry {
  readonly accessLog?: AccessLog;
  readonly tracing?: Tracing;
  readonly metrics?: Metrics;
  /** What the service promises; burn rate alerts are made from it. */
  readonly objective?: Objective;
}

/**
 * Telemetry of one service, overriding the mesh's. Metrics are of the whole mesh: a proxy's statistics are set by the bootstrap
 * that it starts with, which all proxies share.
 */
export interface ServiceTelemetry extends Omit<Telemetry, 'metrics'> {
  readonly namespace: string;
  readonly name: string;
  /** A service of the same namespace. */
  readonly service: string;
}

export interface AccessLog {
  /** False: no log. */
  readonly enabled: boolean;
  readonly format?:
    | {
        readonly kind: 'json' /** Envoy's command operators by field; absent: the mesh's own fields. */;
        readonly fields?: { readonly [field: string]: string };
      }
    | { readonly kind: 'text'; readonly line: string };
  readonly filter?: AccessLogFilter;
  readonly target?:
    | { readonly kind: 'stdout' }
    | { readonly kind: 'otlp'; readonly host: string; readonly port: number };
}

/** Which requests are logged: all parts that are given must hold. */
export interface AccessLogFilter {
  /** Only responses of at least this status, and what failed without one. */
  readonly minStatus?: number;
  /** Only requests that took at least this long. */
  readonly minDuration?: Duration;
  /** A CEL expression over Envoy's attributes. */
  readonly cel?: string;
  /** Of what is left, this share in percent. */
  readonly sample?: number;
}

/** W3C trace context, sent as OTLP over gRPC. */
export interface Tracing {
  readonly enabled: boolean;
  readonly host?: string;
  readonly port?: number;
  /** Share of new traces, in percent; a request that carries a trace context keeps its own decision. Absent: 1. */
  readonly sampling?: number;
  /** Tags of every span: a fixed text, or a header of the request. */
  readonly tags?: { readonly [tag: string]: { readonly kind: 'literal' | 'header'; readonly value: string } };
}

export interface Metrics {
  /** Upper bounds of the latency histogram in milliseconds. Absent: {@link defaultLatencyBuckets}. */
  readonly latencyBuckets?: readonly number[];
  /** Objects of the Prometheus operator (PodMonitor, PrometheusRule). Absent: true. */
  readonly prometheusOperator?: boolean;
}

export interface Objective {
  /** Share of requests without a 5xx, in percent: 99.9. */
  readonly successRate: number;
  /** This share of requests is faster than the bound. */
  readonly latency?: { readonly percent: number; readonly below: Duration };
  /** Absent: 30 days. */
  readonly window?: Duration;
}

export const defaultLatencyBuckets: readonly number[] = [
  1, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000,
];
