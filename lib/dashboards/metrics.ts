import { names } from '../model';

/**
 * Every metric that a dashboard or a rule reads, declared once. What is not here is not read, and so need not be made: the
 * statistics that proxies keep (`lib/envoy/bootstrap/statistics`) are to let these through.
 */
export interface Metric {
  /** Name in Prometheus; of a histogram without `_bucket`, `_count` and `_sum`. */
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly unit:
    | 'requests'
    | 'connections'
    | 'instances'
    | 'proxies'
    | 'bytes'
    | 'milliseconds'
    | 'seconds'
    | 'timestamp'
    | 'one';
  /** Labels beside those of the pod ({@link names.metricLabels}) and a histogram's `le`. */
  readonly labels: readonly string[];
  readonly meaning: string;
}

/** Labels that Envoy cuts out of the names of its statistics, and those of the control plane. */
export const labels = {
  cluster: 'envoy_cluster_name',
  listenerPrefix: 'envoy_http_conn_manager_prefix',
  tcpPrefix: 'envoy_tcp_prefix',
  rbacPrefix: 'envoy_rbac_prefix',
  /** First digit of the status of a response. */
  responseClass: 'envoy_response_code_class',
  /** Number of the status of a gRPC call; a tag of the mesh's own. */
  grpcStatus: names.grpcStatus.label,
  bucket: 'le',
  /** Of the control plane's metrics: the namespace and the service, workload or proxy that a proxy belongs to. */
  proxyNamespace: 'proxy_namespace',
  proxyService: 'proxy_service',
} as const;

const ofCluster = [labels.cluster] as const;
const ofListener = [labels.listenerPrefix] as const;

/**
 * Envoy 1.40's, as `/stats/prometheus` shows them
 * (https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/upstream/cluster_manager/cluster_stats). Of a cluster, final
 * answers alone are counted: tries that were tried again are Envoy's `retry.upstream_rq_*`.
 */
