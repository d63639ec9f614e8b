import { Identity } from '../../model';
import { callerName, edgeLocator } from '../parts';
import type { Rule } from '../rule';

/** Both would be the same name and port in the caller's pods, and only one of them could answer. */
export const ambiguousHosts: Rule = {
  code: 'MESH0335',
  level: 'error',
  summary: 'a caller calls no host and port by two external services',
  check: (context) => {
    const seen = new Map<string, string>();
    return context.model.edges.flatMap((edge) => {
      const external = edge.to.kind === 'externalService' ? context.find.externalService(edge.to) : undefined;
      if (!external) return [];
      const host = `${external.host}:${external.port}`;
      const key = `${Identity.key(edge.from)} ${host}`;
      const name = `${external.namespace}/${external.name}`;
      const other = seen.get(key);
      seen.set(key, other ?? name);
      if (other === undefined || other === name) return [];
      return {
        at: edgeLocator(edge),
        message: `${callerName(context, edge)} calls ${host} as external service ${name} and as ${other}`,
        fix: 'declare the host once, and call that one',
      };
    });
  },
};
