import type { Duration } from './duration';
import type { HttpMatch } from './match';
import type { Ref } from './ref';

/** How a new version of a service takes over from the old one. Its progress lives in the object's status, never here. */
export interface Canary {
  readonly namespace: string;
  readonly name: string;
  /** A service of the same namespace, and two of its versions. */
  readonly service: string;
  readonly stable: string;
  readonly candidate: string;
  readonly strategy: CanaryStrategy;
  /** All must pass at each step. */
  readonly gates: readonly Gate[];
  /** What happens when a gate fails. */
  readonly onFailure: CanaryFailure;
  /** A step that cannot be judged for this long (no requests, no answer to a query) fails. */
  readonly giveUpAfter: Duration;
  readonly hooks: readonly CanaryHook[];
}

export type CanaryStrategy =
  | {
      readonly kind: 'weighted';
      /** Share of the candidate at each step, in percent, ascending. After the last it gets everything. */
      readonly steps: readonly number[];
      readonly interval: Duration;
      /** Before the first step the candidate sees a copy of this share of the requests. */
      readonly mirror?: { readonly percent: number; readonly duration: Duration };
      /** A caller that has met the candidate stays with it. */
      readonly sticky: boolean;
    }
  | {
      readonly kind: 'blueGreen';
      /** The candidate is tested for this long, then gets everything at once. */
      readonly interval: Duration;
      readonly mirror?: { readonly percent: number; readonly duration: Duration };
      /** How long the old version stays ready to be switched back to. */
      readonly keepFor: Duration;
    }
  | {
      readonly kind: 'abTest';
      /** Requests that match one of these go to the candidate. */
      readonly matches: readonly HttpMatch[];
      readonly interval: Duration;
    };

export type Gate =
  /** Responses without a 5xx (gRPC: without a server's error), in percent. */
  | { readonly kind: 'successRate'; readonly atLeast: number; readonly minimumRequests: number }
  | { readonly kind: 'latency'; readonly quantile: number; readonly below: Duration; readonly minimumRequests: number }
  /** PromQL that gives one number; `{{namespace}}`, `{{service}}`, `{{version}}` and `{{interval}}` are filled in. */
  | {
      readonly kind: 'query';
      readonly name: string;
      readonly query: string;
      readonly atLeast?: number;
      readonly atMost?: number;
    }
  /** A POST that must be answered with 2xx. */
  | { readonly kind: 'webhook'; readonly name: string; readonly url: string; readonly timeout: Duration }
  /** A person says so (`meshwright canary approve`). */
  | { readonly kind: 'approval' };

export interface CanaryFailure {
  /** `rollback` gives everything back to the stable version; `pause` keeps the weights and waits for a person. */
  readonly action: 'rollback' | 'pause';
  /** Failed looks at the gates that are borne before it acts. */
  readonly after: number;
  /** Whether the candidate is scaled down afterwards. */
  readonly scaleDown: boolean;
  readonly notify?: string;
}

export interface CanaryHook {
  readonly when: 'before' | 'during' | 'after' | 'rollback';
  readonly name: string;
  readonly url: string;
  readonly timeout: Duration;
}

export function canaryTarget(canary: Canary): Ref {
  return { namespace: canary.namespace, name: canary.service };
}
