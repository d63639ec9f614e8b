import { type Retries, retryConditions } from '../../model';
import { retrySites } from '../parts';
import { Range, type RangeCheck, rangeFindings } from '../range';
import type { Rule } from '../rule';

export const retrySettings: Rule = {
  code: 'MESH0327',
  level: 'error',
  summary: 'what is tried again, how often and with what pauses is within what Envoy takes',
  check: ({ model }) =>
    retrySites(model).flatMap(({ at, label, retries }) => {
      const unknown = (retries.on ?? []).filter((condition) => !retryConditions.includes(condition));
      return [
        ...rangeFindings(at, ranges(retries), `${label}retries.`),
        ...unknown.map((condition) => ({
          at,
          message: `${label}retries.on holds ${JSON.stringify(condition)}, allowed are: ${retryConditions.join(', ')}`,
          fix: 'name one of them in `retries.on`',
        })),
      ];
    }),
};

const attempts = Range.whole(0, 100);
const pause = Range.duration(1);
const concurrency = Range.whole(0);
const time = Range.duration(0);
const percent = Range.between(0, 100);
/** What is not an error is no reason to try again. */
const failure = Range.whole(400, 599);

function ranges({ statuses = [], backoff, budget, ...retries }: Retries): readonly RangeCheck[] {
  return [
    ['attempts', retries.attempts, attempts],
    ['perTryTimeout', retries.perTryTimeout, time],
    ['backoff.base', backoff?.base, pause],
    ['backoff.max', backoff?.max, backoff && backoff.base > 0 ? Range.duration(backoff.base) : pause],
    ['budget.percent', budget?.percent, percent],
    ['budget.minConcurrency', budget?.minConcurrency, concurrency],
    ...statuses.map((status): RangeCheck => ['statuses', status, failure]),
  ];
}
