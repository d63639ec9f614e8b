import { names, order } from '../../model';
import type { Manifest } from '../manifest';

/**
 * The order in which objects are given to a cluster: what others refer to comes first. Total, so that equal meshes are
 * equal files: by {@link rank}, then kind, namespace and name.
 */
export function applyOrder(manifests: readonly Manifest[]): readonly Manifest[] {
  // Keys are made once: a sort compares each object with some twenty others.
  const keyed = manifests.map((manifest) => ({ manifest, key: sortKey(manifest) }));
  return keyed.sort((a, b) => order(a.key, b.key)).map(({ manifest }) => manifest);
}

/** Parts are divided by the smallest character there is, so that a name which begins another one comes before it. */
function sortKey(manifest: Manifest): string {
  const { kind, apiVersion, metadata } = manifest;
  const rankText = String(rank(manifest)).padStart(2, '0');
  return [rankText, kind, metadata.namespace ?? '', metadata.name, apiVersion].join('\0');
}

/**
 * When an object is made; those of one rank do not wait for one another. Services have the rank of the pods behind them:
 * who waits for a Service waits for its endpoints, and would wait forever before the pods are made.
 */
export function rank(manifest: Manifest): number {
  const { kind } = manifest;
  const isControlPlane = manifest.metadata.labels?.[names.keys.component] === 'control-plane';
  const index = ranks.findIndex((rank) => rank.kinds.includes(kind) && (rank.of !== 'control plane' || isControlPlane));
  return index === -1 ? ranks.findIndex((rank) => rank.of === 'workloads') : index;
}

interface Rank {
  readonly of: string;
  readonly kinds: readonly string[];
}

const running = [
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'Job',
  'CronJob',
  'Pod',
  'Service',
  'PodDisruptionBudget',
];

const ranks: readonly Rank[] = [
  { of: 'namespaces', kinds: ['Namespace'] },
  { of: 'definitions', kinds: ['CustomResourceDefinition'] },
  { of: 'identities', kinds: ['ServiceAccount', 'ClusterRole', 'Role'] },
  { of: 'rights', kinds: ['ClusterRoleBinding', 'RoleBinding'] },
  { of: 'files', kinds: ['ConfigMap', 'Secret', 'Certificate', 'Issuer'] },
  { of: 'admission', kinds: ['NetworkPolicy'] },
  { of: 'classes', kinds: ['GatewayClass', 'Mesh'] },
  // It writes the trust that every pod of the mesh mounts: none can start before it.
  { of: 'control plane', kinds: running },
  // Before the pods, so that a sidecar's first configuration is the whole of it.
  {
    of: 'declarations',
    kinds: [
      'AccessPolicy',
      'BackendTLSPolicy',
      'Edge',
      'ExternalService',
      'Gateway',
      'GatewayParameters',
      'ReferenceGrant',
      'RouteFilter',
      'Telemetry',
      'TrafficPolicy',
    ],
  },
  { of: 'workloads', kinds: running },
  // After the Services and pods that they lead to.
  { of: 'routes', kinds: ['GRPCRoute', 'HTTPRoute', 'TCPRoute', 'TLSRoute'] },
  { of: 'rollouts', kinds: ['Canary'] },
  { of: 'monitoring', kinds: ['PodMonitor', 'PrometheusRule', 'ServiceMonitor'] },
];
