import type { Binding, Endpoint, Instances, Locality, MeshProxy, Rollout } from '../../lib/envoy';
import type { Model, Ref } from '../../lib/model';

/**
 * Where declared and observed state comes from: a folder of manifests and a table of processes on a developer's machine, the
 * API server in a cluster. It holds the newest state at any time and says what has changed in it.
 */
export interface Source {
  /** The newest state. Every call gives what is current; nothing that was given before changes. */
  readonly state: State;
  /** Calls back after each change, with what may differ. Several changes at one time are one call. */
  onChange(listener: (change: Change) => void): () => void;
}

export interface State {
  /** Absent until there is a mesh that can be read. Parts that have not changed are the same objects as before. */
  readonly model: Model | undefined;
  /** Instances of a service's port, whatever their version; of a gateway. By {@link endpointsKey}. */
  readonly endpoints: ReadonlyMap<string, readonly Endpoint[]>;
  /** Every proxy that may connect, by the name of its pod ({@link podKey}). */
  readonly proxies: ReadonlyMap<string, ObservedProxy>;
  /** Cluster addresses of services, by `namespace/name`. */
  readonly serviceAddresses: ReadonlyMap<string, readonly string[]>;
  /** Addresses of pods by namespace, as far as a policy asks for them. */
  readonly podAddresses: ReadonlyMap<string, readonly string[]>;
  /** Secrets of type `kubernetes.io/tls` that gateways serve, by `namespace/name`. */
  readonly certificates: ReadonlyMap<string, KeyPair>;
  /** `ca.crt` of the ConfigMaps that declare whom to trust outside, by `namespace/name`: PEM. */
  readonly authorities: ReadonlyMap<string, string>;
  /** Rollouts that run, by `namespace/name` of the canary. */
  readonly rollouts: ReadonlyMap<string, Rollout>;
}

/** A part of the state that is no longer what it was. */
export type Change = readonly ChangedPart[];

export type ChangedPart =
  | { readonly kind: 'model' }
  | { readonly kind: 'endpoints'; readonly key: string }
  | { readonly kind: 'proxy'; readonly pod: string }
  | { readonly kind: 'surroundings' }
  | { readonly kind: 'secret'; readonly of: 'certificate' | 'authority'; readonly key: string };

export interface ObservedProxy {
  readonly proxy: MeshProxy;
  readonly binding: Binding;
  readonly locality?: Locality;
}

/** Certificate chain and private key, PEM. Never logged, never dumped. */
export interface KeyPair {
  readonly certificateChain: string;
  readonly privateKey: string;
}

/** `service storefront/reviews:80`: one key for the endpoints of each port, all versions together. */
export function endpointsKey(instances: Instances): string {
  switch (instances.kind) {
    case 'service':
    case 'behind':
      return `${instances.kind} ${instances.service.namespace}/${instances.service.name}:${instances.port}`;
    case 'egressGateway':
      return `${instances.kind} ${instances.gateway.namespace}/${instances.gateway.name}`;
  }
}

export function podKey(pod: Ref): string {
  return `${pod.namespace}/${pod.name}`;
}
