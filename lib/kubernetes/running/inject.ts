import { lookup, type Member, type Model, names, type Service, upstreamsOf, type Workload } from '../../model';
import type { Manifest } from '../manifest';
import { captureContainer } from './capture';
import { edgeVariables, serviceVariables, withMissingVariables, withVariables } from './edge-env';
import { hostAliases } from './host-aliases';
import { drainTimes } from './longest-request';
import {
  type Container,
  type ContainerPort,
  type PodSpec,
  type PodTemplate,
  templateOf,
  withTemplate,
} from './pod-template';
import { ownHosts, proxyContainer, proxyVolumeNames, proxyVolumes } from './proxy-container';
import { withRestricted } from './restricted';
import { captureOf, inboundPortsOf, runnerOf } from './runner';

export interface InjectOptions {
  /** Of the namespace's bootstrap ConfigMap. */
  readonly bootstrapHash: string;
}

/**
 * Puts the sidecar into the pods of a workload object: a native sidecar container, what leads traffic to it, and what the
 * pod needs to pass Pod Security `restricted`. Applied again it changes nothing. Pods behind a shared proxy have no
 * sidecar: their object is returned as it is.
 */
export function inject(model: Model, member: Member, manifest: Manifest, options: InjectOptions): Manifest {
  const runner = runnerOf(model, member);
  if (member.kind === 'service' && lookup(model).sharedProxy(member)) return manifest;
  const template = templateOf(manifest);
  return withTemplate(manifest, {
    ...template,
    metadata: metadataOf(model, member, runner, template, options),
    spec: specOf(model, runner, withoutOwn(template.spec)),
  });
}

function metadataOf(
  model: Model,
  member: Member,
  runner: Service | Workload,
  { metadata }: PodTemplate,
  options: InjectOptions,
): PodTemplate['metadata'] {
  const inbound = [...applicationPorts(runner)].map(([application, own]) => `${application}:${own}`);
  return {
    ...metadata,
    labels: {
      ...metadata?.labels,
      [names.keys.mesh]: model.mesh.name,
      [names.keys.service]: member.name,
      ...(member.kind === 'service' && member.version !== undefined ? { [names.keys.version]: member.version } : {}),
    },
    annotations: {
      ...metadata?.annotations,
      ...(inbound.length > 0 ? { [names.keys.inboundPorts]: inbound.join(',') } : {}),
      [names.keys.bootstrap]: options.bootstrapHash,
    },
  };
}

function specOf(model: Model, runner: Service | Workload, given: PodSpec): PodSpec {
  const capture = captureOf(model, runner);
  const edges = lookup(model).edgesFrom(runner);
  const drain = drainTimes(model).of(runner, 'ports' in runner ? runner : undefined);
  const spec = withRestricted(given);
  const byName = capture.kind === 'names';
  const variables = { said: edgeVariables(model, edges), unsaid: byName ? serviceVariables(model, edges) : [] };
  const { serviceAccount: _alias, ...rest } = spec;
  const aliases =
    capture.kind === 'names' ? hostAliases(spec.hostAliases ?? [], upstreamsOf(model, runner)) : spec.hostAliases;
  return {
    ...rest,
    ...withLowPorts(spec, capture.kind === 'names' ? edges.map((edge) => edge.at ?? edge.port) : []),
    ...(aliases && aliases.length > 0 ? { hostAliases: aliases } : {}),
    serviceAccountName: runner.serviceAccount,
    // Kubernetes' own variables would lead past the sidecar; those of the pod's upstreams are set below.
    ...(byName && spec.enableServiceLinks === undefined ? { enableServiceLinks: false } : {}),
    ...gracePeriod(spec, drain),
    initContainers: [
      ...(capture.kind === 'transparent' ? [captureContainer(capture, spec)] : []),
      // First of those that stay, so that init containers of the application can call through it.
      sidecar(model, runner, drain),
      ...(spec.initContainers ?? []).map((container) => withEnv(container, variables)),
    ],
    containers: spec.containers.map((container, index) => {
      const named = index === 0 ? withInboundPorts(container, runner) : container;
      return withEnv(named, variables);
    }),
    volumes: [...(spec.volumes ?? []), ...proxyVolumes()],
  };
}

