import type { Duration } from './duration';
import type { RequestMatch } from './edge';
import type { Identity, Ref } from './ref';

/**
 * Who may call a service. What no policy of the service allows is denied, and a deny beats every allow. Declared edges
 * are written here too, so that the right to call stands in the callee's namespace and its owner holds the key.
 */
export interface AccessPolicy {
  readonly namespace: string;
  readonly name: string;
  /** A service or a workload of the same namespace. */
  readonly service: string;
  /** What made it: `edges` is written by synthesis from the declared calls and routes, `declared` by a person. */
  readonly origin: 'edges' | 'declared';
  readonly rules: readonly AccessRule[];
  /** Whose tokens are verified; a token that is there and not valid is refused with 401. */
  readonly jwt: readonly JwtIssuer[];
  readonly externalAuthorization?: ExternalAuthorization;
  /** Ports of its pods that stay outside the mesh, and who may reach them. */
  readonly outsidePorts: readonly OutsidePort[];
}

export interface AccessRule {
  readonly action: 'allow' | 'deny';
  /** Only counted and logged, never enforced. */
  readonly shadow: boolean;
  /** One of them must be the caller. Empty: any caller that has an identity in the mesh. */
  readonly from: readonly AccessSource[];
  /** Ports of the service. Empty: all. */
  readonly ports: readonly number[];
  /** One of them must match the request. Empty: every request. */
  readonly requests: readonly RequestMatch[];
  /** Each must hold of the verified token. */
  readonly claims: readonly ClaimMatch[];
}

export type AccessSource =
  | ({ readonly kind: 'identity' } & Identity)
  /** Every identity of a namespace. */
  | { readonly kind: 'namespace'; readonly namespace: string }
  /** Connections from these addresses, with a mesh identity or without. */
  | { readonly kind: 'address'; readonly cidr: string }
  /** Pods without a mesh identity: an ingress controller, a Prometheus. They arrive in plain text. */
  | { readonly kind: 'outside'; readonly namespace: string };

export interface JwtIssuer {
  readonly issuer: string;
  readonly audiences: readonly string[];
  readonly keys: JwtKeys;
  /** Header or query parameter that carries the token. Absent: `authorization: Bearer`. */
  readonly from?: { readonly kind: 'header' | 'query'; readonly name: string };
  /** Claims that are handed on to the application as headers. */
  readonly forward: readonly { readonly claim: string; readonly header: string }[];
}

export type JwtKeys =
  | { readonly kind: 'inline'; readonly jwks: string }
  /** Fetched and refreshed by the proxy from a declared external service, or from a service of the mesh. */
  | { readonly kind: 'remote'; readonly uri: string; readonly refresh?: Duration };

/** A claim, by dotted path, and what it must be: one of these values (of a list: it holds one of them). */
export interface ClaimMatch {
  readonly claim: string;
  readonly values: readonly string[];
}

/** Envoy's external authorization (`envoy.service.auth.v3`, or plain HTTP). */
export interface ExternalAuthorization {
  readonly service: Ref;
  readonly port: number;
  readonly protocol: 'grpc' | 'http';
  readonly timeout: Duration;
  /** What happens when it cannot be asked. */
  readonly onFailure: 'allow' | 'deny';
  /** Only these requests are asked about. Empty: all. */
  readonly requests: readonly RequestMatch[];
  /** Request headers that it is shown beside method, path and host. */
  readonly headers: readonly string[];
}

export interface OutsidePort {
  readonly port: number;
  readonly protocol: 'tcp' | 'udp';
  /** Empty: nobody but the kubelet. */
  readonly from: readonly OutsideSource[];
}

export type OutsideSource =
  | { readonly kind: 'namespace'; readonly namespace: string }
  | { readonly kind: 'address'; readonly cidr: string }
  | { readonly kind: 'anyone' };