export const envoyMetrics = {
  upstreamRequests: {
    name: 'envoy_cluster_upstream_rq_xx',
    type: 'counter',
    unit: 'requests',
    labels: [...ofCluster, labels.responseClass],
    meaning: 'requests answered, by class of status; a class comes to be with its first request',
  },
  upstreamTime: {
    name: 'envoy_cluster_upstream_rq_time',
    type: 'histogram',
    unit: 'milliseconds',
    labels: ofCluster,
    meaning: 'time from the last byte of a request to the last of its answer, retries included',
  },
  grpcCalls: {
    name: 'envoy_cluster_grpc',
    type: 'counter',
    unit: 'requests',
    labels: [...ofCluster, labels.grpcStatus],
    meaning: 'gRPC calls answered, by status; a status comes to be with its first call',
  },
  retries: {
    name: 'envoy_cluster_upstream_rq_retry',
    type: 'counter',
    unit: 'requests',
    labels: ofCluster,
    meaning: 'further tries of requests',
  },
  retryOverflow: {
    name: 'envoy_cluster_upstream_rq_retry_overflow',
    type: 'counter',
    unit: 'requests',
    labels: ofCluster,
    meaning: 'tries that the retry budget refused',
  },
  pendingOverflow: {
    name: 'envoy_cluster_upstream_rq_pending_overflow',
    type: 'counter',
    unit: 'requests',
    labels: ofCluster,
    meaning: 'requests that the circuit breaker answered with 503 itself',
  },
  activeRequests: {
    name: 'envoy_cluster_upstream_rq_active',
    type: 'gauge',
    unit: 'requests',
    labels: ofCluster,
    meaning: 'requests in flight',
  },
  pendingRequests: {
    name: 'envoy_cluster_upstream_rq_pending_active',
    type: 'gauge',
    unit: 'requests',
    labels: ofCluster,
    meaning: 'requests that wait for a connection',
  },
  activeConnections: {
    name: 'envoy_cluster_upstream_cx_active',
    type: 'gauge',
    unit: 'connections',
    labels: ofCluster,
    meaning: 'connections that are open',
  },
  connections: {
    name: 'envoy_cluster_upstream_cx_total',
    type: 'counter',
    unit: 'connections',
    labels: ofCluster,
    meaning: 'connections begun',
  },
  connectFailures: {
    name: 'envoy_cluster_upstream_cx_connect_fail',
    type: 'counter',
    unit: 'connections',
    labels: ofCluster,
    meaning: 'connections that could not be made, timeouts included',
  },
  connectionOverflow: {
    name: 'envoy_cluster_upstream_cx_overflow',
    type: 'counter',
    unit: 'connections',
    labels: ofCluster,
    meaning: 'times the limit of connections was met',
  },
  receivedBytes: {
    name: 'envoy_cluster_upstream_cx_rx_bytes_total',
    type: 'counter',
    unit: 'bytes',
    labels: ofCluster,
    meaning: 'bytes that came back',
  },
  sentBytes: {
    name: 'envoy_cluster_upstream_cx_tx_bytes_total',
    type: 'counter',
    unit: 'bytes',
    labels: ofCluster,
    meaning: 'bytes that were sent',
  },
  ejectedInstances: {
    name: 'envoy_cluster_outlier_detection_ejections_active',
    type: 'gauge',
    unit: 'instances',
    labels: ofCluster,
    meaning: 'instances that are left alone because they failed',
  },
  tlsConnectionErrors: {
    name: 'envoy_cluster_ssl_connection_error',
    type: 'counter',
    unit: 'connections',
    labels: ofCluster,
    meaning: 'TLS handshakes of a caller that failed, but for those of a certificate that was not accepted',
  },
  tlsVerifyErrors: {
    name: 'envoy_cluster_ssl_fail_verify_error',
    type: 'counter',
    unit: 'connections',
    labels: ofCluster,
    meaning: 'handshakes that failed because the server showed a certificate of another authority',
  },
  tlsIdentityErrors: {
    name: 'envoy_cluster_ssl_fail_verify_san',
    type: 'counter',
    unit: 'connections',
    labels: ofCluster,
    meaning: 'handshakes that failed because the server showed the certificate of another identity',
  },
  requests: {
    name: 'envoy_http_downstream_rq_xx',
    type: 'counter',
    unit: 'requests',
    labels: [...ofListener, labels.responseClass],
    meaning: 'requests that a service answered, those that its sidecar refused included, by class of status',
  },
  time: {
    name: 'envoy_http_downstream_rq_time',
    type: 'histogram',
    unit: 'milliseconds',
    labels: ofListener,
    meaning: 'time of a request from its first byte to the last of the answer',
  },
  servedRequests: {
    name: 'envoy_http_downstream_rq_active',
    type: 'gauge',
    unit: 'requests',
    labels: ofListener,
    meaning: 'requests in flight to a service',
  },
  denied: {
    name: 'envoy_http_rbac_denied',
    type: 'counter',
    unit: 'requests',
    labels: ofListener,
    meaning: 'requests that were refused because nothing allows them',
  },
  shadowDenied: {
    name: 'envoy_http_rbac_shadow_denied',
    type: 'counter',
    unit: 'requests',
    labels: ofListener,
    meaning: 'requests that a rule in shadow mode would refuse',
  },
  answeredByProxy: {
    name: 'envoy_http_rq_direct_response',
    type: 'counter',
    unit: 'requests',
    labels: ofListener,
    meaning:
      'requests in plain text, from callers that the mesh does not know, which got the explanation instead of an answer',
  },
  tcpConnections: {
    name: 'envoy_tcp_downstream_cx_total',
    type: 'counter',
    unit: 'connections',
    labels: [labels.tcpPrefix],
    meaning: 'connections to a service',
  },
  tcpReceivedBytes: {
    name: 'envoy_tcp_downstream_cx_rx_bytes_total',
    type: 'counter',
    unit: 'bytes',
    labels: [labels.tcpPrefix],
    meaning: 'bytes that callers sent to a service',
  },
  tcpSentBytes: {
    name: 'envoy_tcp_downstream_cx_tx_bytes_total',
    type: 'counter',
    unit: 'bytes',
    labels: [labels.tcpPrefix],
    meaning: 'bytes that a service sent to its callers',
  },
  tcpDenied: {
    name: 'envoy_rbac_denied',
    type: 'counter',
    unit: 'connections',
    labels: [labels.rbacPrefix],
    meaning: 'connections that were refused because nothing allows them',
  },
  tcpShadowDenied: {
    name: 'envoy_rbac_shadow_denied',
    type: 'counter',
    unit: 'connections',
    labels: [labels.rbacPrefix],
    meaning: 'connections that a rule in shadow mode would refuse',
  },
  serverTlsErrors: {
    name: 'envoy_listener_ssl_connection_error',
    type: 'counter',
    unit: 'connections',
    labels: ['envoy_listener_address'],
    meaning: 'TLS handshakes of a server that failed, but for those of a certificate that was not accepted',
  },
  serverTlsVerifyErrors: {
    name: 'envoy_listener_ssl_fail_verify_error',
    type: 'counter',
    unit: 'connections',
    labels: ['envoy_listener_address'],
    meaning: 'handshakes that failed because the caller showed a certificate of another authority',
  },
  live: {
    name: 'envoy_server_live',
    type: 'gauge',
    unit: 'one',
    labels: [],
    meaning: '1 while a proxy is not draining',
  },
  memory: {
    name: 'envoy_server_memory_physical_size',
    type: 'gauge',
    unit: 'bytes',
    labels: [],
    meaning: 'memory that a proxy holds',
  },
  controlPlaneConnected: {
    name: 'envoy_control_plane_connected_state',
    type: 'gauge',
    unit: 'one',
    labels: [],
    meaning: '1 while a proxy has a stream to the control plane',
  },
} as const satisfies Record<string, Metric>;

