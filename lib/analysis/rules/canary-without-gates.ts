import { locate } from '../../model';
import type { Rule } from '../rule';

export const canaryWithoutGates: Rule = {
  code: 'MESH0622',
  level: 'warning',
  summary: 'a canary has a gate that can stop it',
  check: ({ model }) =>
    model.canaries
      .filter(({ gates }) => gates.length === 0)
      .map((canary) => ({
        at: locate('Canary', canary),
        message: `no gate judges ${canary.candidate}: it takes over from ${canary.stable} however it behaves`,
        fix: 'give it `gates`, such as Gate.successRate({ atLeast: 99.5 })',
      })),
};
