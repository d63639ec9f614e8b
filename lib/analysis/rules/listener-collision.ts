import type { Edge } from '../../model';
import { calleeAddress, calleeName, callersByNames, listenerPort } from '../listeners';
import { edgeLocator } from '../parts';
import type { Rule } from '../rule';

/** Each upstream has a loopback address of its own in the pods of a caller, so only calls of one upstream can meet. */
export const listenerCollision: Rule = {
  code: 'MESH0323',
  level: 'error',
  summary: 'no two calls of a caller are served at one address and port of its sidecar',
  check: (context) =>
    callersByNames(context).flatMap(({ name, edges }) => {
      const served = new Map<string, Edge>();
      // What is served where it would be anyway comes first: `at` is what can be chosen otherwise.
      const ordered = [...edges].sort((a, b) => Number(a.at !== undefined) - Number(b.at !== undefined));
      return ordered.flatMap((edge) => {
        const key = `${calleeAddress(context, edge)} ${listenerPort(edge)}`;
        const other = served.get(key);
        served.set(key, other ?? edge);
        if (other === undefined || edge.at === undefined) return [];
        return {
          at: edgeLocator(edge),
          message: `\`at\` of the call of ${calleeName(edge)} on port ${edge.port} is ${edge.at}, where the sidecar of ${name} listens for the call of ${calleeName(other)} on port ${other.port}`,
          fix: 'give each of the two a port of its own with `at`',
        };
      });
    }),
};
