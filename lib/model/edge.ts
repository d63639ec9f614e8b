import type { Duration } from './duration';
import type { GrpcMatch, HttpMatch } from './match';
import type { Identity, Ref } from './ref';

/** Who calls whom. It gives the caller configuration; the right to call is an {@link AccessPolicy} of the callee. */
export interface Edge {
  readonly from: Identity;
  readonly to: EdgeTarget;
  /** The port of the callee that is called, by number. */
  readonly port: number;
  /** Only requests that match one of these are part of the edge. Empty: all. */
  readonly only: readonly RequestMatch[];
  /** Time for a whole request, its retries included. Absent: the mesh's default. Zero: no limit. */
  readonly timeout?: Duration;
  /** Absent: the mesh's default. Attempts of zero: none. */
  readonly retries?: Retries;
  /** Absent: no hedging. */
  readonly hedging?: Hedging;
  /** Port on which the caller's sidecar listens for this edge alone. Absent: the callee's own port. */
  readonly at?: number;
  /** Variables that tell the caller's containers where the callee is. */
  readonly env: readonly EnvBinding[];
}

export type EdgeTarget = ({ readonly kind: 'service' } & Ref) | ({ readonly kind: 'externalService' } & Ref);

export type RequestMatch = ({ readonly kind: 'http' } & HttpMatch) | ({ readonly kind: 'grpc' } & GrpcMatch);

/** A variable of the caller and the part of the callee's address that it carries; `address` is `host:port`. */
export interface EnvBinding {
  readonly name: string;
  readonly value: 'host' | 'port' | 'address' | 'url';
}

/**
 * What is tried again, and how often. Without conditions only what surely has not reached the application is tried
 * again: connection failures, refused streams, resets before the request, and gRPC `unavailable` for idempotent calls.
 */
export interface Retries {
  /** Further tries after the first; 0 turns retries off. */
  readonly attempts: number;
  /** Absent: {@link safeRetryConditions}. */
  readonly on?: readonly RetryCondition[];
  /** Statuses of a response that are tried again, beside the conditions. */
  readonly statuses?: readonly number[];
  /** Time for each try. Absent: the whole request's. */
  readonly perTryTimeout?: Duration;
  /** Pause before a try: random between 0 and the base, doubling up to the maximum. Absent: 25 ms up to 250 ms. */
  readonly backoff?: { readonly base: Duration; readonly max: Duration };
  /** How many requests may be retries at one time, as a share of those in flight. Absent: 20 %, and always 3. */
  readonly budget?: { readonly percent: number; readonly minConcurrency: number };
}

/** Envoy's names (`x-envoy-retry-on`, `x-envoy-retry-grpc-on`). */
export const retryConditions = [
  '5xx',
  'gateway-error',
  'reset',
  'reset-before-request',
  'connect-failure',
  'refused-stream',
  'retriable-4xx',
  'cancelled',
  'deadline-exceeded',
  'internal',
  'resource-exhausted',
  'unavailable',
] as const;

export type RetryCondition = (typeof retryConditions)[number];

/** What can be tried again whatever the request is: the application has not begun to handle it. */
export const safeRetryConditions: readonly RetryCondition[] = [
  'connect-failure',
  'refused-stream',
  'reset-before-request',
];

/** A second request is sent when the first has not been answered in time; the first answer wins. */
export interface Hedging {
  /** How long the first request has before the next is sent. */
  readonly after: Duration;
  /** Requests beyond the first. */
  readonly attempts: number;
}
