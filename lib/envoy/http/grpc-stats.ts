import { extension } from '../any';
import type { HttpFilter } from '../types';

/**
 * Counts the calls of gRPC by their status at the cluster that they go to (`cluster.<name>.grpc.14`): to HTTP each of them is a 200. Not
 * by service and method, which strangers could make up without end.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/http/http_filters/grpc_stats_filter
 */
export const grpcStats: HttpFilter = extension(
  'envoy.filters.http.grpc_stats',
  'envoy.extensions.filters.http.grpc_stats.v3.FilterConfig',
  { statsForAllMethods: false },
);
