import type { Ref } from './ref';
import type { Resources } from './resources';

/** Where requests come into the mesh from outside: an Envoy deployment behind a Service. */
export interface Gateway {
  readonly namespace: string;
  readonly name: string;
  readonly listeners: readonly GatewayListener[];
  readonly service: GatewayService;
  readonly replicas: number;
  readonly resources?: Resources;
}

export interface GatewayListener {
  /** Unique in its gateway: a DNS label. */
  readonly name: string;
  readonly port: number;
  /** `https` ends TLS here, `tls` passes it through by server name. */
  readonly protocol: 'http' | 'https' | 'tls' | 'tcp';
  /** Host it answers to. Absent: any. */
  readonly host?: string;
  readonly tls?: GatewayTls;
  /** Namespaces whose routes may attach. Empty: only the gateway's own. */
  readonly routesFrom: readonly string[];
}

export type GatewayTls =
  /** A Secret of type `kubernetes.io/tls` in the gateway's namespace. */
  | { readonly kind: 'secret'; readonly name: string }
  /** A Certificate is written; cert-manager keeps the Secret. */
  | { readonly kind: 'certManager'; readonly secret: string; readonly issuer: CertificateIssuer };

export interface CertificateIssuer {
  readonly name: string;
  readonly kind: 'Issuer' | 'ClusterIssuer';
  readonly group?: string;
}

export interface GatewayService {
  readonly type: 'LoadBalancer' | 'ClusterIP' | 'NodePort';
  readonly annotations: { readonly [key: string]: string };
}

/** Where requests to declared external hosts leave the cluster: one place to see, and one address to admit. */
export interface EgressGateway {
  readonly namespace: string;
  readonly name: string;
  readonly replicas: number;
  readonly resources?: Resources;
}

/** One proxy in front of a group of services, for callers without sidecars. */
export interface SharedProxy {
  readonly namespace: string;
  readonly name: string;
  /** Services of the same namespace. */
  readonly services: readonly string[];
  readonly replicas: number;
  readonly resources?: Resources;
}

/** The services of a shared proxy. */
export function sharedServices(proxy: SharedProxy): readonly Ref[] {
  return proxy.services.map((name) => ({ namespace: proxy.namespace, name }));
}
