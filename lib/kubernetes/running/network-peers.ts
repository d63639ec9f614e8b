import { names } from '../../model';

/** One end of a NetworkPolicy's rule. */
export interface Peer {
  readonly namespaceSelector?: Selector;
  readonly podSelector?: Selector;
  readonly ipBlock?: { readonly cidr: string };
}

interface Selector {
  readonly matchLabels?: { readonly [label: string]: string };
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values: readonly string[];
  }[];
}

/** Pods that have a sidecar or are a proxy themselves, in any namespace: they say so by a label. */
export function anyPodOfMesh(mesh: string): Peer {
  return { namespaceSelector: {}, podSelector: { matchLabels: { [names.keys.mesh]: mesh } } };
}

export function podsIn(namespace: string, labels: { readonly [label: string]: string }): Peer {
  return { ...everyPodIn(namespace), podSelector: { matchLabels: labels } };
}

/** Kubernetes sets this label on every namespace, and nobody can change it. */
export function everyPodIn(namespace: string): Peer {
  return { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } };
}

export const everyPod: Peer = { namespaceSelector: {} };

export const everyAddress: readonly Peer[] = [{ ipBlock: { cidr: '0.0.0.0/0' } }, { ipBlock: { cidr: '::/0' } }];

/** @param address an address alone, or a range */
export function addresses(address: string): Peer {
  const cidr = address.includes('/') ? address : `${address}/${address.includes(':') ? 128 : 32}`;
  return { ipBlock: { cidr } };
}

/**
 * What scrapes metrics. A mesh does not say who does, so it is known by the name that the collectors' own installations
 * give their pods: the Prometheus operator, and the charts of Prometheus, Alloy, VictoriaMetrics and OpenTelemetry.
 * Metrics tell of traffic and hold none of it.
 */
export const prometheus: Peer = {
  namespaceSelector: {},
  podSelector: {
    matchExpressions: [
      {
        key: 'app.kubernetes.io/name',
        operator: 'In',
        values: ['alloy', 'grafana-agent', 'opentelemetry-collector', 'prometheus', 'prometheus-agent', 'vmagent'],
      },
    ],
  },
};
