import type { Ref } from './ref';

/** What of the mesh runs in the pods of a workload object. */
export type Member =
  | ({ readonly kind: 'service'; readonly version?: string } & Ref)
  | ({ readonly kind: 'workload' } & Ref);

/** What is known of a pod template beside the model; observed from the manifest, so never part of the model. */
export interface PodFacts {
  readonly member: Member;
  /** `Deployment storefront/web`. */
  readonly object: string;
  /** Ports that its containers declare; each is taken to be bound on every address. */
  readonly ports: readonly number[];
  /** Variables of its containers with a literal value. */
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly hostNetwork: boolean;
  /** Service account its template names. Absent: the namespace's default one. */
  readonly serviceAccount?: string;
  readonly labels: { readonly [key: string]: string };
}
