import type { HealthCheck } from '../../model';
import { seconds } from '../seconds';
import type { Cluster, Messages } from '../types';
import type { Wire } from './connections';

/**
 * Instances are asked whether they are well, over the same TLS as requests are sent. They are asked as often before the first
 * request as after it: Envoy would ask a cluster without traffic once a minute, and the first request would meet what is down.
 */
export function healthChecks(
  declared: HealthCheck | undefined,
  { host, wire }: { readonly host: string; readonly wire: Wire },
): Pick<Cluster, 'healthChecks'> {
  if (!declared) return {};
  const interval = seconds(declared.interval);
  return {
    healthChecks: [
      {
        timeout: seconds(declared.timeout),
        interval,
        noTrafficInterval: interval,
        unhealthyThreshold: declared.unhealthyThreshold,
        healthyThreshold: declared.healthyThreshold,
        ...question(declared, { host, wire }),
      },
    ],
  };
}

function question(
  declared: HealthCheck,
  { host, wire }: { readonly host: string; readonly wire: Wire },
): Messages['envoy.config.core.v3.HealthCheck'] {
  switch (declared.kind) {
    case 'http':
      return {
        httpHealthCheck: {
          host,
          path: declared.path,
          ...(wire === 'http2' && { codecClientType: 'HTTP2' }),
          ...(declared.statuses && {
            expectedStatuses: declared.statuses.map((status) => ({ start: status, end: status + 1 })),
          }),
        },
      };
    case 'grpc':
      // Where HTTP/1.1 is spoken there is no gRPC to ask by: that the port answers at all must do.
      if (wire === 'http1') return { tcpHealthCheck: {} };
      return {
        grpcHealthCheck: {
          authority: host,
          ...(declared.service !== undefined && { serviceName: declared.service }),
        },
      };
    case 'tcp':
      return { tcpHealthCheck: {} };
  }
}
