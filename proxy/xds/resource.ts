/**
 * A resource of xDS as it goes over the wire: encoded once, its bytes shared by every stream that sends it. Made by
 * `encodeResource`; two with the same version hold the same bytes, on every replica of the control plane.
 */
export interface Resource {
  /** `type.googleapis.com/envoy.config.cluster.v3.Cluster`: {@link resourceTypes}. */
  readonly typeUrl: string;
  readonly name: string;
  /** Hash of what it says, so that it survives a restart of the control plane. */
  readonly version: string;
  /** A `google.protobuf.Any` that holds it. */
  readonly bytes: Uint8Array;
  /** Protobuf-JSON, for dumps and messages. Of a secret it holds the key: whoever shows it takes that out. */
  readonly json: object;
  /** Endpoints that a cluster asks for: who gets a new version of the cluster must get them again, changed or not. */
  readonly awaits?: string;
  /** Sent only when the client has acknowledged everything else that it is to have: the listener that tells readiness. */
  readonly after?: 'everything';
}

const prefix = 'type.googleapis.com/';

export const resourceTypes = {
  cluster: `${prefix}envoy.config.cluster.v3.Cluster`,
  endpoints: `${prefix}envoy.config.endpoint.v3.ClusterLoadAssignment`,
  listener: `${prefix}envoy.config.listener.v3.Listener`,
  route: `${prefix}envoy.config.route.v3.RouteConfiguration`,
  secret: `${prefix}envoy.extensions.transport_sockets.tls.v3.Secret`,
  extension: `${prefix}envoy.config.core.v3.TypedExtensionConfig`,
} as const;

/** Resources by name. */
export type ResourceMap = ReadonlyMap<string, Resource>;
