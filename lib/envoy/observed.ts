import type { Ref } from '../model';

/** Where a host of the mesh stands: labels `topology.kubernetes.io/region` and `/zone` of its node. */
export interface Locality {
  readonly region: string;
  readonly zone: string;
}

/** One instance, as its callers meet it. */
export interface Endpoint {
  readonly address: string;
  /** Of its proxy where it has one, of the application where not. */
  readonly port: number;
  /** True where a proxy of the mesh stands before it: it is spoken to with mutual TLS. */
  readonly meshed: boolean;
  /** Version of the service that it is of. */
  readonly version?: string;
  /** Name of its pod where instances are called by name: `database-0`. */
  readonly instance?: string;
  readonly locality?: Locality;
  /** `draining`: it ends what it has, and gets nothing new while another is ready. */
  readonly state: 'ready' | 'draining';
}

/**
 * What is observed and bears on listeners, routes and clusters. Endpoints are not in it: they change with every pod, and are
 * resources of their own.
 */
export interface Surroundings {
  /** Addresses that lead to a service past names: its cluster addresses. For transparent capture. */
  readonly serviceAddresses: (service: Ref) => readonly string[];
  /** Addresses of the pods of a namespace, for callers without an identity ("outside"). */
  readonly podAddresses: (namespace: string) => readonly string[];
  /** Where the rollout of a canary stands. Absent: it has not begun, the stable version has everything. */
  readonly rollout: (canary: Ref) => Rollout | undefined;
}

/** The overlay of a running rollout over what was declared. */
export interface Rollout {
  /** Share of the candidate in percent. 100: it has taken over. */
  readonly candidatePercent: number;
  /** Share of the requests of which the candidate sees a copy, in percent. */
  readonly mirrorPercent: number;
}

export const nothingObserved: Surroundings = {
  serviceAddresses: () => [],
  podAddresses: () => [],
  rollout: () => undefined,
};
