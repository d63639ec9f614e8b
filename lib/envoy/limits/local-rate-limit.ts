import type { LocalRateLimit } from '../../model';
import { any, extension } from '../any';
import type { envoy } from '../generated/types';
import { seconds } from '../seconds';
import type { HttpFilter, Route, VirtualHost } from '../types';

type LocalLimit = envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit;

export const localLimitName = 'envoy.filters.http.local_ratelimit';
const type = 'envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit';
const statPrefix = 'local_rate_limit';

/** Does nothing but what the configuration of routes says; requests of which nothing is said do not meet it. */
export const localLimitFilter: HttpFilter = { ...extension(localLimitName, type, { statPrefix }), disabled: true };

/** The limit of one rule, by its id. */
export interface NamedLimit {
  readonly id: string;
  readonly limit: LocalRateLimit;
}

/**
 * A rule has one bucket, however many routes are made of it: of its matches, of the versions that it leads to. A configuration of a
 * route has a bucket of its own, so the buckets stand at the virtual host, and each request says by which rule it came.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/http/http_filters/local_rate_limit_filter
 */
export function bucketsOf(limits: readonly NamedLimit[]): NonNullable<VirtualHost['typedPerFilterConfig']> {
  if (limits.length === 0) return {};
  const configuration: LocalLimit = {
    statPrefix,
    rateLimits: [{ actions: [{ metadata: ruleOfRoute }] }],
    filterEnabled: always,
    filterEnforced: always,
    descriptors: limits.map(({ id, limit }) => ({
      entries: [{ key: ruleKey, value: id }],
      tokenBucket: bucket(limit),
    })),
    // Of requests that no rule limits; Envoy wants one.
    tokenBucket: { maxTokens: largest, tokensPerFill: largest, fillInterval: '1s' },
    alwaysConsumeDefaultTokenBucket: false,
    enableXRatelimitHeaders: 'DRAFT_VERSION_03',
    enableRetryAfterHeader: true,
    rateLimitedAsResourceExhausted: true,
  };
  return { [localLimitName]: any(type, configuration) };
}

/** What a route says of its requests for {@link bucketsOf}. */
export function countedAs(id: string): NonNullable<Route['metadata']> {
  return { filterMetadata: { [metadataKey]: { [ruleKey]: id } } };
}

const metadataKey = 'meshwright';
const ruleKey = 'rule';

const ruleOfRoute: envoy.config.route.v3.RateLimit.Action.MetaData = {
  descriptorKey: ruleKey,
  metadataKey: { key: metadataKey, path: [{ key: ruleKey }] },
  source: 'ROUTE_ENTRY',
  skipIfAbsent: true,
};

const always = { defaultValue: { numerator: 100 }, runtimeKey: 'meshwright.local_rate_limit' };

/** The bucket is full at first and filled evenly. What is counted by shorter times than Envoy knows is counted by one that it knows. */
function bucket({ requests, per, burst = 0 }: LocalRateLimit): envoy.type.v3.TokenBucket {
  const times = per < shortest ? Math.ceil(shortest / Math.max(per, 1)) : 1;
  return {
    maxTokens: Math.min(requests + burst, largest),
    tokensPerFill: Math.min(requests * times, largest),
    fillInterval: seconds(Math.max(per, 1) * times),
  };
}

/** Envoy fills no bucket more often. */
const shortest = 50;

/** Of 32 bits. */
const largest = 2 ** 32 - 1;
