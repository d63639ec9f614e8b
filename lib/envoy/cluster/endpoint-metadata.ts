import type { Messages } from '../types';

/** What tells an instance that is spoken to with mutual TLS, in its metadata under {@link metadataOf}'s key. */
export const meshedEndpoint = { mesh: true } as const;

/** https://www.envoyproxy.io/docs/envoy/v1.40.0/api-v3/config/cluster/v3/cluster.proto#envoy-v3-api-msg-config-cluster-v3-cluster-transportsocketmatch */
export function metadataOf(endpoint: { readonly meshed: boolean }): {
  readonly metadata?: Messages['envoy.config.core.v3.Metadata'];
} {
  return endpoint.meshed ? { metadata: { filterMetadata: { 'envoy.transport_socket_match': meshedEndpoint } } } : {};
}
