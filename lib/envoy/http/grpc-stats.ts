import { lookup, type Model } from '../../model';
import { extension } from '../any';
import type { Target } from '../cluster';
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

/** Counts calls of gRPC where something of gRPC is called. */
export function callCounters(model: Model, targets: readonly Target[]): readonly HttpFilter[] {
  return targets.some((target) => isOfGrpc(model, target)) ? [grpcStats] : [];
}

export function isOfGrpc(model: Model, target: Target): boolean {
  const find = lookup(model);
  const protocol =
    target.kind === 'external'
      ? find.externalService(target.external)?.protocol
      : find.service(target.service)?.ports.find(({ port }) => port === target.port)?.protocol;
  return protocol === 'grpc';
}
