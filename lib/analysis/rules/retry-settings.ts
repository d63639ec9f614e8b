import { retryConditions } from '../../model';
import { retrySites } from '../parts';
import { Range, rangeFindings } from '../range';
import type { Rule } from '../rule';

export const retrySettings: Rule = {
  code: 'MESH0327',
  level: 'error',
  summary: 'what is tried again, how often and with what pauses is within what Envoy takes',
  check: ({ model }) =>
    retrySites(model).flatMap(({ at, label, retries }) => {
      const property = (name: string) => `${label}retries.${name}`;
      const { backoff, budget } = retries;
      const unknown = (retries.on ?? []).filter((condition) => !retryConditions.includes(condition));
      return [
        ...rangeFindings(at, [
          [property('attempts'), retries.attempts, Range.whole(0, 100)],
          [property('perTryTimeout'), retries.perTryTimeout, Range.duration(0)],
          [property('backoff.base'), backoff?.base, Range.duration(1)],
          [property('backoff.max'), backoff?.max, Range.duration(backoff?.base ?? 1)],
          [property('budget.percent'), budget?.percent, Range.between(0, 100)],
          [property('budget.minConcurrency'), budget?.minConcurrency, Range.whole(0)],
          // What is not an error is no reason to try again.
          ...(retries.statuses ?? []).map((status) => [property('statuses'), status, Range.whole(400, 599)] as const),
        ]),
        ...unknown.map((condition) => ({
          at,
          message: `${property('on')} holds ${JSON.stringify(condition)}, allowed are: ${retryConditions.join(', ')}`,
          fix: `name one of them in \`${property('on')}\``,
        })),
      ];
    }),
};
