import { type Labels, names, type Port, type Resources } from '../../model';
import type { Manifest } from '../manifest';
import type { Container, PodTemplate } from './pod-template';
import { restrictedContainer, restrictedPod } from './restricted';

export interface ImageWorkloadOptions {
  readonly kind: 'Deployment' | 'StatefulSet' | 'Job' | 'CronJob';
  readonly namespace: string;
  readonly name: string;
  /** Of its pods, and what selects them. */
  readonly labels: Labels;
  readonly serviceAccountName: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: { readonly [name: string]: string };
  /** What the application listens on. */
  readonly ports: readonly Port[];
  /** Of a Job: pods that must succeed, all at one time. @default - Kubernetes' own: 1 */
  readonly replicas?: number;
  /** @default - 50m CPU and 64Mi memory are asked for, and memory is limited to 256Mi; CPU is never limited unasked */
  readonly resources?: Resources;
  /** Path that answers 2xx when the application is ready. @default - a connection is enough; gRPC's health service is asked */
  readonly readyPath?: string;
  /** When a CronJob runs. */
  readonly schedule?: string;
}

/** A workload object made from an image. It passes Pod Security `restricted`. */
export function imageWorkload(options: ImageWorkloadOptions): Manifest {
  const { kind, namespace, name, labels } = options;
  const metadata = { name, namespace, labels: { ...objectLabels(options), ...labels } };
  const selector = { matchLabels: labels };
  const replicas = options.replicas === undefined ? {} : { replicas: options.replicas };
  const template = templateFor(options);
  switch (kind) {
    case 'Deployment':
      return {
        apiVersion: 'apps/v1',
        kind,
        metadata,
        // A pod is taken away only when its successor is ready.
        spec: {
          ...replicas,
          selector,
          strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
          template,
        },
      };
    case 'StatefulSet':
      // Its pods have their names behind the Service of all versions.
      return {
        apiVersion: 'apps/v1',
        kind,
        metadata,
        spec: { ...replicas, serviceName: labels[names.keys.service] ?? name, selector, template },
      };
    case 'Job':
      return { apiVersion: 'batch/v1', kind, metadata, spec: jobSpec(options, template) };
    case 'CronJob':
      return {
        apiVersion: 'batch/v1',
        kind,
        metadata,
        spec: {
          schedule: options.schedule,
          // A run that is late must not meet the next one.
          concurrencyPolicy: 'Forbid',
          jobTemplate: { spec: jobSpec(options, template) },
        },
      };
  }
}

function objectLabels({ name, labels }: ImageWorkloadOptions): Labels {
  return { [names.keys.name]: labels[names.keys.service] ?? name, [names.keys.managedBy]: 'meshwright' };
}

function jobSpec({ replicas }: ImageWorkloadOptions, template: PodTemplate): object {
  return { ...(replicas === undefined ? {} : { parallelism: replicas, completions: replicas }), template };
}

function templateFor(options: ImageWorkloadOptions): PodTemplate {
  const { kind, labels, serviceAccountName } = options;
  const isJob = kind === 'Job' || kind === 'CronJob';
  return {
    metadata: { labels: { ...objectLabels(options), ...labels } },
    spec: {
      serviceAccountName,
      // The application gets no key to Kubernetes; the sidecar has a token of its own that is good only for the mesh.
      automountServiceAccountToken: false,
      securityContext: restrictedPod,
      ...(isJob ? { restartPolicy: 'OnFailure' } : { topologySpreadConstraints: spread(labels) }),
      containers: [containerFor(options, isJob)],
    },
  };
}

/** Over nodes, then zones, as far as there are any: it never keeps a pod from starting. */
export function spread(labels: Labels): readonly object[] {
  return ['kubernetes.io/hostname', 'topology.kubernetes.io/zone'].map((topologyKey) => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: { matchLabels: labels },
  }));
}

function containerFor(options: ImageWorkloadOptions, isJob: boolean): Container {
  const { image, command, args, env, ports } = options;
  return {
    name: options.labels[names.keys.service] ?? options.name,
    image,
    ...(command && { command }),
    ...(args && { args }),
    ...(env && { env: Object.entries(env).map(([name, value]) => ({ name, value })) }),
    ...(ports.length > 0 ? { ports: listened(ports) } : {}),
    resources: options.resources ?? {
      requests: { cpu: '50m', memory: '64Mi' },
      limits: { memory: '256Mi' },
    },
    ...(isJob ? {} : probes(options)),
    securityContext: restrictedContainer,
  };
}

/** Several ports of a Service may lead to one of the application. */
function listened(ports: readonly Port[]): Container['ports'] {
  const byTarget = new Map(
    [...ports]
      .sort((a, b) => b.port - a.port)
      .map((port) => [`${port.targetPort} ${port.protocol === 'udp' ? 'UDP' : 'TCP'}`, port]),
  );
  return [...byTarget.values()].reverse().map((port) => ({
    name: port.name,
    containerPort: port.targetPort,
    protocol: port.protocol === 'udp' ? 'UDP' : 'TCP',
  }));
}

/**
 * Probes go to the application's own port: the kubelet, which no NetworkPolicy keeps out, passes the sidecar by. There is
 * no liveness probe unless its author writes one: it would end a pod that is only slow.
 */
function probes({ ports, readyPath }: ImageWorkloadOptions): object {
  const probed = ports.filter(({ protocol }) => protocol !== 'udp').sort((a, b) => a.port - b.port);
  const web = readyPath === undefined ? undefined : probed.find(({ protocol }) => protocol === 'http');
  const [first] = probed;
  if (!first) return {};
  const handler = web
    ? { httpGet: { path: readyPath, port: web.targetPort } }
    : first.protocol === 'grpc'
      ? { grpc: { port: first.targetPort } }
      : { tcpSocket: { port: first.targetPort } };
  return {
    // Asked each second until it first answers, so that a pod is ready as soon as it can be, for five minutes at most.
    startupProbe: { ...handler, periodSeconds: 1, failureThreshold: 300 },
    readinessProbe: { ...handler, periodSeconds: 5, failureThreshold: 3 },
  };
}
