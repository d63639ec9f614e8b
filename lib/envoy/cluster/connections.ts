import { type ConnectionLimits, type ConnectionSettings, defaults, type Retries } from '../../model';
import { any } from '../any';
import { seconds } from '../seconds';
import type { Cluster, Messages } from '../types';

type HttpProtocolOptions = Messages['envoy.extensions.upstreams.http.v3.HttpProtocolOptions'];

/** What is spoken on the connections of a cluster: of HTTP the proxies speak a version, of anything else they know nothing. */
export type Wire = 'http1' | 'http2' | 'tcp';

/** How connections are made, kept and ended. */
export function connections(
  wire: Wire,
  settings: ConnectionSettings = {},
  { maxRequestsPerConnection }: Pick<ConnectionLimits, 'maxRequestsPerConnection'> = {},
): Partial<Cluster> {
  const { tcpKeepAlive, http2KeepAlive, maxDuration } = settings;
  return {
    connectTimeout: seconds(settings.timeout || defaults.connection.timeout),
    ...(tcpKeepAlive && {
      upstreamConnectionOptions: {
        tcpKeepalive: {
          keepaliveProbes: tcpKeepAlive.probes,
          keepaliveTime: wholeSeconds(tcpKeepAlive.time),
          keepaliveInterval: wholeSeconds(tcpKeepAlive.interval),
        },
      },
    }),
    ...(wire !== 'tcp' &&
      httpProtocol({
        commonHttpProtocolOptions: {
          idleTimeout: seconds(settings.idleTimeout ?? defaults.connection.idleTimeout),
          ...(maxDuration && { maxConnectionDuration: seconds(maxDuration) }),
          ...(maxRequestsPerConnection !== undefined && { maxRequestsPerConnection }),
        },
        explicitHttpConfig:
          wire === 'http1'
            ? { httpProtocolOptions: {} }
            : {
                http2ProtocolOptions: {
                  // WebSocket over HTTP/2 is an extended CONNECT (RFC 8441).
                  allowConnect: true,
                  ...(http2KeepAlive && {
                    connectionKeepalive: {
                      interval: seconds(http2KeepAlive.interval),
                      timeout: seconds(http2KeepAlive.timeout),
                    },
                  }),
                },
              },
      })),
  };
}

function httpProtocol(options: HttpProtocolOptions): Partial<Cluster> {
  const type = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';
  return { typedExtensionProtocolOptions: { [type]: any(type, options) } };
}

/** The operating system counts in seconds, and zero is not a time. */
function wholeSeconds(duration: number): number {
  return Math.max(1, Math.round(duration / 1_000));
}

/**
 * What may be open towards a service at one time. Retries are bounded by a budget, a share of what is in flight, so that they
 * cannot make an overload worse.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/intro/arch_overview/upstream/circuit_breaking
 */
export function circuitBreakers(
  limits: ConnectionLimits = {},
  budget: Retries['budget'] = defaults.retryBudget,
): Pick<Cluster, 'circuitBreakers'> {
  return {
    circuitBreakers: {
      thresholds: [
        {
          maxConnections: limits.maxConnections ?? defaults.limits.maxConnections,
          maxPendingRequests: limits.maxPendingRequests ?? defaults.limits.maxPendingRequests,
          maxRequests: limits.maxRequests ?? defaults.limits.maxRequests,
          retryBudget: { budgetPercent: { value: budget.percent }, minRetryConcurrency: budget.minConcurrency },
        },
      ],
    },
  };
}

/** Envoy's own limit of 1024 would throttle where somebody else has set the limit already. */
export const unlimited: Pick<Cluster, 'circuitBreakers'> = {
  circuitBreakers: {
    thresholds: [{ maxConnections: 4_294_967_295, maxPendingRequests: 4_294_967_295, maxRequests: 4_294_967_295 }],
  },
};
