import type { DurationText, Hedging, Retries, RetryCondition } from '../model';
import type { Declaration } from './declaration';

/** What is tried again, and how often. */
export interface RetryOptions {
  /** Further tries after the first; 0 turns retries off. */
  readonly attempts: number;
  /**
   * What is tried again, in Envoy's words.
   * @default - only what has surely not reached the application: connect-failure, refused-stream, reset-before-request
   */
  readonly on?: readonly RetryCondition[];
  /**
   * Statuses of a response that are tried again, beside the conditions.
   * @default - none
   */
  readonly statuses?: readonly number[];
  /**
   * Time for each try.
   * @default - that of the whole request
   */
  readonly perTryTimeout?: DurationText;
  /**
   * Pause before a try: random between nothing and the base, which doubles up to the maximum.
   * @default - 25ms up to 250ms
   */
  readonly backoff?: { readonly base: DurationText; readonly max: DurationText };
  /**
   * How many of the requests in flight may be retries.
   * @default - 20 percent, and always 3
   */
  readonly budget?: { readonly percent: number; readonly minConcurrency?: number };
}

/** A second request is sent when the first is slow; the first answer wins. */
export interface HedgingOptions {
  /** How long the first request has before the next is sent. */
  readonly after: DurationText;
  /**
   * Requests beyond the first.
   * @default 1
   */
  readonly attempts?: number;
}

export function toRetries(declaration: Declaration, options: RetryOptions | undefined): Retries | undefined {
  if (options === undefined) return undefined;
  const { backoff, budget } = options;
  const base = declaration.duration('retries.backoff.base', backoff?.base);
  const max = declaration.duration('retries.backoff.max', backoff?.max);
  return {
    attempts: options.attempts,
    on: options.on,
    statuses: options.statuses,
    perTryTimeout: declaration.duration('retries.perTryTimeout', options.perTryTimeout),
    backoff: base !== undefined && max !== undefined ? { base, max } : undefined,
    budget: budget && { percent: budget.percent, minConcurrency: budget.minConcurrency ?? 3 },
  };
}

export function toHedging(declaration: Declaration, options: HedgingOptions | undefined): Hedging | undefined {
  if (options === undefined) return undefined;
  return { after: declaration.duration('hedging.after', options.after) ?? 0, attempts: options.attempts ?? 1 };
}
