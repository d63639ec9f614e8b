import { edgeLocator, ruleSites } from '../parts';
import { Range, rangeFindings } from '../range';
import type { Rule } from '../rule';

/** https://gateway-api.sigs.k8s.io/geps/gep-2257/ */
export const edgeTimeouts: Rule = {
  code: 'MESH0334',
  level: 'error',
  summary: 'timeouts are durations that Gateway API can write',
  check: ({ model }) => [
    ...rangeFindings(`Mesh ${model.mesh.name}`, [['defaults.timeout', model.mesh.defaults.timeout, Range.duration(0)]]),
    ...model.edges.flatMap((edge) => rangeFindings(edgeLocator(edge), [['timeout', edge.timeout, Range.duration(0)]])),
    ...ruleSites(model).flatMap(({ at, label, rule }) =>
      rangeFindings(at, [[`${label}timeout`, rule.timeout, Range.duration(0)]]),
    ),
  ],
};
