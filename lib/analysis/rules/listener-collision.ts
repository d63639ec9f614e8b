import { Ref } from '../../model';
import { calleeName, callersByNames, listenerPort } from '../listeners';
import { edgeLocator } from '../parts';
import type { Rule } from '../rule';

/** A port given with `at` belongs to one edge alone; without it, each callee has an address of its own. */
export const listenerCollision: Rule = {
  code: 'MESH0323',
  level: 'error',
  summary: 'no two calls of a caller are given the same port of its sidecar with `at`',
  check: (context) =>
    callersByNames(context).flatMap(({ name, edges }) => {
      const byAt = new Map<number, string>();
      const byAddress = new Map<string, string>();
      for (const edge of edges) {
        if (edge.at === undefined) byAddress.set(`${Ref.key(edge.to)} ${edge.port}`, calleeName(edge));
      }
      return edges.flatMap((edge) => {
        if (edge.at === undefined) return [];
        const callee = calleeName(edge);
        const other = byAt.get(edge.at) ?? byAddress.get(`${Ref.key(edge.to)} ${edge.at}`);
        byAt.set(edge.at, callee);
        if (other === undefined) return [];
        return {
          at: edgeLocator(edge),
          message: `\`at\` of the call of ${callee} on port ${edge.port} is ${listenerPort(edge)}, where the sidecar of ${name} already listens for ${other}`,
          fix: 'give each call a port of its own with `at`',
        };
      });
    }),
};
