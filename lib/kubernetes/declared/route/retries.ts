import { Duration, defaults, type Retries } from '../../../model';
import { duration, type Json, type Reader } from '../shape';
import type { FilterRetries } from './route-filter';

/** Retries as an HTTPRoute says them, and what is left for its RouteFilter. */
export interface SplitRetries {
  readonly retry?: Json;
  readonly backendRequest?: string;
  readonly filter?: FilterRetries;
}

/** https://gateway-api.sigs.k8s.io/geps/gep-1731/ */
export function splitRetries(retries: Retries): SplitRetries {
  const { attempts, on, statuses, perTryTimeout, backoff, budget } = retries;
  const codes = statuses !== undefined && areCodes(statuses) ? statuses : undefined;
  const filter: FilterRetries = {
    ...(on === undefined ? {} : { on }),
    ...(statuses === undefined || codes ? {} : { statuses }),
    ...(backoff === undefined || backoff.max === backoff.base * usualGrowth ? {} : { backoff: { max: backoff.max } }),
    ...(budget === undefined ? {} : { budget }),
  };
  return {
    retry: {
      attempts,
      ...(backoff === undefined ? {} : { backoff: Duration.format(backoff.base) }),
      ...(codes === undefined ? {} : { codes }),
    },
    ...(perTryTimeout === undefined ? {} : { backendRequest: Duration.format(perTryTimeout) }),
    ...(Object.keys(filter).length > 0 ? { filter } : {}),
  };
}

/** What a route says, and what its RouteFilter adds. */
export function joinRetries(
  rule: { readonly [field: string]: Json },
  filter: FilterRetries | undefined,
  fallback: Retries,
  reader: Reader,
): Retries | undefined {
  const backendRequest = perTryOf(rule.timeouts, reader.at('timeouts'));
  if (rule.retry === undefined && filter === undefined) {
    return backendRequest === undefined ? undefined : { ...fallback, perTryTimeout: backendRequest };
  }
  const retry = retryOf(rule.retry, reader.at('retry'));
  const attempts = filter?.attempts ?? retry?.attempts;
  if (attempts === undefined) {
    return reader.fail('its RouteFilter says what is tried again, but not how often; give `attempts` there');
  }
  const { on, budget } = filter ?? {};
  const statuses = retry?.codes ?? filter?.statuses;
  const perTryTimeout = backendRequest ?? filter?.perTryTimeout;
  const backoff = backoffOf(retry?.backoff ?? filter?.backoff?.base, filter?.backoff?.max);
  return {
    attempts,
    ...(on === undefined ? {} : { on }),
    ...(statuses === undefined ? {} : { statuses }),
    ...(perTryTimeout === undefined ? {} : { perTryTimeout }),
    ...(backoff === undefined ? {} : { backoff }),
    ...(budget === undefined ? {} : { budget }),
  };
}

/** Envoy's own factor between the first pause and the longest. */
const usualGrowth = 10;

function perTryOf(timeouts: Json, reader: Reader): number | undefined {
  const { backendRequest } = reader.fields(timeouts);
  return backendRequest === undefined ? undefined : duration.decode(backendRequest, reader.at('backendRequest'));
}

interface Retry {
  readonly attempts: number;
  readonly backoff?: number;
  readonly codes?: readonly number[];
}

function retryOf(json: Json, reader: Reader): Retry | undefined {
  if (json === undefined) return undefined;
  const given = reader.fields(json);
  reader.only(given, ['attempts', 'backoff', 'codes']);
  const { attempts = 1, backoff, codes } = given;
  return {
    attempts: reader.at('attempts').number(attempts),
    ...(backoff === undefined ? {} : { backoff: duration.decode(backoff, reader.at('backoff')) }),
    ...(codes === undefined ? {} : { codes: reader.at('codes').items(codes) }),
  };
}

function backoffOf(base: number | undefined, max: number | undefined): Retries['backoff'] {
  if (base === undefined && max === undefined) return undefined;
  const first = base ?? defaults.retryBackoff.base;
  return { base: first, max: max ?? first * usualGrowth };
}

function areCodes(statuses: readonly number[]): boolean {
  return new Set(statuses).size === statuses.length && statuses.every((status) => status >= 400 && status <= 599);
}
