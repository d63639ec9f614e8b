import { Duration, defaults, type Retries } from '../../model';
import { retrySites } from '../parts';
import type { Rule } from '../rule';

export const retriesInTime: Rule = {
  code: 'MESH0329',
  level: 'warning',
  summary: 'all tries and the pauses between them fit into the time of the whole request',
  check: ({ model }) =>
    retrySites(model).flatMap(({ at, label, retries, timeout }) => {
      const { attempts, perTryTimeout } = retries;
      if (!perTryTimeout || !timeout || perTryTimeout > timeout || attempts < 1) return [];
      const tries = (attempts + 1) * perTryTimeout;
      const needed = tries + pauses(retries);
      if (needed <= timeout) return [];
      const sum = `${attempts + 1} tries of ${Duration.format(perTryTimeout)} and their pauses`;
      return {
        at,
        message: `${label}${sum} take up to ${Duration.format(needed)}, but the whole request has ${Duration.format(timeout)}: the last try is cut short`,
        fix: `set \`timeout\` to ${Duration.format(needed)}, or fewer \`retries.attempts\` or a shorter \`retries.perTryTimeout\``,
      };
    }),
};

/** The longest that the pauses can take: each is at most the base, which doubles up to the maximum. */
function pauses({ attempts, backoff }: Retries): number {
  const { base, max } = backoff ?? defaults.retryBackoff;
  let total = 0;
  let pause = base;
  for (let retry = 0; retry < Math.min(attempts, 1_000); retry++) {
    total += Math.min(pause, max);
    pause = Math.min(pause * 2, max);
  }
  return total;
}
