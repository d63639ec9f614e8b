import { type GlobalRateLimit, order, type RateLimitDescriptor } from '../../model';
import { any, extension } from '../any';
import { type ServiceTarget, serviceClusterName } from '../cluster';
import type { Context } from '../context';
import type { envoy } from '../generated/types';
import { grpcService } from '../grpc-service';
import { type DiscoveredFilter, discoveredFilter } from '../http/discovered-filter';
import { seconds } from '../seconds';
import type { HttpFilter } from '../types';

type Limit = envoy.config.route.v3.RateLimit;
type Action = envoy.config.route.v3.RateLimit.Action;

export function limitTarget({ service, port }: GlobalRateLimit): ServiceTarget {
  return { kind: 'service', service, port };
}

const filterName = 'envoy.filters.http.ratelimit';

/**
 * Names of the filters that ask: one for each service and domain that counts, and what happens when it does not.
 *
 * @param listener where the first of them is a resource of its own, and called by it
 */
export function limitFilters(
  limits: readonly GlobalRateLimit[],
  listener: string | undefined,
): ReadonlyMap<string, { readonly name: string; readonly limit: GlobalRateLimit }> {
  const distinct = new Map(limits.map((limit) => [keyOf(limit), limit]));
  return new Map(
    [...distinct]
      .sort(([a], [b]) => order(a, b))
      .map(([key, limit], index) => [
        key,
        { name: `${filterName}/${index === 0 && listener !== undefined ? listener : key}`, limit },
      ]),
  );
}

export function keyOf(limit: GlobalRateLimit): string {
  return `${serviceClusterName(limitTarget(limit))}/${limit.domain}/${limit.onFailure}`;
}

/** Asks about requests of which a route says what is to be counted. */
export function globalLimitFilter(context: Context, limit: GlobalRateLimit, name: string): HttpFilter {
  return extension(name, type, configuration(context, limit));
}

const type = 'envoy.extensions.filters.http.ratelimit.v3.RateLimit';

/** Envoy's 20 ms suit a service on the same machine. */
const patience = 100;

/**
 * As a resource of its own: what counts, or nothing where nothing is counted yet. Only requests of routes that say what is to be counted
 * meet it.
 */
export function discoveredLimit(
  context: Context,
  listener: string,
  limit: GlobalRateLimit | undefined,
): DiscoveredFilter {
  const { filter, resource } = discoveredFilter(
    filterName,
    listener,
    type,
    limit && any(type, configuration(context, limit)),
  );
  return { filter: { ...filter, disabled: true }, resource };
}

function configuration(context: Context, limit: GlobalRateLimit): envoy.extensions.filters.http.ratelimit.v3.RateLimit {
  return {
    domain: limit.domain,
    rateLimitService: {
      grpcService: grpcService(context, limitTarget(limit), patience),
      transportApiVersion: 'V3',
    },
    timeout: seconds(patience),
    failureModeDeny: limit.onFailure === 'deny',
    enableXRatelimitHeaders: 'DRAFT_VERSION_03',
    enableRetryAfterHeader: true,
    disableXEnvoyRatelimitedHeader: true,
    rateLimitedAsResourceExhausted: true,
  };
}

/** What is counted of the requests of one rule: each on its own. */
export function globalLimitOfRoute({ descriptors }: GlobalRateLimit) {
  const rateLimits = descriptors.map((descriptor): Limit => ({ actions: [action(descriptor)] }));
  return any('envoy.extensions.filters.http.ratelimit.v3.RateLimitPerRoute', { rateLimits });
}

function action(descriptor: RateLimitDescriptor): Action {
  switch (descriptor.kind) {
    case 'value':
      return { genericKey: { descriptorKey: descriptor.key, descriptorValue: descriptor.value } };
    case 'header':
      return { requestHeaders: { headerName: descriptor.header, descriptorKey: descriptor.key } };
    case 'sourceAddress':
      return { remoteAddress: {} };
    case 'sourceIdentity':
      return {
        extension: extension(
          'envoy.rate_limit_descriptors.expr',
          'envoy.extensions.rate_limit_descriptors.expr.v3.Descriptor',
          // Without a certificate there is no identity, and nothing is counted.
          { descriptorKey: 'source_identity', text: 'connection.uri_san_peer_certificate', skipIfError: true },
        ),
      };
  }
}
