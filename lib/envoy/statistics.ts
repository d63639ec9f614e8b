import { names } from '../model';
import type { StatsConfig } from './types';

/**
 * Statistics that a proxy keeps. Envoy has some two hundred for each cluster; one that no panel, alert or gate reads is not
 * made at all, so it costs neither memory in each proxy nor a series in Prometheus. What a new panel reads is added here.
 */
export function statistics(latencyBuckets: readonly number[]): StatsConfig {
  return {
    statsTags: [{ tagName: names.grpcStatus.label, regex: names.grpcStatus.statistic }],
    statsMatcher: { inclusionList: { patterns: patterns().map((regex) => ({ safeRegex: { regex } })) } },
    histogramBucketSettings: [{ match: { suffix: 'rq_time' }, buckets: latencyBuckets }],
  };
}

/** One pattern for each kind of owner; RE2 matches it with the whole name, in time that does not grow with the list. */
function patterns(): string[] {
  return [
    pattern(`cluster\\.(?:${ofTheMesh}|control_plane)`, cluster),
    pattern(`http\\.${ofTheMesh}`, http),
    pattern(`tcp\\.${ofTheMesh}`, tcp),
    // Filters whose configuration names the prefix of their statistics; RBAC in an HTTP chain is among `http`.
    pattern(`(?:tcp\\.)?${ofTheMesh}`, filters),
    pattern(`listener\\.${listenerAddress}`, listener),
    pattern('server', server),
    pattern('control_plane', ['connected_state']),
    pattern('cluster_manager', clusterManager),
    pattern('listener_manager', listenerManager),
    pattern('sds\\.[^.]+', ['update_rejected', 'update_success']),
    pattern('overload\\.envoy\\.(?:overload_actions|resource_monitors)\\.[^.]+', ['active', 'pressure']),
  ];
}

function pattern(owner: string, kept: readonly string[]): string {
  return `${owner}\\.(?:${kept.join('|')})`;
}

/**
 * Names that the mesh gives hold a `|` and no dot (`names.outboundCluster`, `names.inboundCluster`). Envoy's own, and those of
 * the bootstrap, hold none: nobody asks for the statistics of the metrics listener.
 */
const ofTheMesh = '[^.|]*\\|[^.]*';

/** `0.0.0.0_8080`, `[__]_8080` or a prefix; not the same once more for each worker, `0.0.0.0_8080.worker_0`. */
const listenerAddress = '(?:\\d+\\.\\d+\\.\\d+\\.\\d+_\\d+|[^.]+)';

/** Of Envoy's TLS, on either side. */
const tls = [
  'ssl\\.handshake',
  'ssl\\.session_reused',
  'ssl\\.connection_error',
  'ssl\\.no_certificate',
  'ssl\\.fail_verify_(?:error|no_cert|san|cert_hash)',
  'ssl\\.certificate\\.[^.]+\\.expiration_unix_time_seconds',
];

const cluster = [
  'upstream_rq_(?:total|active|pending_active|completed|[1-5]xx|time)',
  'upstream_rq_(?:timeout|per_try_timeout|cancelled|maintenance_mode|rx_reset|tx_reset)',
  'upstream_rq_(?:pending_overflow|pending_failure_eject)',
  'upstream_rq_retry(?:_success|_overflow|_limit_exceeded)?',
  'upstream_cx_(?:total|active|overflow|connect_fail|connect_timeout|destroy_remote_with_active_rq)',
  'upstream_cx_(?:rx|tx)_bytes_total',
  'membership_(?:total|healthy|degraded)',
  'lb_healthy_panic',
  'update_(?:rejected|success)',
  'health_check\\.(?:attempt|failure)',
  'outlier_detection\\.ejections_(?:active|enforced_total|overflow)',
  'circuit_breakers\\.default\\.(?:cx|rq|rq_pending|rq_retry)_open',
  'ratelimit\\.(?:ok|over_limit|error)',
  // Of the filter `grpc_stats`: calls by their status, which HTTP's never tells.
  'grpc\\.[0-9]+',
  ...tls,
];

const http = [
  'downstream_rq_(?:total|active|completed|[1-5]xx|time|timeout|rx_reset|tx_reset|overload_close)',
  'downstream_cx_(?:total|active|protocol_error|overload_reject)',
  'downstream_cx_(?:rx|tx)_bytes_total',
  'no_route',
  'no_cluster',
  'rq_direct_response',
  'rds\\.[^.]+\\.update_(?:rejected|success)',
  'rbac\\.(?:[^.]+\\.)?(?:shadow_)?(?:allowed|denied)',
  'jwt_authn\\.(?:allowed|denied)',
  'ext_authz\\.(?:[^.]+\\.)?(?:ok|denied|error)',
  'fault\\.(?:delays_injected|aborts_injected)',
];

const tcp = ['downstream_cx_(?:total|no_route)', 'downstream_cx_(?:rx|tx)_bytes_total'];

const filters = ['rbac\\.(?:[^.]+\\.)?(?:shadow_)?(?:allowed|denied)', 'http_local_rate_limit\\.(?:ok|rate_limited)'];

const listener = [
  'downstream_cx_(?:total|active|overflow)',
  'downstream_global_cx_overflow',
  'no_filter_chain_match',
  ...tls,
];

const server = [
  'live',
  'state',
  'uptime',
  'version',
  'concurrency',
  'memory_(?:allocated|heap_size|physical_size)',
  'total_connections',
  'days_until_first_cert_expiring',
];

const clusterManager = ['active_clusters', 'warming_clusters', 'cds\\.update_(?:rejected|success)'];

const listenerManager = [
  'total_listeners_(?:active|warming|draining)',
  'listener_create_failure',
  'lds\\.update_(?:rejected|success)',
];
