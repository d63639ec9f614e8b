import type { GlobalRateLimit, RateLimitDescriptor } from '../../model';
import { any, extension } from '../any';
import { type ServiceTarget, serviceClusterName } from '../cluster';
import type { envoy } from '../generated/types';
import type { HttpFilter } from '../types';

type Limit = envoy.config.route.v3.RateLimit;
type Action = envoy.config.route.v3.RateLimit.Action;

export function limitTarget({ service, port }: GlobalRateLimit): ServiceTarget {
  return { kind: 'service', service, port };
}

/** One for each service and domain that counts, and what happens when it does not. */
export function globalLimitName(limit: GlobalRateLimit): string {
  return `envoy.filters.http.ratelimit/${serviceClusterName(limitTarget(limit))}/${limit.domain}/${limit.onFailure}`;
}

/** Asks about requests of which a route says what is to be counted. */
export function globalLimitFilter(limit: GlobalRateLimit): HttpFilter {
  return extension(globalLimitName(limit), 'envoy.extensions.filters.http.ratelimit.v3.RateLimit', {
    domain: limit.domain,
    rateLimitService: {
      grpcService: { envoyGrpc: { clusterName: serviceClusterName(limitTarget(limit)) } },
      transportApiVersion: 'V3',
    },
    // Envoy's 20 ms suit a service on the same machine.
    timeout: '0.1s',
    failureModeDeny: limit.onFailure === 'deny',
    enableXRatelimitHeaders: 'DRAFT_VERSION_03',
    enableRetryAfterHeader: true,
    disableXEnvoyRatelimitedHeader: true,
    rateLimitedAsResourceExhausted: true,
  });
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
