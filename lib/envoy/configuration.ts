import type { Ref } from '../model';
import type { Cluster, Listener, RouteConfiguration, TypedExtensionConfig } from './types';

/** What a proxy is told over xDS, each list sorted by name. */
export interface Configuration {
  readonly listeners: readonly Listener[];
  readonly routes: readonly RouteConfiguration[];
  readonly clusters: readonly Cluster[];
  /** Filters that are resources of their own (ECDS), so that a change of them drains no listener. */
  readonly extensions: readonly TypedExtensionConfig[];
  /** The endpoints that its clusters ask for (EDS), by the name of the cluster. */
  readonly assignments: readonly Assignment[];
  /** The secrets that it asks for (SDS). */
  readonly secrets: readonly SecretRef[];
}

/** Of a proxy, or of a part of it, that has nothing to serve. */
export const emptyConfiguration: Configuration = {
  listeners: [],
  routes: [],
  clusters: [],
  extensions: [],
  assignments: [],
  secrets: [],
};

/** Whose endpoints a cluster wants. */
export type Assignment = { readonly cluster: string } & Instances;

export type Instances =
  /** Those that callers of a service meet: its sidecars, or the shared proxy before it. */
  | {
      readonly kind: 'service';
      readonly service: Ref;
      readonly port: number;
      readonly version?: string;
      readonly instance?: string;
      /** True for clients that know a locality only by its name and by its weight ({@link ./proxyless}). */
      readonly weighted?: boolean;
    }
  /** Those behind a shared proxy: the application itself, in plain text. */
  | { readonly kind: 'behind'; readonly service: Ref; readonly port: number; readonly version?: string }
  | { readonly kind: 'egressGateway'; readonly gateway: Ref };

/** A secret by what it is; {@link secretName} is its name in SDS. */
export type SecretRef =
  /** Certificate and key of the proxy itself. */
  | { readonly kind: 'identity' }
  /** Root certificates of the mesh. */
  | { readonly kind: 'trust' }
  /** Secret of type `kubernetes.io/tls` that a gateway serves. */
  | ({ readonly kind: 'certificate' } & Ref)
  /** ConfigMap with `ca.crt` of whom to trust outside. */
  | ({ readonly kind: 'authority' } & Ref);

export function secretName(secret: SecretRef): string {
  switch (secret.kind) {
    case 'identity':
    case 'trust':
      return secret.kind;
    case 'certificate':
    case 'authority':
      return `${secret.kind}|${secret.namespace}|${secret.name}`;
  }
}
