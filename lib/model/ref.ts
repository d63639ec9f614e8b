/** An object of a namespace, by its names. */
export interface Ref {
  readonly namespace: string;
  readonly name: string;
}

export const Ref = {
  /** `namespace/name`, the form in which messages and keys show it. */
  key: (ref: Ref): string => `${ref.namespace}/${ref.name}`,
  equal: (a: Ref, b: Ref): boolean => a.namespace === b.namespace && a.name === b.name,
  /** Sorts by namespace, then name, by code unit: the same on every machine. */
  compare: (a: Ref, b: Ref): number => order(a.namespace, b.namespace) || order(a.name, b.name),
};

/** Compares two strings by code unit, never by locale. */
export function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * Who sends a request, as mutual TLS proves it: a Kubernetes service account, whose SPIFFE ID is
 * `spiffe://<trust domain>/ns/<namespace>/sa/<service account>`.
 */
export interface Identity {
  readonly namespace: string;
  readonly serviceAccount: string;
}

export const Identity = {
  key: (identity: Identity): string => `${identity.namespace}/${identity.serviceAccount}`,
  compare: (a: Identity, b: Identity): number =>
    order(a.namespace, b.namespace) || order(a.serviceAccount, b.serviceAccount),
};

/** Kubernetes labels: a pod has these if each pair is among its own. */
export type Labels = { readonly [key: string]: string };
