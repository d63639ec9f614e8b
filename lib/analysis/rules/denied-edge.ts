import { Identity } from '../../model';
import { denialsOf } from '../denial';
import { callerName, edgeLocator } from '../parts';
import type { Rule } from '../rule';

/** A deny beats every allow, so the call could never succeed. */
export const deniedEdge: Rule = {
  code: 'MESH0325',
  level: 'error',
  summary: 'no declared call is denied by a policy of the service it calls',
  check: (context) =>
    context.model.services.flatMap((service) => {
      const denial = denialsOf(context, service);
      if (!denial) return [];
      return context.find.edgesTo('service', service).flatMap((edge) => {
        const policy = denial.by(edge.from, edge.port, edge.only);
        if (!policy) return [];
        const caller = callerName(context, edge);
        return {
          at: edgeLocator(edge),
          message: `${caller} calls ${service.name} on port ${edge.port}, but access policy ${policy.namespace}/${policy.name} denies it to ${Identity.key(edge.from)}`,
          fix: `take ${caller} out of the deny rule of ${policy.name}, or take the call away`,
        };
      });
    }),
};
