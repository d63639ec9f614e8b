import { describe, expect, it } from 'vitest';
import { statistics } from '../../lib/envoy';
import { names } from '../../lib/model';

const outbound = names.outboundCluster({ namespace: 'shop', name: 'reviews' }, 80, 'v1');
const inbound = names.inboundCluster(8080);

/** Statistics of a real Envoy, as its admin interface names them. */
const kept = [
  `cluster.${outbound}.upstream_rq_total`,
  `cluster.${outbound}.upstream_rq_5xx`,
  `cluster.${outbound}.upstream_rq_time`,
  `cluster.${outbound}.upstream_rq_pending_overflow`,
  `cluster.${outbound}.upstream_rq_retry`,
  `cluster.${outbound}.upstream_cx_connect_fail`,
  `cluster.${outbound}.grpc.14`,
  `cluster.${outbound}.membership_healthy`,
  `cluster.${outbound}.outlier_detection.ejections_active`,
  `cluster.${outbound}.ssl.fail_verify_san`,
  `cluster.${inbound}.upstream_cx_active`,
  'cluster.control_plane.upstream_cx_connect_fail',
  `http.${inbound}.downstream_rq_5xx`,
  `http.${inbound}.downstream_rq_time`,
  `http.${inbound}.rq_direct_response`,
  `http.${inbound}.rbac.denied`,
  `http.${inbound}.rbac.allow.shadow_denied`,
  `http.${outbound}.rds.route.update_rejected`,
  `tcp.${inbound}.downstream_cx_rx_bytes_total`,
  `${inbound}.rbac.allowed`,
  'listener.0.0.0.0_15100.downstream_cx_total',
  'listener.127.64.3.9_80.ssl.connection_error',
  'listener.[__]_8080.downstream_cx_active',
  'listener.admin.downstream_cx_active',
  'server.memory_physical_size',
  'server.days_until_first_cert_expiring',
  'cluster_manager.cds.update_rejected',
  'cluster_manager.active_clusters',
  'listener_manager.lds.update_rejected',
  'listener_manager.total_listeners_active',
  'sds.identity.update_rejected',
  'control_plane.connected_state',
  'overload.envoy.overload_actions.stop_accepting_requests.active',
];

const notKept = [
  // Envoy's own and the bootstrap's.
  'http.admin.downstream_rq_total',
  'http.xds_tunnel.downstream_rq_total',
  'http.metrics.downstream_rq_2xx',
  'cluster.xds.upstream_cx_total',
  'cluster.admin.upstream_rq_total',
  // The same once more, for each worker, zone, status, priority or try.
  'listener.0.0.0.0_15100.worker_0.downstream_cx_total',
  'listener.admin.main_thread.downstream_cx_active',
  `cluster.${outbound}.zone.a.b.upstream_rq_5xx`,
  `cluster.${outbound}.upstream_rq_503`,
  `cluster.${outbound}.circuit_breakers.high.cx_open`,
  `cluster.${outbound}.retry.upstream_rq_5xx`,
  `cluster.${outbound}.grpc.reviews.Reviews.List.success`,
  `http.${inbound}.downstream_rq_5xx.more`,
  // What nobody reads.
  `cluster.${outbound}.upstream_rq_retry_limit_exceeded`,
  `cluster.${outbound}.circuit_breakers.default.rq_pending_open`,
  `cluster.${outbound}.ssl.certificate.identity.expiration_unix_time_seconds`,
  `cluster.${outbound}.upstream_rq_pending_total`,
  `cluster.${outbound}.upstream_cx_length_ms`,
  `cluster.${outbound}.ssl.ciphers.TLS_AES_128_GCM_SHA256`,
  `http.${inbound}.downstream_cx_length_ms`,
  `listener.0.0.0.0_15100.http.${inbound}.downstream_rq_5xx`,
  'server.parent_connections',
  'filesystem.write_completed',
  'runtime.load_success',
  'tls_inspector.sni_found',
];

describe('statistics', () => {
  const patterns = statistics([1]).statsMatcher?.inclusionList?.patterns ?? [];
  // Envoy wants the whole name to match. https://www.envoyproxy.io/docs/envoy/latest/api-v3/type/matcher/v3/regex.proto
  const expressions = patterns.map(({ safeRegex }) => new RegExp(`^(?:${safeRegex?.regex})$`));
  const isKept = (name: string) => expressions.some((expression) => expression.test(name));

  it('that panels, alerts and people read are kept', () => {
    expect(kept.filter((name) => !isKept(name))).toEqual([]);
  });

  it('that nobody reads are not made', () => {
    expect(notKept.filter(isKept)).toEqual([]);
  });

  it('are each kept by one pattern', () => {
    expect(kept.filter((name) => expressions.filter((expression) => expression.test(name)).length > 1)).toEqual([]);
    expect(expressions.filter((expression) => !kept.some((name) => expression.test(name)))).toEqual([]);
  });

  it('of latency have the bounds that were asked for', () => {
    expect(statistics([1, 250, 1_000]).histogramBucketSettings).toEqual([
      { match: { suffix: 'rq_time' }, buckets: [1, 250, 1_000] },
    ]);
  });

  it('of gRPC have their status as a label', () => {
    const [tag] = statistics([1]).statsTags ?? [];
    const found = `cluster.${outbound}.grpc.14`.match(tag?.regex ?? '');
    expect([tag?.tagName, found?.[1], found?.[2]]).toEqual(['grpc_status', '.14', '14']);
  });
});
