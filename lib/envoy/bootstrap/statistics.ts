import { names } from '../../model';
import type { StatsConfig } from '../types';

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

/** One for each kind of owner. RE2 compares it with the whole name, in time that does not grow with what is listed. */
function patterns(): string[] {
  return [
    pattern(`cluster\\.(?:${ofTheMesh}|control_plane)`, [...cluster, ...tls]),
    pattern(`http\\.${ofTheMesh}`, [...http, ...accessControl]),
    pattern(`tcp\\.${ofTheMesh}`, tcp),
    // Access control of a TCP listener stands beside `tcp`, not under it.
    pattern(ofTheMesh, accessControl),
    pattern(`listener\\.${listenerAddress}`, [...listener, ...tls]),
    pattern('server', server),
    pattern('cluster_manager', clusterManager),
    pattern('listener_manager', listenerManager),
    pattern('sds\\.[^.]+', ['update_rejected']),
    pattern('control_plane', ['connected_state']),
    pattern('overload\\.envoy\\.(?:overload_actions|resource_monitors)\\.[^.]+', ['active', 'pressure']),
  ];
}

function pattern(owner: string, kept: readonly string[]): string {
  return `${owner}\\.(?:${kept.join('|')})`;
}

/**
 * Names that the mesh gives to clusters and as prefixes hold a `|` and no dot (`names.outboundCluster`,
 * `names.inboundCluster`). Envoy's own, and those of the bootstrap, hold none: nobody asks for the requests of the metrics listener.
 */
const ofTheMesh = '[^.|]*\\|[^.]*';

/** `0.0.0.0_8080`, `[__]_8080` or a prefix; not the same once more for each worker, `0.0.0.0_8080.worker_0`. */
const listenerAddress = '(?:\\d+\\.\\d+\\.\\d+\\.\\d+_\\d+|[^.]+)';

const cluster = [
  'upstream_rq_(?:total|active|[1-5]xx|time|timeout)',
  'upstream_rq_pending_(?:active|overflow)',
  'upstream_rq_retry(?:_overflow)?',
  'upstream_cx_(?:total|active|overflow|connect_fail|rx_bytes_total|tx_bytes_total)',
  'grpc\\.\\d+',
  'membership_(?:total|healthy)',
  'outlier_detection\\.ejections_(?:active|overflow)',
  'update_rejected',
];

const http = [
  'downstream_rq_(?:total|active|[1-5]xx|time|timeout|overload_close)',
  'downstream_cx_(?:total|active|protocol_error)',
  'rq_direct_response',
  'no_route',
  'rds\\.[^.]+\\.update_rejected',
];

const tcp = ['downstream_cx_(?:total|no_route|rx_bytes_total|tx_bytes_total)'];

/** What was let through and what was not, and what would have been by the rules in shadow mode. */
const accessControl = ['rbac\\.(?:[^.]+\\.)?(?:shadow_)?(?:allowed|denied)'];

const listener = ['downstream_cx_(?:total|active|overflow)', 'downstream_global_cx_overflow', 'no_filter_chain_match'];

/** Of Envoy's TLS, on either side. When certificates end the proxy says as a whole, and the control plane for each. */
const tls = ['ssl\\.(?:handshake|connection_error)', 'ssl\\.fail_verify_(?:error|san)'];

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

const clusterManager = ['(?:active|warming)_clusters', 'cds\\.update_rejected'];

const listenerManager = [
  'total_listeners_(?:active|warming|draining)',
  'listener_create_failure',
  'lds\\.update_rejected',
];
