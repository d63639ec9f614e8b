import { locate } from '../../model';
import type { Rule } from '../rule';

export const duplicatePolicies: Rule = {
  code: 'MESH0522',
  level: 'error',
  summary: 'a service, or a port of it, has one traffic policy',
  check: ({ model }) => {
    const owners = new Map<string, string>();
    return model.trafficPolicies.flatMap((policy) => {
      const target = `${policy.namespace}/${policy.service} ${policy.port ?? ''}`;
      const other = owners.get(target);
      owners.set(target, other ?? policy.name);
      if (other === undefined || other === policy.name) return [];
      return {
        at: locate('TrafficPolicy', policy),
        message: `policy ${policy.name} is about ${policy.port === undefined ? 'all ports' : `port ${policy.port}`} of ${policy.service}, and so is policy ${other}`,
        fix: 'join the two, or let one name another `port`',
      };
    });
  },
};
