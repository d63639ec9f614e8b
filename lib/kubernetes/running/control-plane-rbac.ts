import { type Model, names, order } from '../../model';
import type { Manifest } from '../manifest';
import { systemLabels } from './labels';

/**
 * What the control plane may do: read across the cluster what decides about traffic, write status, and touch single
 * objects by name in the namespaces of the mesh. It reads no Secret but those that the model names.
 *
 * Objects that it makes itself (trust, root, lease) it makes by server-side apply: the API server checks `create` of an
 * apply against the object's name, of a POST against none, and so `resourceNames` holds for them too
 * (k8s.io/apiserver, endpoints/handlers/patch.go: createAuthorizerAttributes). `list` and `watch` are held to a name by the
 * field selector `metadata.name`.
 */
export function controlPlaneRoles(model: Model): readonly Manifest[] {
  const { namespace } = model.mesh;
  const byNamespace = new Map<string, Rule[]>();
  const grant = (where: string, ...rules: Rule[]) =>
    byNamespace.set(where, [...(byNamespace.get(where) ?? []), ...rules]);

  grant(namespace, ...rootRules(model), {
    apiGroups: ['coordination.k8s.io'],
    resources: ['leases'],
    resourceNames: [names.objects.lease],
    verbs: ['create', ...read, ...write],
  });
  for (const meshed of names.meshNamespaces(model)) {
    grant(
      meshed,
      {
        apiGroups: [''],
        resources: ['configmaps'],
        resourceNames: [names.objects.trust],
        verbs: ['create', ...read, ...write],
      },
      // Of what happens to the objects of the namespace: an event stands beside the object that it is about.
      { apiGroups: ['events.k8s.io'], resources: ['events'], verbs: ['create', 'patch'] },
    );
  }
  for (const [where, secrets] of gatewaySecrets(model)) grant(where, readByName('secrets', secrets));
  for (const [where, configMaps] of trustedCas(model)) grant(where, readByName('configmaps', configMaps));
  for (const where of scaledNamespaces(model)) {
    grant(
      where,
      { apiGroups: ['apps'], resources: ['deployments', 'statefulsets'], verbs: ['get', 'list'] },
      { apiGroups: ['apps'], resources: ['deployments/scale', 'statefulsets/scale'], verbs: ['patch'] },
    );
  }
  return [
    ...pair(model, undefined, clusterRules),
    ...[...byNamespace].sort(([a], [b]) => order(a, b)).flatMap(([where, rules]) => pair(model, where, rules)),
  ];
}

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

const read = ['get', 'list', 'watch'];
const write = ['patch', 'update'];

const gatewayKinds = [
  'backendtlspolicies',
  'gatewayclasses',
  'gateways',
  'grpcroutes',
  'httproutes',
  'tcproutes',
  'tlsroutes',
];
const ownKinds = [
  'accesspolicies',
  'canaries',
  'edges',
  'externalservices',
  'meshes',
  'routefilters',
  'telemetries',
  'trafficpolicies',
];
const statusOf = (kinds: readonly string[]) => kinds.map((kind) => `${kind}/status`);

const clusterRules: readonly Rule[] = [
  // Nodes: the region of an endpoint stands on its node only. Service accounts: what calls and is not called is declared there.
  { apiGroups: [''], resources: ['namespaces', 'nodes', 'pods', 'serviceaccounts', 'services'], verbs: read },
  { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: read },
  { apiGroups: ['gateway.networking.k8s.io'], resources: [...gatewayKinds, 'referencegrants'], verbs: read },
  { apiGroups: ['gateway.networking.k8s.io'], resources: statusOf(gatewayKinds), verbs: write },
  { apiGroups: [names.apiGroup], resources: [...ownKinds, 'gatewayparameters'], verbs: read },
  { apiGroups: [names.apiGroup], resources: statusOf(ownKinds), verbs: write },
  // Who a proxy is, is asked of the API server: its token proves it.
  { apiGroups: ['authentication.k8s.io'], resources: ['tokenreviews'], verbs: ['create'] },
];

function rootRules({ mesh }: Model): readonly Rule[] {
  const { root } = mesh.certificates;
  if (root.kind === 'secret') return [readByName('secrets', [root.name])];
  if (root.kind === 'certManager') return [readByName('secrets', [names.objects.root])];
  return [
    {
      apiGroups: [''],
      resources: ['secrets'],
      resourceNames: [names.objects.root],
      verbs: ['create', ...read, ...write],
    },
  ];
}

function readByName(resource: string, objects: readonly string[]): Rule {
  return { apiGroups: [''], resources: [resource], resourceNames: [...new Set(objects)].sort(order), verbs: read };
}

function gatewaySecrets(model: Model): ReadonlyMap<string, readonly string[]> {
  const secrets = new Map<string, string[]>();
  for (const { namespace, listeners } of model.gateways) {
    for (const { tls } of listeners) {
      if (!tls) continue;
      secrets.set(namespace, [...(secrets.get(namespace) ?? []), tls.kind === 'secret' ? tls.name : tls.secret]);
    }
  }
  return secrets;
}

/** ConfigMaps with the certificates that external services are verified by. */
function trustedCas(model: Model): ReadonlyMap<string, readonly string[]> {
  const configMaps = new Map<string, string[]>();
  for (const { namespace, tls } of model.externalServices) {
    if (tls.kind !== 'originate' || tls.trustedCa === undefined) continue;
    configMaps.set(namespace, [...(configMaps.get(namespace) ?? []), tls.trustedCa]);
  }
  return configMaps;
}

/** Where a failed candidate is scaled down. Its workload is found by its pods, so it cannot be named here. */
function scaledNamespaces(model: Model): readonly string[] {
  const canaries = model.canaries.filter(({ onFailure }) => onFailure.scaleDown);
  return [...new Set(canaries.map(({ namespace }) => namespace))].sort(order);
}

/** A role and its binding, of the cluster or of a namespace. */
function pair(model: Model, namespace: string | undefined, rules: readonly Rule[]): readonly Manifest[] {
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  const kind = namespace === undefined ? 'ClusterRole' : 'Role';
  const name = names.objects.controlPlane;
  const metadata = {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    labels: systemLabels(model, 'control-plane'),
  };
  return [
    { apiVersion, kind, metadata, rules },
    {
      apiVersion,
      kind: `${kind}Binding`,
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name },
      subjects: [{ kind: 'ServiceAccount', name, namespace: model.mesh.namespace }],
    },
  ];
}
