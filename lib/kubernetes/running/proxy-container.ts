import { names, type Resources } from '../../model';
import type { Container, ContainerPort, Volume } from './pod-template';
import { restrictedContainer, restrictedPod } from './restricted';

/** User of the proxy in pods: capture tells by it what the proxy itself sends, so no application may run as it. */
export const proxyUser = 15_000;

/** What differs from proxy to proxy; all else is the same for sidecars, gateways and shared proxies. */
export interface ProxyShape {
  readonly image: string;
  readonly resources: Resources;
  readonly concurrency: number;
  /** What the proxy is of, `namespace/name`: Envoy's `--service-cluster`. */
  readonly cluster: string;
  /** Seconds that a listener which is replaced has for what it is serving. */
  readonly drain: number;
  readonly ports?: readonly ContainerPort[];
  /** Key of the bootstrap ConfigMap. @default - that of sidecars */
  readonly bootstrap?: string;
}

const volumes = { files: 'meshwright', run: 'meshwright-run' } as const;

/** A stock Envoy. All that it knows on its own is its bootstrap; the rest comes from the control plane. */
export function proxyContainer(shape: ProxyShape): Container {
  return {
    name: names.objects.sidecar,
    image: shape.image,
    // Not the entry point of the image: it is a shell script that changes owners of files, which needs root.
    command: ['envoy'],
    args: [
      ...['--config-path', `${names.paths.configuration}/${shape.bootstrap ?? sidecarBootstrap}`],
      ...['--service-node', '$(POD_NAME).$(POD_NAMESPACE)'],
      ...['--service-cluster', shape.cluster],
      ...['--concurrency', String(shape.concurrency)],
      ...['--drain-time-s', String(shape.drain)],
      ...['--log-level', 'warning'],
      // Two Envoys never share a pod; hot restart would want shared memory for nothing.
      '--disable-hot-restart',
    ],
    env: [
      { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      { name: 'POD_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
    ],
    ports: [
      ...(shape.ports ?? []),
      { name: names.portNames.readiness, containerPort: names.ports.readiness, protocol: 'TCP' },
      { name: names.portNames.metrics, containerPort: names.ports.metrics, protocol: 'TCP' },
    ],
    resources: shape.resources,
    // Only the control plane delivers the listener of this port, so its first answer means: configured. A proxy that waits
    // for its control plane keeps trying by itself, so it is given ten minutes; each restart would only add back-off.
    startupProbe: { httpGet: ready, periodSeconds: 1, failureThreshold: 600 },
    readinessProbe: { httpGet: ready, periodSeconds: 5, failureThreshold: 3 },
    // No liveness probe: an Envoy that cannot go on exits, and one that is only slow must not be shot.
    securityContext: {
      runAsUser: proxyUser,
      runAsGroup: proxyUser,
      ...restrictedPod,
      ...restrictedContainer,
      readOnlyRootFilesystem: true,
    },
    volumeMounts: [
      { name: volumes.files, mountPath: names.paths.configuration, readOnly: true },
      { name: volumes.run, mountPath: names.paths.run },
    ],
  };
}

const ready = { path: names.paths.readiness, port: names.ports.readiness };

/** Keys of the bootstrap ConfigMap that Envoy starts with: of a sidecar, and of a proxy that stands by itself. */
export const sidecarBootstrap = 'envoy.json';
export const standaloneBootstrap = 'standalone.json';

/**
 * A sidecar reads an /etc/hosts of its own. The pod's leads the names of upstreams to this very sidecar (`hostAliases`),
 * and Envoy's resolver reads it: an external host would resolve to the proxy that asks.
 */
export const ownHosts = { name: volumes.files, mountPath: '/etc/hosts', subPath: 'hosts', readOnly: true };

/** One volume for all that is read: bootstrap, trust and token are swapped together and seen through one folder. */
export function proxyVolumes(): readonly Volume[] {
  return [
    {
      name: volumes.files,
      projected: {
        sources: [
          { configMap: { name: names.objects.bootstrap } },
          // Written by the control plane at run time. Not optional: a pod does not start before it can trust.
          { configMap: { name: names.objects.trust, items: [{ key: 'ca.crt', path: fileName(names.paths.trust) }] } },
          {
            // The kubelet renews it at 80 % of its life. An hour leaves twelve minutes for that, and bounds what a stolen
            // one is worth; Kubernetes allows no less than ten minutes.
            serviceAccountToken: {
              path: fileName(names.paths.token),
              audience: names.objects.audience,
              expirationSeconds: 3600,
            },
          },
        ],
      },
    },
    // Holds UNIX sockets only, which take no room; in memory because the root of the file system is read-only.
    { name: volumes.run, emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
  ];
}

export const proxyVolumeNames: readonly string[] = Object.values(volumes);

function fileName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
