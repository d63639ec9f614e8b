import type { Duration } from './duration';
import type { Ref } from './ref';

/** How connections to a service are made and spread, and when an instance is left alone. */
export interface TrafficPolicy {
  readonly namespace: string;
  readonly name: string;
  /** A service of the same namespace. */
  readonly service: string;
  /** Only this port. Absent: all. */
  readonly port?: number;
  readonly loadBalancing?: LoadBalancing;
  readonly locality?: Locality;
  readonly limits?: ConnectionLimits;
  /** Absent: on, with the defaults of the fields. */
  readonly outlierDetection?: OutlierDetection;
  readonly healthCheck?: HealthCheck;
  readonly connection?: ConnectionSettings;
}

export type LoadBalancing =
  | { readonly kind: 'roundRobin'; readonly slowStart?: SlowStart }
  | { readonly kind: 'leastRequest'; readonly choices?: number; readonly slowStart?: SlowStart }
  | { readonly kind: 'random' }
  | { readonly kind: 'ringHash'; readonly by: readonly HashKey[]; readonly minimumRingSize?: number }
  | { readonly kind: 'maglev'; readonly by: readonly HashKey[]; readonly tableSize?: number };

/** An instance that has just come is given its share little by little. */
export interface SlowStart {
  readonly window: Duration;
  /** Share at the start, in percent. Absent: 10. */
  readonly minimumPercent?: number;
}

export type HashKey =
  | { readonly kind: 'header'; readonly name: string }
  | {
      readonly kind: 'cookie';
      readonly name: string;
      readonly path?: string /** The proxy sets it if it is given. */;
      readonly ttl?: Duration;
    }
  | { readonly kind: 'sourceAddress' }
  | { readonly kind: 'queryParameter'; readonly name: string };

/** Which instances come first: those of the caller's zone, then of its region, then the rest. */
export interface Locality {
  readonly prefer: 'zone' | 'region' | 'none';
  /** Regions to fall back to, in order, for callers of a region. Absent: any other. */
  readonly failover?: readonly { readonly from: string; readonly to: readonly string[] }[];
  /** Below this share of healthy instances traffic spills over to the next locality, in percent. Absent: 70. */
  readonly minHealthyPercent?: number;
}

/** What each caller's proxy may have open towards the service at one time (circuit breaker). */
export interface ConnectionLimits {
  readonly maxConnections?: number;
  readonly maxPendingRequests?: number;
  readonly maxRequests?: number;
  readonly maxRequestsPerConnection?: number;
}

export interface OutlierDetection {
  /** Absent: true. */
  readonly enabled?: boolean;
  /** Failures in a row: any 5xx. Absent: 5. */
  readonly consecutive5xx?: number;
  /** Failures in a row: 502, 503, 504. Absent: 5. */
  readonly consecutiveGatewayErrors?: number;
  /** Failures in a row to connect, or timeouts of the proxy. Absent: 5. */
  readonly consecutiveLocalOriginFailures?: number;
  /** How often instances are looked at. Absent: 10 s. */
  readonly interval?: Duration;
  /** First ejection; each further one is longer. Absent: 30 s. */
  readonly baseEjectionTime?: Duration;
  /** Share of the instances that may be ejected, in percent. Absent: 50. */
  readonly maxEjectionPercent?: number;
  /** Ejects instances whose success rate lies this many standard deviations below the mean. Absent: off. */
  readonly successRate?: {
    readonly standardDeviations: number;
    readonly minimumHosts: number;
    readonly minimumRequests: number;
  };
}

export type HealthCheck = HealthCheckTiming &
  (
    | { readonly kind: 'http'; readonly path: string; readonly statuses?: readonly number[] }
    | { readonly kind: 'grpc'; readonly service?: string }
    | { readonly kind: 'tcp' }
  );

export interface HealthCheckTiming {
  readonly interval: Duration;
  readonly timeout: Duration;
  readonly unhealthyThreshold: number;
  readonly healthyThreshold: number;
}

export interface ConnectionSettings {
  /** Absent: 5 s. */
  readonly timeout?: Duration;
  /** A connection without requests is closed after it. Absent: 1 h. */
  readonly idleTimeout?: Duration;
  /** A connection is closed and made anew after it. Absent: never. */
  readonly maxDuration?: Duration;
  readonly tcpKeepAlive?: { readonly probes: number; readonly time: Duration; readonly interval: Duration };
  readonly http2KeepAlive?: { readonly interval: Duration; readonly timeout: Duration };
}

/** The service that a policy is about. */
export function policyTarget(policy: { readonly namespace: string; readonly service: string }): Ref {
  return { namespace: policy.namespace, name: policy.service };
}
