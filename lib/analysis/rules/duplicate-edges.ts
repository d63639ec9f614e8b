import { Identity, Ref } from '../../model';
import { callerName, edgeLocator, shown } from '../parts';
import type { Rule } from '../rule';

export const duplicateEdges: Rule = {
  code: 'MESH0320',
  level: 'error',
  summary: 'a caller declares its calls of one port once',
  check: (context) => {
    const seen = new Set<string>();
    return context.model.edges.flatMap((edge) => {
      const key = `${Identity.key(edge.from)} ${edge.to.kind} ${Ref.key(edge.to)} ${edge.port}`;
      if (!seen.has(key)) {
        seen.add(key);
        return [];
      }
      const caller = callerName(context, edge);
      const callee = shown(edge.to, edge.from.namespace);
      return {
        at: edgeLocator(edge),
        message: `${caller} declares its calls of ${callee} on port ${edge.port} more than once`,
        fix: `join them: ${caller}.calls(${edge.to.name}, …) with all requests in one \`only\``,
      };
    });
  },
};
