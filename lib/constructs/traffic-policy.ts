import { Construct } from 'constructs';
import {
  type ConnectionLimits,
  type ConnectionSettings,
  type DurationText,
  type HashKey,
  type HealthCheck,
  type LoadBalancing,
  type Locality,
  locate,
  type OutlierDetection,
  type TrafficPolicy as TrafficPolicyModel,
} from '../model';
import { Declaration } from './declaration';
import type { Service } from './service';

export interface TrafficPolicyProps {
  readonly service: Service;
  /** Only this port of the service. @default - all */
  readonly port?: number;
  /** How requests are spread over instances: {@link LoadBalancer}. @default - to the one of two with fewer requests */
  readonly loadBalancing?: LoadBalancerOptions;
  /** Which instances come first. @default - those of the caller's zone, as long as enough of them are healthy */
  readonly locality?: Locality;
  /** What each caller's proxy may have open towards the service (circuit breaker). @default - 1024 connections, 1024 waiting and 4096 open requests */
  readonly limits?: ConnectionLimits;
  /** When an instance that fails is left alone. @default - after 5 failures in a row, for 30s and longer each time, at most half of them */
  readonly outlierDetection?: OutlierDetectionOptions | 'off';
  /** Asks instances whether they are well. @default - only their answers to requests count */
  readonly healthCheck?: HealthCheckOptions;
  /** @default - 5s to connect, closed after an hour without requests */
  readonly connection?: ConnectionOptions;
}

export interface SlowStartOptions {
  readonly window: DurationText;
  /** Share at the start, in percent. @default 10 */
  readonly minimumPercent?: number;
}

/** What is hashed: a header, a cookie (set by the proxy if it is given a life), the caller's address, a query parameter. */
export type HashKeyOptions =
  | { readonly header: string }
  | { readonly cookie: string; readonly path?: string; readonly ttl?: DurationText }
  | { readonly queryParameter: string }
  | 'source-address';

export type LoadBalancerOptions =
  | { readonly kind: 'roundRobin'; readonly slowStart?: SlowStartOptions }
  | { readonly kind: 'leastRequest'; readonly choices?: number; readonly slowStart?: SlowStartOptions }
  | { readonly kind: 'random' }
  | { readonly kind: 'ringHash'; readonly by: readonly HashKeyOptions[]; readonly minimumRingSize?: number }
  | { readonly kind: 'maglev'; readonly by: readonly HashKeyOptions[]; readonly tableSize?: number };

/** How requests are spread over the instances of a service. */
export const LoadBalancer = {
  roundRobin: (options: { readonly slowStart?: SlowStartOptions } = {}): LoadBalancerOptions => ({
    kind: 'roundRobin',
    ...options,
  }),
  /** Of some instances chosen at random (two by default), the one with the fewest open requests. */
  leastRequest: (
    options: { readonly choices?: number; readonly slowStart?: SlowStartOptions } = {},
  ): LoadBalancerOptions => ({
    kind: 'leastRequest',
    ...options,
  }),
  random: (): LoadBalancerOptions => ({ kind: 'random' }),
  /** The same key goes to the same instance; few keys move when instances come and go. */
  ringHash: (
    by: readonly HashKeyOptions[],
    options: { readonly minimumRingSize?: number } = {},
  ): LoadBalancerOptions => ({
    kind: 'ringHash',
    by,
    ...options,
  }),
  /** Like a ring hash, quicker to look up, with somewhat more movement. */
  maglev: (by: readonly HashKeyOptions[], options: { readonly tableSize?: number } = {}): LoadBalancerOptions => ({
    kind: 'maglev',
    by,
    ...options,
  }),
};

export interface OutlierDetectionOptions {
  /** Failures in a row: any 5xx. @default 5 */
  readonly consecutive5xx?: number;
  /** Failures in a row: 502, 503, 504. @default 5 */
  readonly consecutiveGatewayErrors?: number;
  /** Failures in a row to connect, or timeouts. @default 5 */
  readonly consecutiveLocalOriginFailures?: number;
  /** How often instances are looked at. @default 10s */
  readonly interval?: DurationText;
  /** First ejection; each further one is longer. @default 30s */
  readonly baseEjectionTime?: DurationText;
  /** Share of the instances that may be ejected. @default 50 */
  readonly maxEjectionPercent?: number;
  /** Ejects instances whose success rate lies far below the mean. @default - off */
  readonly successRate?: {
    readonly standardDeviations?: number;
    readonly minimumHosts?: number;
    readonly minimumRequests?: number;
  };
}

export type HealthCheckOptions = {
  /** @default 10s */
  readonly interval?: DurationText;
  /** @default 2s */
  readonly timeout?: DurationText;
  /** @default 3 */
  readonly unhealthyThreshold?: number;
  /** @default 2 */
  readonly healthyThreshold?: number;
} & (
  | { readonly http: string /** @default - 200 */; readonly statuses?: readonly number[] }
  | { readonly grpc: true | string }
  | { readonly tcp: true }
);

