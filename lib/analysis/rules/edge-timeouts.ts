import { edgeLocator, ruleSites } from '../parts';
import { Range, rangeFindings } from '../range';
import type { Rule } from '../rule';

const range = Range.duration(0);

/** https://gateway-api.sigs.k8s.io/geps/gep-2257/ */
export const edgeTimeouts: Rule = {
  code: 'MESH0334',
  level: 'error',
  summary: 'timeouts are durations that Gateway API can write',
  check: ({ model }) => [
    ...rangeFindings(`Mesh ${model.mesh.name}`, [['defaults.timeout', model.mesh.defaults.timeout, range]]),
    ...model.edges.flatMap((edge) =>
      edge.timeout === undefined ? [] : rangeFindings(edgeLocator(edge), [['timeout', edge.timeout, range]]),
    ),
    ...ruleSites(model).flatMap(({ at, label, rule }) => rangeFindings(at, [['timeout', rule.timeout, range]], label)),
  ],
};