/** What an earlier run has put in is taken out, so that it is never there twice; env and labels are replaced in place. */
function withoutOwn(spec: PodSpec): PodSpec {
  const own: readonly string[] = [names.objects.sidecar, names.objects.captureInit];
  const { initContainers, volumes, ...rest } = spec;
  const others = initContainers?.filter(({ name }) => !own.includes(name)) ?? [];
  const otherVolumes = volumes?.filter(({ name }) => !proxyVolumeNames.includes(name)) ?? [];
  return {
    ...rest,
    ...(others.length > 0 ? { initContainers: others } : {}),
    ...(otherVolumes.length > 0 ? { volumes: otherVolumes } : {}),
  };
}

function sidecar(model: Model, runner: Service | Workload, drain: number): Container {
  const { image, resources, concurrency } = model.mesh.proxy;
  const container = proxyContainer({
    image,
    resources,
    concurrency,
    cluster: `${runner.namespace}/${runner.name}`,
    drain,
  });
  // A native sidecar (https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/): it is ready before the
  // application starts, ends after it, and does not keep a Job from completing.
  const { name, ...others } = container;
  return {
    name,
    restartPolicy: 'Always',
    ...others,
    volumeMounts: [...(container.volumeMounts as readonly object[]), ownHosts],
  };
}

function applicationPorts(runner: Service | Workload): ReadonlyMap<number, number> {
  return 'ports' in runner ? inboundPortsOf(runner) : new Map();
}

/**
 * The sidecar's inbound ports, by the names that Services refer to. They stand on an application container: Kubernetes 1.29
 * and 1.30 do not look up a Service's named target port among init containers, and the network of a pod is one for all.
 */
function withInboundPorts(container: Container, runner: Service | Workload): Container {
  const inbound = [...applicationPorts(runner)].map(
    ([application, own]): ContainerPort => ({
      name: names.inboundPortName(application),
      containerPort: own,
      protocol: 'TCP',
    }),
  );
  const given = (container.ports ?? []).filter(({ containerPort }) => !isReserved(containerPort));
  const ports = [...given, ...inbound];
  return ports.length === 0 && !container.ports ? container : { ...container, ports };
}

function isReserved(port: number): boolean {
  return port >= names.ports.reserved.first && port <= names.ports.reserved.last;
}

function withEnv(container: Container, { said, unsaid }: Variables): Container {
  if (said.length + unsaid.length === 0) return container;
  return { ...container, env: withMissingVariables(withVariables(container.env ?? [], said), unsaid) };
}

/** Variables that edges name, and those that Kubernetes would set by itself. */
interface Variables {
  readonly said: ReturnType<typeof edgeVariables>;
  readonly unsaid: ReturnType<typeof serviceVariables>;
}

/**
 * Lets the sidecar listen on ports below 1024 as the ordinary user it is. The sysctl is one of the safe ones that
 * `restricted` allows; it is of the pod's own network, so a pod on the host's has none.
 */
function withLowPorts(spec: PodSpec, ports: readonly number[]): Pick<PodSpec, 'securityContext'> {
  const given = spec.securityContext?.sysctls ?? [];
  const needed = ports.some((port) => port > 0 && port < 1024) && spec.hostNetwork !== true;
  if (!needed || given.some(({ name }) => name === lowPorts.name)) return {};
  return { securityContext: { ...spec.securityContext, sysctls: [...given, lowPorts] } };
}

export const lowPorts = { name: 'net.ipv4.ip_unprivileged_port_start', value: '0' } as const;

/** Kubernetes' own default of 30 seconds counts as said: the time is raised, never lowered. */
function gracePeriod(spec: PodSpec, drain: number): Pick<PodSpec, 'terminationGracePeriodSeconds'> {
  const given = spec.terminationGracePeriodSeconds;
  return drain > (given ?? 30) ? { terminationGracePeriodSeconds: drain } : {};
}
