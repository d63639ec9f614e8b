/**
 * What users instantiate. Each construct owns one fragment of the model and renders nothing; what was declared is read when
 * the tree is synthesized, so statements may come in any order.
 *
 *     constructs ──▶ model, kubernetes (for the workload objects that are made from images)
 */
export * from './access-policy';
export type { Callee, CallOptions, ConnectionCallOptions, RequestCallOptions } from './caller';
export * from './canary';
export * from './capture';
export * from './egress-gateway';
export * from './external-service';
export * from './gateway';
export * from './manifests';
export {
  allOf,
  GrpcMatch,
  type GrpcMatcher,
  HeaderMatch,
  type HttpMatcher,
  MethodMatch,
  PathMatch,
  QueryMatch,
} from './match';
export * from './mesh';
export type { PodProps } from './pods';
export { grpc, http, http2, https, type PortOptions, type PortSpec, tcp, tls, udp } from './port';
export type { HedgingOptions, RetryOptions } from './resilience';
export type * from './route-options';
export { Service, type ServiceProps, Version, type VersionProps } from './service';
export * from './shared-proxy';
export {
  type AccessLogFilterOptions,
  type AccessLogOptions,
  type MetricsOptions,
  type ObjectiveOptions,
  type OtlpTarget,
  Telemetry,
  type TelemetryOptions,
  type TelemetryProps,
  type TracingOptions,
} from './telemetry';
export * from './traffic-policy';
export * from './workload';
