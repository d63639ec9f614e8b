import { at, child, type Fields, fields, items, text } from './json';
import { namespaceOf, typeOf } from './objects';

/** A pod that an object describes: the pod itself, or the template of a workload. */
export interface PodTemplate {
  readonly owner: object;
  readonly namespace: string;
  readonly labels: Fields;
  readonly annotations: Fields;
  readonly spec: Fields;
  /** Where the pod's `spec` stands in the owner. */
  readonly path: string;
}

export interface Container {
  readonly fields: Fields;
  readonly name: string;
  readonly kind: 'containers' | 'initContainers' | 'ephemeralContainers';
  /** Where it stands in the owner. */
  readonly path: string;
  /** Whether it runs beside the application, not only before or for a moment: an init container that is restarted is a sidecar. */
  readonly staysUp: boolean;
}

/** The pod template of a workload of any kind; none when the object runs no pod. */
export function podTemplateOf(object: object): PodTemplate | undefined {
  const { group, kind } = typeOf(object);
  const path = templatePaths[`${group}/${kind}`];
  if (!path) return undefined;
  const template = at(object, ...path);
  return {
    owner: object,
    namespace: namespaceOf(object),
    labels: fields(at(template, 'metadata', 'labels')),
    annotations: fields(at(template, 'metadata', 'annotations')),
    spec: fields(at(template, 'spec')),
    path: [...path, 'spec'].join('.'),
  };
}

const templatePaths: { readonly [type: string]: readonly string[] } = {
  '/Pod': [],
  '/ReplicationController': ['spec', 'template'],
  'apps/Deployment': ['spec', 'template'],
  'apps/StatefulSet': ['spec', 'template'],
  'apps/DaemonSet': ['spec', 'template'],
  'apps/ReplicaSet': ['spec', 'template'],
  'batch/Job': ['spec', 'template'],
  'batch/CronJob': ['spec', 'jobTemplate', 'spec', 'template'],
};

/** Every container of a pod, of all three kinds. */
export function containersOf({ spec, path }: PodTemplate): Container[] {
  return (['initContainers', 'containers', 'ephemeralContainers'] as const).flatMap((kind) =>
    items(spec[kind]).map((container, index) => ({
      fields: fields(container),
      name: text(container, 'name'),
      kind,
      path: child(`${path}.${kind}`, index),
      staysUp: kind === 'containers' || text(container, 'restartPolicy') === 'Always',
    })),
  );
}

/** The names of the ports that containers which stay up declare. */
export function portNamesOf(template: PodTemplate): Set<string> {
  const ports = containersOf(template)
    .filter(({ staysUp }) => staysUp)
    .flatMap((container) => items(container.fields.ports));
  return new Set(ports.map((port) => text(port, 'name')).filter((name) => name !== ''));
}
