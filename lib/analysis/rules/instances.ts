import { locate } from '../../model';
import { Range, rangeFindings } from '../range';
import type { Finding, Rule } from '../rule';

/** https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#stable-network-id */
export const instances: Rule = {
  code: 'MESH0225',
  level: 'error',
  summary: 'instances that are called by name are those of a headless service',
  check: ({ model }) =>
    model.services.flatMap((service): readonly Finding[] => {
      if (!service.instances) return [];
      const at = locate('Service', service);
      const { statefulSet, replicas } = service.instances;
      return [
        ...(service.headless
          ? []
          : [
              {
                at,
                message: `the pods of StatefulSet ${statefulSet} have names of their own only behind a headless service, and ${service.name} is none`,
                fix: 'set `headless` to true',
              },
            ]),
        ...rangeFindings(at, [['replicas', replicas, Range.whole(0)]]),
      ];
    }),
};
