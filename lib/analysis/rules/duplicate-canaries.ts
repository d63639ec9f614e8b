import { canaryTarget, locate, Ref } from '../../model';
import type { Rule } from '../rule';

export const duplicateCanaries: Rule = {
  code: 'MESH0625',
  level: 'error',
  summary: 'a service has one canary at a time',
  check: ({ model }) => {
    const owners = new Map<string, string>();
    return model.canaries.flatMap((canary) => {
      const key = Ref.key(canaryTarget(canary));
      const other = owners.get(key);
      owners.set(key, other ?? canary.name);
      if (other === undefined || other === canary.name) return [];
      return {
        at: locate('Canary', canary),
        message: `canary ${canary.name} moves requests of ${canary.service}, and so does canary ${other}`,
        fix: 'leave one of them out until the other is done',
      };
    });
  },
};
