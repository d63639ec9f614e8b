import { Duration } from '../../model';
import { retrySites } from '../parts';
import type { Rule } from '../rule';

export const tryTimeout: Rule = {
  code: 'MESH0328',
  level: 'error',
  summary: 'one try has no more time than the whole request',
  check: ({ model }) =>
    retrySites(model).flatMap(({ at, label, retries, timeout }) => {
      const { perTryTimeout } = retries;
      if (!perTryTimeout || !timeout || perTryTimeout <= timeout) return [];
      return {
        at,
        message: `${label}retries.perTryTimeout is ${Duration.format(perTryTimeout)}, longer than the ${Duration.format(timeout)} of the whole request`,
        fix: `set \`retries.perTryTimeout\` to at most ${Duration.format(timeout)}, or \`timeout\` to more`,
      };
    }),
};
