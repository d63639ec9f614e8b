import * as k8s from '@pulumi/kubernetes';
import type * as pulumi from '@pulumi/pulumi';

/** The class of an object's kind: one of `@pulumi/kubernetes`, or its CustomResource for kinds that a definition brings. */
export function resourceClass(manifest: { readonly apiVersion: string; readonly kind: string }): KubernetesResource {
  const [version = '', group = ''] = manifest.apiVersion.split('/').reverse();
  const classes = groups[group]?.[version];
  const found = classes?.[manifest.kind as keyof typeof classes] as KubernetesResource | undefined;
  return found ?? (k8s.apiextensions.CustomResource as unknown as KubernetesResource);
}

export type KubernetesResource = new (
  name: string,
  inputs: KubernetesResource.Inputs,
  opts: pulumi.CustomResourceOptions,
) => pulumi.CustomResource;

export namespace KubernetesResource {
  /** An object in which any value may be an Output. */
  export interface Inputs {
    readonly [field: string]: unknown;
  }
}

/** Modules of `@pulumi/kubernetes` by API group. A group is not guessed from its name: `apps.example.com` is not `apps`. */
const groups: { readonly [group: string]: { readonly [version: string]: object } | undefined } = {
  '': modules(k8s.core),
  'admissionregistration.k8s.io': modules(k8s.admissionregistration),
  'apiextensions.k8s.io': modules(k8s.apiextensions),
  'apiregistration.k8s.io': modules(k8s.apiregistration),
  apps: modules(k8s.apps),
  autoscaling: modules(k8s.autoscaling),
  batch: modules(k8s.batch),
  'certificates.k8s.io': modules(k8s.certificates),
  'coordination.k8s.io': modules(k8s.coordination),
  'discovery.k8s.io': modules(k8s.discovery),
  'flowcontrol.apiserver.k8s.io': modules(k8s.flowcontrol),
  'networking.k8s.io': modules(k8s.networking),
  'node.k8s.io': modules(k8s.node),
  policy: modules(k8s.policy),
  'rbac.authorization.k8s.io': modules(k8s.rbac),
  'resource.k8s.io': modules(k8s.resource),
  'scheduling.k8s.io': modules(k8s.scheduling),
  'storage.k8s.io': modules(k8s.storage),
};

function modules(group: object): { readonly [version: string]: object } {
  return group as { readonly [version: string]: object };
}
