import { type CanaryStrategy, locate } from '../../model';
import { Range, type RangeCheck, rangeFindings } from '../range';
import type { Finding, Rule } from '../rule';

export const canarySteps: Rule = {
  code: 'MESH0621',
  level: 'error',
  summary: 'the steps of a canary ascend from 1 to 99 percent, and each lasts a while',
  check: ({ model }) =>
    model.canaries.flatMap((canary) => {
      const at = locate('Canary', canary);
      const mirror = 'mirror' in canary.strategy ? canary.strategy.mirror : undefined;
      const checks: readonly RangeCheck[] = [
        ['interval', canary.strategy.interval, Range.duration(1_000)],
        ['giveUpAfter', canary.giveUpAfter, Range.duration(1_000)],
        ['onFailure.after', canary.onFailure.after, Range.whole(0)],
        ['mirror.percent', mirror?.percent, Range.above(0, 100)],
        ['mirror.duration', mirror?.duration, Range.duration(1_000)],
        ['keepFor', canary.strategy.kind === 'blueGreen' ? canary.strategy.keepFor : undefined, Range.duration(0)],
        ...canary.hooks.map((hook): RangeCheck => [`hook ${hook.name}: timeout`, hook.timeout, Range.duration(1)]),
      ];
      return [...rangeFindings(at, checks), ...stepProblems(at, canary.strategy)];
    }),
};

function stepProblems(at: Finding['at'], strategy: CanaryStrategy): readonly Finding[] {
  if (strategy.kind !== 'weighted') return [];
  const { steps } = strategy;
  const ascending = steps.every((step, index) => index === 0 || step > (steps[index - 1] ?? 0));
  if (steps.length > 0 && ascending && steps.every((step) => Number.isInteger(step) && step >= 1 && step <= 99))
    return [];
  return [
    {
      at,
      message: `steps must be whole percentages from 1 to 99 in ascending order, got ${steps.length > 0 ? steps.join(', ') : 'none'}`,
      fix: 'write them such as steps: [5, 25, 50]; after the last the candidate gets everything',
    },
  ];
}
