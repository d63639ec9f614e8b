import type { Manifest } from '../manifest';

/** The pod template of a workload object, wherever its kind keeps it, or the pod itself. */
export interface PodTemplate {
  readonly metadata?: {
    readonly labels?: { readonly [key: string]: string };
    readonly annotations?: { readonly [key: string]: string };
    readonly [field: string]: unknown;
  };
  readonly spec: PodSpec;
}

export interface PodSpec {
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly volumes?: readonly Volume[];
  readonly hostAliases?: readonly HostAlias[];
  readonly hostNetwork?: boolean;
  readonly serviceAccountName?: string;
  readonly terminationGracePeriodSeconds?: number;
  readonly securityContext?: PodSecurityContext;
  readonly [field: string]: unknown;
}

export interface Container {
  readonly name: string;
  readonly ports?: readonly ContainerPort[];
  readonly env?: readonly EnvVariable[];
  readonly securityContext?: ContainerSecurityContext;
  readonly [field: string]: unknown;
}

export interface ContainerPort {
  readonly name?: string;
  readonly containerPort: number;
  readonly protocol?: string;
}

export interface EnvVariable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: unknown;
}

export interface Volume {
  readonly name: string;
  readonly [source: string]: unknown;
}

export interface HostAlias {
  readonly ip: string;
  readonly hostnames?: readonly string[];
}

export interface PodSecurityContext {
  readonly runAsNonRoot?: boolean;
  readonly runAsUser?: number;
  readonly seccompProfile?: unknown;
  readonly sysctls?: readonly { readonly name: string; readonly value: string }[];
  readonly [field: string]: unknown;
}

export interface ContainerSecurityContext {
  readonly runAsNonRoot?: boolean;
  readonly runAsUser?: number;
  readonly privileged?: boolean;
  readonly allowPrivilegeEscalation?: boolean;
  readonly capabilities?: { readonly add?: readonly string[]; readonly drop?: readonly string[] };
  readonly [field: string]: unknown;
}

/** By the shape of the object, not by its kind: kinds of others (a Rollout, a CloneSet) keep their template there too. */
export function templateOf(manifest: Manifest): PodTemplate {
  const template = find(manifest);
  if (!Array.isArray(template?.spec?.containers)) {
    throw new Error(
      `${titleOf(manifest)} has no pod template; give a Pod, or an object with spec.template (Deployment, StatefulSet, DaemonSet, ReplicaSet, Job) or spec.jobTemplate (CronJob)`,
    );
  }
  return template;
}

/** A copy of the object with another template. */
export function withTemplate(manifest: Manifest, template: PodTemplate): Manifest {
  if (manifest.kind === 'Pod') {
    return { ...manifest, metadata: { ...manifest.metadata, ...template.metadata }, spec: template.spec };
  }
  if (manifest.spec?.jobTemplate) {
    const { jobTemplate } = manifest.spec;
    return {
      ...manifest,
      spec: { ...manifest.spec, jobTemplate: { ...jobTemplate, spec: { ...jobTemplate.spec, template } } },
    };
  }
  return { ...manifest, spec: { ...manifest.spec, template } };
}

/** `Deployment storefront/web`. */
export function titleOf({ kind, metadata }: Manifest): string {
  return `${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`;
}

function find(manifest: Manifest): PodTemplate {
  if (manifest.kind === 'Pod') {
    const { labels, annotations } = manifest.metadata;
    return { metadata: { ...(labels && { labels }), ...(annotations && { annotations }) }, spec: manifest.spec };
  }
  return manifest.spec?.jobTemplate?.spec?.template ?? manifest.spec?.template;
}
