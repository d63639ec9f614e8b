import { type Labels, type Locator, locate } from '../../model';
import { labelKey, labelValue } from '../form';
import type { Rule } from '../rule';

export const labels: Rule = {
  code: 'MESH0227',
  level: 'error',
  summary: 'labels are ones that Kubernetes takes',
  check: ({ model }) => {
    const all: readonly (readonly [Locator, Labels])[] = [
      ...model.services.flatMap((service) =>
        [service, ...service.versions].map(({ selector }) => [locate('Service', service), selector] as const),
      ),
      ...model.workloads.map((workload) => [locate('Workload', workload), workload.selector] as const),
    ];
    return all.flatMap(([at, selector]) =>
      Object.entries(selector).flatMap(([key, value]) => {
        const refusal = labelKey(key) ?? labelValue(value);
        if (refusal === undefined) return [];
        return {
          at,
          message: `the label ${JSON.stringify(key)}: ${JSON.stringify(value)} is refused by Kubernetes: ${refusal}`,
          fix: 'choose another label for the pods and their `selector`',
        };
      }),
    );
  },
};
