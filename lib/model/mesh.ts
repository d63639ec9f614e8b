import type { Duration } from './duration';
import type { Retries } from './edge';
import type { CertificateIssuer } from './gateway';
import type { Resources } from './resources';
import type { Capture, MutualTls } from './service';
import type { Telemetry } from './telemetry';

/** What holds for the whole mesh: one object in the cluster. */
export interface Mesh {
  readonly name: string;
  /** Where the control plane runs. */
  readonly namespace: string;
  /** Authority of every SPIFFE ID of the mesh. */
  readonly trustDomain: string;
  /** DNS domain of the cluster's Services. */
  readonly clusterDomain: string;
  readonly certificates: Certificates;
  readonly mutualTls: MutualTls;
  readonly capture: Capture;
  /**
   * What the generated NetworkPolicies let a pod of the mesh reach inside it.
   *
   * - `open`: any inbound port of the mesh, so that an undeclared call meets an answer that names the missing edge
   * - `declared`: only its declared edges
   * - `none`: no NetworkPolicy is written
   */
  readonly networkPolicies: 'open' | 'declared' | 'none';
  readonly defaults: TrafficDefaults;
  readonly telemetry: Telemetry;
  readonly controlPlane: ControlPlane;
  readonly proxy: ProxySettings;
  /** Channel of Gateway API's CRDs that is written beside the mesh's own. Absent: they are there already. */
  readonly gatewayApi?: 'standard' | 'experimental';
}

export interface Certificates {
  /** Of each proxy; renewed at half of it. */
  readonly lifetime: Duration;
  readonly root: RootOfTrust;
}

export type RootOfTrust =
  /** Made in the cluster on first start and kept in a Secret there. */
  | { readonly kind: 'generated'; readonly lifetime: Duration }
  /** An issuer of cert-manager signs an intermediate certificate. */
  | { readonly kind: 'certManager'; readonly issuer: CertificateIssuer; readonly lifetime: Duration }
  /** A Secret of the control plane's namespace with `tls.crt`, `tls.key` and `ca.crt`. */
  | { readonly kind: 'secret'; readonly name: string };

export interface TrafficDefaults {
  /** Of a whole request. Zero: no limit. */
  readonly timeout: Duration;
  readonly retries: Retries;
}

export interface ControlPlane {
  readonly image: string;
  readonly replicas: number;
  readonly resources: Resources;
}

export interface ProxySettings {
  readonly image: string;
  readonly resources: Resources;
  /** Worker threads of a sidecar. */
  readonly concurrency: number;
}