export interface ConnectionOptions {
  /** Time to connect. @default 5s */
  readonly timeout?: DurationText;
  /** A connection without requests is closed after it. @default 1h */
  readonly idleTimeout?: DurationText;
  /** A connection is made anew after it. @default - never */
  readonly maxDuration?: DurationText;
  /** @default - the operating system's */
  readonly tcpKeepAlive?: { readonly probes: number; readonly time: DurationText; readonly interval: DurationText };
  /** @default - off */
  readonly http2KeepAlive?: { readonly interval: DurationText; readonly timeout: DurationText };
}

/** How connections to a service are made and spread, and when an instance is left alone. */
export class TrafficPolicy extends Construct {
  readonly name: string;
  private readonly declaration: Declaration;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: TrafficPolicyProps,
  ) {
    super(scope, id);
    this.name = id;
    this.declaration = new Declaration(this, {
      fragment: () => ({ trafficPolicies: [this.toModel()] }),
      locators: () => [locate('TrafficPolicy', { namespace: props.service.namespace, name: this.name })],
    });
  }

  private toModel(): TrafficPolicyModel {
    const { props } = this;
    return {
      namespace: props.service.namespace,
      name: this.name,
      service: props.service.name,
      port: props.port,
      loadBalancing: this.loadBalancing(),
      locality: props.locality,
      limits: props.limits,
      outlierDetection: this.outlierDetection(),
      healthCheck: this.healthCheck(),
      connection: this.connection(),
    };
  }

  private duration(property: string, text: DurationText | undefined) {
    return this.declaration.duration(property, text);
  }

  private loadBalancing(): LoadBalancing | undefined {
    const options = this.props.loadBalancing;
    if (!options || options.kind === 'random') return options;
    if (options.kind === 'ringHash' || options.kind === 'maglev')
      return { ...options, by: options.by.map((key) => this.hashKey(key)) };
    const { slowStart } = options;
    return {
      ...options,
      slowStart: slowStart && {
        ...slowStart,
        window: this.duration('loadBalancing.slowStart.window', slowStart.window) ?? 0,
      },
    };
  }

  private hashKey(key: HashKeyOptions): HashKey {
    if (key === 'source-address') return { kind: 'sourceAddress' };
    if ('header' in key) return { kind: 'header', name: key.header.toLowerCase() };
    if ('queryParameter' in key) return { kind: 'queryParameter', name: key.queryParameter };
    return { kind: 'cookie', name: key.cookie, path: key.path, ttl: this.duration('loadBalancing.by.ttl', key.ttl) };
  }

  private outlierDetection(): OutlierDetection | undefined {
    const options = this.props.outlierDetection;
    if (options === undefined) return undefined;
    if (options === 'off') return { enabled: false };
    const { successRate } = options;
    return {
      ...options,
      interval: this.duration('outlierDetection.interval', options.interval),
      baseEjectionTime: this.duration('outlierDetection.baseEjectionTime', options.baseEjectionTime),
      successRate: successRate && {
        standardDeviations: successRate.standardDeviations ?? 1.9,
        minimumHosts: successRate.minimumHosts ?? 5,
        minimumRequests: successRate.minimumRequests ?? 100,
      },
    };
  }

  private healthCheck(): HealthCheck | undefined {
    const options = this.props.healthCheck;
    if (!options) return undefined;
    const timing = {
      interval: this.duration('healthCheck.interval', options.interval) ?? 10_000,
      timeout: this.duration('healthCheck.timeout', options.timeout) ?? 2_000,
      unhealthyThreshold: options.unhealthyThreshold ?? 3,
      healthyThreshold: options.healthyThreshold ?? 2,
    };
    if ('http' in options) return { kind: 'http', path: options.http, statuses: options.statuses, ...timing };
    if ('grpc' in options)
      return { kind: 'grpc', service: options.grpc === true ? undefined : options.grpc, ...timing };
    return { kind: 'tcp', ...timing };
  }

  private connection(): ConnectionSettings | undefined {
    const options = this.props.connection;
    if (!options) return undefined;
    const { tcpKeepAlive, http2KeepAlive } = options;
    return {
      timeout: this.duration('connection.timeout', options.timeout),
      idleTimeout: this.duration('connection.idleTimeout', options.idleTimeout),
      maxDuration: this.duration('connection.maxDuration', options.maxDuration),
      tcpKeepAlive: tcpKeepAlive && {
        probes: tcpKeepAlive.probes,
        time: this.duration('connection.tcpKeepAlive.time', tcpKeepAlive.time) ?? 0,
        interval: this.duration('connection.tcpKeepAlive.interval', tcpKeepAlive.interval) ?? 0,
      },
      http2KeepAlive: http2KeepAlive && {
        interval: this.duration('connection.http2KeepAlive.interval', http2KeepAlive.interval) ?? 0,
        timeout: this.duration('connection.http2KeepAlive.timeout', http2KeepAlive.timeout) ?? 0,
      },
    };
  }
}
