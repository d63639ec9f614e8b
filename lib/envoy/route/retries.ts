import {
  type Duration,
  defaults,
  type Hedging,
  names,
  type Retries,
  type RetryCondition,
  safeRetryConditions,
} from '../../model';
import { any } from '../any';
import { failureWords } from '../http/failure-replies';
import { seconds } from '../seconds';
import type { Route } from '../types';

type RouteAction = NonNullable<Route['route']>;

/** How long a request may take, what is tried again, and when a second one is sent beside the first. */
export interface Patience {
  /** Zero: for ever. */
  readonly timeout: Duration;
  readonly retries: Retries;
  readonly hedging?: Hedging;
  /** The calls are of gRPC. */
  readonly grpc: boolean;
}

/**
 * Envoy's timeout begins when the request has been sent whole and ends with the response. So it does not touch what is open both ways:
 * a WebSocket, a call of gRPC that the client keeps streaming. Of gRPC the deadline of the client (`grpc-timeout`) holds too,
 * up to the timeout where there is one.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/faq/configuration/timeouts
 */
export function patience({ timeout, retries, hedging, grpc }: Patience): RouteAction {
  return {
    timeout: seconds(timeout),
    ...(grpc && { maxStreamDuration: { grpcTimeoutHeaderMax: seconds(timeout) } }),
    ...retryPolicy(retries, hedging),
    ...(hedging && hedging.attempts > 0 && { hedgePolicy: { hedgeOnPerTryTimeout: true } }),
  };
}

/**
 * Hedging is a retry that does not end what it repeats: when a try has not been answered in time the next is sent, as many as are
 * declared, whatever the cause.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/api-v3/config/route/v3/route_components.proto#envoy-v3-api-msg-config-route-v3-hedgepolicy
 */
function retryPolicy(retries: Retries, hedging: Hedging | undefined): Pick<RouteAction, 'retryPolicy'> {
  const hedged = hedging && hedging.attempts > 0 ? hedging : undefined;
  const attempts = hedged?.attempts ?? retries.attempts;
  if (attempts === 0) return {};
  const statuses = retries.statuses ?? [];
  const none = retries.on?.length === 0 && statuses.length === 0;
  const declared = none ? safeRetryConditions : (retries.on ?? safeRetryConditions);
  const reported = [...new Set(declared.flatMap((condition) => reports[condition] ?? []))];
  const conditions = [
    ...new Set([
      ...declared,
      ...(reported.length > 0 ? ['retriable-headers'] : []),
      ...(statuses.length > 0 ? ['retriable-status-codes'] : []),
    ]),
  ];
  const perTryTimeout = hedged?.after || retries.perTryTimeout;
  const { base, max } = retries.backoff ?? defaults.retryBackoff;
  return {
    retryPolicy: {
      retryOn: conditions.join(','),
      numRetries: attempts,
      ...(perTryTimeout && { perTryTimeout: seconds(perTryTimeout) }),
      ...(statuses.length > 0 && { retriableStatusCodes: statuses }),
      ...(reported.length > 0 && {
        retriableHeaders: [
          { name: names.headers.failure, stringMatch: { safeRegex: { regex: `.*(?:${reported.join('|')}).*` } } },
        ],
      }),
      retryBackOff: { baseInterval: seconds(Math.max(1, base)), maxInterval: seconds(Math.max(1, base, max)) },
      // An instance that has failed is not asked again while there is another.
      retryHostPredicate: [
        {
          name: 'envoy.retry_host_predicates.previous_hosts',
          typedConfig: any('envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate', {}),
        },
      ],
      hostSelectionRetryMaxAttempts: 5,
    },
  };
}

/** Between two proxies of the mesh a failure is on the far side of the second, which reports it in these words; none stand for any. */
const reports: { readonly [condition in RetryCondition]?: string } = {
  'connect-failure': failureWords.unconnected,
  'refused-stream': failureWords.refused,
  reset: '',
};