const ofProxy = [labels.proxyNamespace, labels.proxyService] as const;

/** The control plane's own; each replica reports what it knows, so sums over replicas are of the whole mesh. */
export const controlPlaneMetrics = {
  leader: {
    name: 'meshwright_leader',
    type: 'gauge',
    unit: 'one',
    labels: [],
    meaning: '1 on the replica that holds the lease, 0 on the others',
  },
  proxiesConnected: {
    name: 'meshwright_proxies_connected',
    type: 'gauge',
    unit: 'proxies',
    labels: [],
    meaning: 'proxies with an open stream to this replica; there from the start, 0 without any',
  },
  proxiesOutOfSync: {
    name: 'meshwright_proxies_out_of_sync',
    type: 'gauge',
    unit: 'proxies',
    labels: ofProxy,
    meaning:
      'connected proxies that have not acknowledged a configuration sent to them more than 10 s ago, refused ones not counted',
  },
  proxiesRefusing: {
    name: 'meshwright_proxies_refusing',
    type: 'gauge',
    unit: 'proxies',
    labels: ofProxy,
    meaning: 'connected proxies that have refused the newest configuration of some type and keep the one before it',
  },
  configRejected: {
    name: 'meshwright_config_rejected_total',
    type: 'counter',
    unit: 'one',
    labels: ofProxy,
    meaning: 'configurations that proxies have refused (NACK)',
  },
  pushes: {
    name: 'meshwright_push_total',
    type: 'counter',
    unit: 'one',
    labels: [],
    meaning: 'responses sent to proxies',
  },
  pushDuration: {
    name: 'meshwright_push_duration_seconds',
    type: 'histogram',
    unit: 'seconds',
    labels: [],
    meaning: 'time from a change being seen to a proxy having acknowledged it',
  },
  certificatesIssued: {
    name: 'meshwright_certificates_issued_total',
    type: 'counter',
    unit: 'one',
    labels: [],
    meaning: 'certificates signed for proxies',
  },
  certificateExpiry: {
    name: 'meshwright_certificate_expiry_timestamp_seconds',
    type: 'gauge',
    unit: 'timestamp',
    labels: ofProxy,
    meaning: 'when the first of the certificates of the connected proxies of a service ends',
  },
  rootCertificateExpiry: {
    name: 'meshwright_root_certificate_expiry_timestamp_seconds',
    type: 'gauge',
    unit: 'timestamp',
    labels: ['root'],
    meaning:
      'when a root certificate ends; `root` is `issuing` for the one that signs, `trusted` for one that is only trusted',
  },
  bypassPossible: {
    name: 'meshwright_bypass_possible',
    type: 'gauge',
    unit: 'one',
    labels: ofProxy,
    meaning: '1 while an application port of a service can be reached past its sidecar, 0 while it cannot',
  },
  canaryWeight: {
    name: 'meshwright_canary_weight_percent',
    type: 'gauge',
    unit: 'one',
    labels: ['canary_namespace', 'canary'],
    meaning: 'share of the requests that the candidate of a canary is given, in percent: 0 to 100',
  },
  memory: {
    name: 'process_resident_memory_bytes',
    type: 'gauge',
    unit: 'bytes',
    labels: [],
    meaning: 'memory that a replica holds',
  },
  cpu: {
    name: 'process_cpu_seconds_total',
    type: 'counter',
    unit: 'seconds',
    labels: [],
    meaning: 'processor time that a replica has used',
  },
} as const satisfies Record<string, Metric>;

/** Labels of the pod that monitoring gives to each series. */
export const podLabels = names.metricLabels;
