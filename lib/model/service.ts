import type { Port } from './port';
import type { Labels } from './ref';

/** Something that is called: a Kubernetes Service, its pods, and their one identity. */
export interface Service {
  readonly namespace: string;
  readonly name: string;
  /** Service account of all its pods, and so its identity. */
  readonly serviceAccount: string;
  /** Labels of its pods, whatever their version. */
  readonly selector: Labels;
  readonly ports: readonly Port[];
  /** Versions, each a Kubernetes Service of its own beside the root one; empty where there is only one. */
  readonly versions: readonly Version[];
  /** True where callers see the pods' addresses (`clusterIP: None`). */
  readonly headless: boolean;
  /** The StatefulSet whose pods are called by name (`database-0.database`). Absent: instances have no names. */
  readonly instances?: Instances;
  /** Absent: the mesh's. */
  readonly capture?: Capture;
  /** Absent: the mesh's. */
  readonly mutualTls?: MutualTls;
  /** How it runs on a developer's machine. Absent: an echo server stands in. */
  readonly local?: LocalProcess;
}

export interface Version {
  /** `v1`: unique in its service. */
  readonly name: string;
  /** Labels of its pods. */
  readonly selector: Labels;
  readonly local?: LocalProcess;
}

export interface Instances {
  readonly statefulSet: string;
  readonly replicas: number;
}

/** Something that calls but is not called: a Job, a CronJob, a consumer of a queue. */
export interface Workload {
  readonly namespace: string;
  readonly name: string;
  readonly serviceAccount: string;
  readonly selector: Labels;
  readonly capture?: Capture;
  readonly local?: LocalProcess;
}

/**
 * How traffic of a pod comes to its sidecar.
 *
 * - `names`: the names of its upstreams lead to the sidecar (`hostAliases`); nothing is privileged
 * - `transparent`: an init container that alone holds NET_ADMIN redirects all of it with nftables
 */
export type Capture =
  | { readonly kind: 'names' }
  | {
      readonly kind: 'transparent';
      readonly excludeInboundPorts: readonly number[];
      readonly excludeOutboundPorts: readonly number[];
      readonly excludeOutboundAddresses: readonly string[];
    };

/** `strict`: plain text is refused. `permissive`: it is accepted, while callers move into the mesh. */
export type MutualTls = 'strict' | 'permissive';

/** A command that runs the service on a developer's machine; it listens where the variable `PORT` says. */
export interface LocalProcess {
  readonly command: readonly string[];
  /** Relative to the folder of the program. Absent: that folder. */
  readonly directory?: string;
  readonly env?: { readonly [name: string]: string };
}

/** A host outside the cluster that declared callers may reach. */
export interface ExternalService {
  readonly namespace: string;
  readonly name: string;
  /** A DNS name, or `*.example.com` for pass-through. */
  readonly host: string;
  readonly port: number;
  readonly protocol: 'http' | 'http2' | 'grpc' | 'tls' | 'tcp';
  readonly tls: ExternalTls;
  /** Name of an egress gateway of the same namespace that its traffic passes. Absent: straight from the sidecar. */
  readonly via?: string;
  /** Fixed addresses. Absent: DNS. */
  readonly addresses?: readonly string[];
  /**
   * What stands in for it on a developer's machine. Absent: the host itself is called. It is spoken to as the host is, but in
   * plain text where the sidecar would make TLS of it.
   */
  readonly local?: LocalProcess;
}

/**
 * - `none`: plain text as it is
 * - `passthrough`: the application speaks TLS itself, the server name is checked
 * - `originate`: the application speaks plain text, the sidecar makes it TLS and verifies the host's certificate
 */
export type ExternalTls =
  | { readonly kind: 'none' }
  | { readonly kind: 'passthrough' }
  | {
      readonly kind: 'originate';
      /** Absent: the host. */
      readonly serverName?: string;
      /** ConfigMap with `ca.crt` of whom to trust. Absent: the system's roots. */
      readonly trustedCa?: string;
    };
