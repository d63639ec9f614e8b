import type { Manifest } from '../kubernetes/manifest';
import { imageWorkload } from '../kubernetes/running';
import type { Labels, Port, Ref } from '../model';
import type { Declaration } from './declaration';
import { type PodProps, podTemplate, withPodLabels } from './pods';

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

/** The workload object of another version, with an image, a name and labels of its own. */
export function copyWorkload(
  declaration: Declaration,
  path: string,
  props: PodProps,
  shape: WorkloadShape,
  model: Manifest,
): Manifest {
  const renamed = withPodLabels(model, shape.labels);
  const template = podTemplate(renamed);
  const [first, ...others] = template?.spec.containers ?? [];
  const replicas = declaration.amount(`${path}replicas`, props.replicas);
  const spec = {
    ...template?.spec,
    containers: [{ ...first, image: declaration.text(`${path}image`, props.image ?? '') }, ...others],
  };
  return {
    ...renamed,
    metadata: {
      ...model.metadata,
      name: shape.ref.name,
      namespace: shape.ref.namespace,
      labels: { ...model.metadata.labels, ...shape.labels },
    },
    spec: {
      ...renamed.spec,
      ...(replicas === undefined ? {} : { replicas }),
      selector: { matchLabels: { ...model.spec?.selector?.matchLabels, ...shape.labels } },
      template: { ...template, spec },
    },
  };
}
