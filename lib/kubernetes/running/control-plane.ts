import { Duration, type Model, names } from '../../model';
import type { Manifest } from '../manifest';
import { controlPlaneRoles } from './control-plane-rbac';
import { systemLabels } from './labels';
import { anyPodOfMesh, prometheus } from './network-peers';
import type { ContainerPort } from './pod-template';
import { restrictedContainer, restrictedPod } from './restricted';
import { spread } from './workload';

/** Labels that select the pods of the control plane. */
export const controlPlaneSelector = {
  [names.keys.component]: 'control-plane',
  [names.keys.partOf]: 'meshwright',
} as const;

/** The control plane: equal replicas that serve configuration and certificates to the proxies, and what they may do. */
export function controlPlane(model: Model): readonly Manifest[] {
  const metadata = {
    name: names.objects.controlPlane,
    namespace: model.mesh.namespace,
    labels: systemLabels(model, 'control-plane'),
  };
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    ...controlPlaneRoles(model),
    ...rootCertificate(model),
    deployment(model, metadata),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: {
        selector: controlPlaneSelector,
        ports: ports.map(({ name, containerPort }) => ({
          name,
          port: containerPort,
          protocol: 'TCP',
          targetPort: name,
        })),
      },
    },
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata,
      // A replica that is broken anyway may go: it must not hold up the drain of its node.
      spec: {
        maxUnavailable: 1,
        unhealthyPodEvictionPolicy: 'AlwaysAllow',
        selector: { matchLabels: controlPlaneSelector },
      },
    },
    ...networkPolicy(model, metadata),
  ];
}

/** Names of the control plane's ports, in its pods and its Service. */
export const controlPlanePorts = { xds: 'xds', admin: 'http-admin' } as const;

const ports: readonly (ContainerPort & { readonly name: string })[] = [
  { name: controlPlanePorts.xds, containerPort: names.ports.xds, protocol: 'TCP' },
  { name: controlPlanePorts.admin, containerPort: names.ports.controlPlaneAdmin, protocol: 'TCP' },
];

function deployment({ mesh }: Model, metadata: Manifest['metadata']): Manifest {
  const { image, replicas, resources } = mesh.controlPlane;
  const probe = (path: string) => ({ httpGet: { path, port: names.ports.controlPlaneAdmin } });
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: {
      replicas,
      selector: { matchLabels: controlPlaneSelector },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      template: {
        // Without the label of the mesh's pods: it has no sidecar, and is not admitted where those are.
        metadata: { labels: controlPlaneSelector },
        spec: {
          serviceAccountName: metadata.name,
          securityContext: { ...restrictedPod, runAsUser: 65_532, runAsGroup: 65_532 },
          topologySpreadConstraints: spread(controlPlaneSelector),
          containers: [
            {
              name: 'control-plane',
              image,
              // All else it reads from the cluster: the Mesh object of this name and what belongs to it.
              args: ['--mesh', mesh.name],
              env: [
                { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
                { name: 'POD_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
              ],
              ports,
              resources,
              // Ready once it has read the cluster and can sign; proxies then ask this replica.
              startupProbe: { ...probe('/readyz'), periodSeconds: 1, failureThreshold: 300 },
              readinessProbe: { ...probe('/readyz'), periodSeconds: 5, failureThreshold: 3 },
              livenessProbe: { ...probe('/healthz'), periodSeconds: 10, failureThreshold: 6 },
              // Nothing is written to disk: keys are in memory and in their Secret.
              securityContext: { ...restrictedContainer, readOnlyRootFilesystem: true },
            },
          ],
        },
      },
    },
  };
}

/** An intermediate certificate that an issuer of cert-manager keeps in the Secret of the root. */
function rootCertificate(model: Model): readonly Manifest[] {
  const { root } = model.mesh.certificates;
  if (root.kind !== 'certManager') return [];
  const { name, kind, group = 'cert-manager.io' } = root.issuer;
  return [
    {
      apiVersion: 'cert-manager.io/v1',
      kind: 'Certificate',
      metadata: {
        name: names.objects.root,
        namespace: model.mesh.namespace,
        labels: systemLabels(model, 'control-plane'),
      },
      spec: {
        secretName: names.objects.root,
        commonName: model.mesh.trustDomain.slice(0, 64),
        isCA: true,
        duration: Duration.format(root.lifetime),
        privateKey: { algorithm: 'ECDSA', size: 256, rotationPolicy: 'Always' },
        usages: ['cert sign', 'crl sign'],
        issuerRef: { name, kind, group },
      },
    },
  ];
}

/**
 * Proxies may reach xDS, a Prometheus the metrics. What it reaches itself is not narrowed: the address of the API server is
 * known to no manifest, and gates of canaries ask whatever URL they name.
 */
function networkPolicy({ mesh }: Model, metadata: Manifest['metadata']): readonly Manifest[] {
  if (mesh.networkPolicies === 'none') return [];
  return [
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata,
      spec: {
        podSelector: { matchLabels: controlPlaneSelector },
        policyTypes: ['Ingress'],
        ingress: [
          { from: [anyPodOfMesh(mesh.name)], ports: [{ port: names.ports.xds, protocol: 'TCP' }] },
          { from: [prometheus], ports: [{ port: names.ports.controlPlaneAdmin, protocol: 'TCP' }] },
        ],
      },
    },
  ];
}
