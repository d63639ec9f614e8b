import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import type { Manifest } from '../kubernetes/manifest';
import type { Labels, LocalProcess, Resources, Value } from '../model';
import type { Declaration, ValueMap } from './declaration';

/** How the pods of a service or workload come to be: from an image, or from an object that exists already. */
export interface PodProps {
  /**
   * Container image; a workload object is made for it.
   * @default - no pods are made: a `deployment`, versions or manifests bring them
   */
  readonly image?: Value<string>;
  /**
   * A Deployment, StatefulSet or DaemonSet (of cdk8s-plus, or any object of that kind) that is adapted in place.
   * @default - none
   */
  readonly deployment?: Construct;
  /**
   * How it runs on a developer's machine: a command, which listens where the variable `PORT` says.
   * @default - an echo server stands in
   */
  readonly local?: LocalProcess | readonly string[];
  /**
   * Number of pods made from the image.
   * @default 1
   */
  readonly replicas?: Value<number>;
  /**
   * Command of the image.
   * @default - the image's own
   */
  readonly command?: readonly Value<string>[];
  /**
   * Arguments of the command.
   * @default - the image's own
   */
  readonly args?: readonly Value<string>[];
  /**
   * Environment variables of the image.
   * @default - none
   */
  readonly env?: ValueMap;
  /**
   * What the container asks for and may use.
   * @default - 50m CPU and 64Mi memory are asked for, and memory is limited to 256Mi
   */
  readonly resources?: Resources;
  /**
   * Path that answers 2xx when the application is ready, on its first HTTP port.
   * @default - a connection to its first port is enough; for gRPC, its health service is asked
   */
  readonly readyPath?: string;
}

/** The pod template of a workload object, wherever its kind keeps it. */
export function podTemplate(manifest: Manifest): PodTemplate | undefined {
  if (manifest.kind === 'Pod') return { metadata: manifest.metadata, spec: manifest.spec };
  const template = manifest.kind === 'CronJob' ? manifest.spec?.jobTemplate?.spec?.template : manifest.spec?.template;
  return template?.spec ? template : undefined;
}

export interface PodTemplate {
  readonly metadata?: { readonly labels?: Labels };
  readonly spec: {
    readonly serviceAccountName?: string;
    readonly containers?: readonly {
      readonly name?: string;
      readonly ports?: readonly {
        readonly name?: string;
        readonly containerPort: number;
        readonly protocol?: string;
      }[];
    }[];
  };
}

/** Adds labels to the pods of a workload object. */
export function withPodLabels(manifest: Manifest, labels: Labels): Manifest {
  const labelled = (template: PodTemplate) => ({
    ...template,
    metadata: { ...template.metadata, labels: { ...template.metadata?.labels, ...labels } },
  });
  if (manifest.kind === 'Pod') {
    return { ...manifest, metadata: { ...manifest.metadata, labels: { ...manifest.metadata.labels, ...labels } } };
  }
  if (manifest.kind === 'CronJob') {
    const { jobTemplate } = manifest.spec;
    const spec = { ...jobTemplate.spec, template: labelled(jobTemplate.spec.template) };
    return { ...manifest, spec: { ...manifest.spec, jobTemplate: { ...jobTemplate, spec } } };
  }
  return { ...manifest, spec: { ...manifest.spec, template: labelled(manifest.spec.template) } };
}

/** The Kubernetes object that a construct stands for: itself, or its default child (as of cdk8s-plus). */
export function apiObjectOf(construct: Construct): ApiObject {
  return ApiObject.of(construct);
}

/** Objects that were adapted, as their authors declared them. */
const adapted = new WeakMap<ApiObject, Manifest>();
let read = new WeakMap<ApiObject, Manifest>();

/** An object as its author declared it, whatever was made of it since. */
export function original(apiObject: ApiObject): Manifest {
  const known = adapted.get(apiObject) ?? read.get(apiObject);
  if (known) return known;
  const manifest = apiObject.toJson() as Manifest;
  read.set(apiObject, manifest);
  return manifest;
}

/** Objects may have changed since they were read: a synthesis reads them once, and from the start. */
export function readAnew(): void {
  read = new WeakMap();
}

/**
 * Puts another manifest in the place of an object's own. Not by a JSON patch: objects of cdk8s-plus map what is patched
 * through the Kubernetes types they were made for, and lose quantities and newer fields on the way.
 */
export function adapt(apiObject: ApiObject, manifest: Manifest): void {
  adapted.set(apiObject, original(apiObject));
  apiObject.toJson = () => manifest;
}

/** True when every label of the selector is among the labels. */
export function selects(selector: Labels, labels: Labels | undefined): boolean {
  return Object.entries(selector).every(([key, value]) => labels?.[key] === value);
}

export function toLocal(declaration: Declaration, local: PodProps['local']): LocalProcess | undefined {
  if (local === undefined) return undefined;
  const run: LocalProcess = isCommand(local) ? { command: [...local] } : local;
  if (run.command.length === 0) {
    declaration.mistake(
      'MESH0005',
      '`local` has an empty command',
      'give the program and its arguments, or leave `local` out',
    );
  }
  return run;
}

function isCommand(local: LocalProcess | readonly string[]): local is readonly string[] {
  return Array.isArray(local);
}
