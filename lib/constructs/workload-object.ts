import type { Manifest } from '../kubernetes/manifest';
import { imageWorkload } from '../kubernetes/running';
import type { Labels, Port, Ref } from '../model';
import type { Declaration } from './declaration';
import { type PodProps, podTemplate } from './pods';

/** What a workload object is for, beside what its author says of it. */
export interface WorkloadShape {
  readonly kind: 'Deployment' | 'StatefulSet' | 'Job' | 'CronJob';
  readonly ref: Ref;
  readonly labels: Labels;
  readonly serviceAccount: string;
  readonly ports: readonly Port[];
  readonly schedule?: string;
}

/** The workload object of an image. */
export function makeWorkload(declaration: Declaration, path: string, props: PodProps, shape: WorkloadShape): Manifest {
  const texts = (property: string, values: PodProps['command']) =>
    values?.map((value, index) => declaration.text(`${path}${property}.${index}`, value));
  return imageWorkload({
    kind: shape.kind,
    namespace: shape.ref.namespace,
    name: shape.ref.name,
    labels: shape.labels,
    serviceAccountName: shape.serviceAccount,
    image: declaration.text(`${path}image`, props.image ?? ''),
    command: texts('command', props.command),
    args: texts('args', props.args),
    env: declaration.texts(`${path}env`, props.env),
    ports: shape.ports,
    replicas: declaration.amount(`${path}replicas`, props.replicas),
    resources: props.resources,
    readyPath: props.readyPath,
    schedule: shape.schedule,
  });
}

/**
 * The workload object of another version, with an image, a name and labels of its own. The labels by which the other one
 * knows its pods are left out: two workload objects must not select the same pods.
 */
export function copyWorkload(
  declaration: Declaration,
  path: string,
  props: PodProps,
  shape: WorkloadShape,
  model: Manifest,
): Manifest {
  const template = podTemplate(model);
  const [first, ...others] = template?.spec.containers ?? [];
  const replicas = declaration.amount(`${path}replicas`, props.replicas);
  const containers = [{ ...first, image: declaration.text(`${path}image`, props.image ?? '') }, ...others];
  const without = Object.keys(model.spec?.selector?.matchLabels ?? {});
  const labels = (given: Labels | undefined): Labels => ({
    ...Object.fromEntries(Object.entries(given ?? {}).filter(([key]) => !without.includes(key))),
    ...shape.labels,
  });
  return {
    ...model,
    metadata: { ...model.metadata, ...shape.ref, labels: labels(model.metadata.labels) },
    spec: {
      ...model.spec,
      ...(replicas === undefined ? {} : { replicas }),
      selector: { matchLabels: shape.labels },
      template: {
        ...template,
        metadata: { ...template?.metadata, labels: labels(template?.metadata?.labels) },
        spec: { ...template?.spec, containers },
      },
    },
  };
}
