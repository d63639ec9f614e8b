import { type Hedging, type Retries, type RetryCondition, retryConditions } from '../../../model';
import {
  choice,
  count,
  duration,
  fields,
  integer,
  list,
  optional,
  percent,
  type Rule,
  required,
  type Shape,
} from '../shape';

const condition = choice<RetryCondition>(
  Object.fromEntries(retryConditions.map((each) => [each, each])) as { readonly [each in RetryCondition]: string },
);

/** Conditions, statuses, pauses and budgets: what routes of Gateway API say too, and what only we do. */
export const retryConditionList = list(condition, { maxItems: retryConditions.length, unique: true });
export const statusList = list(integer({ minimum: 100, maximum: 599 }), { maxItems: 64, unique: true });
export const budget = fields<NonNullable<Retries['budget']>>({
  percent: required(percent, 'Share of the requests in flight, in percent.'),
  minConcurrency: required(
    integer({ minimum: 0, maximum: 2_147_483_647 }),
    'Retries that are allowed however few requests are in flight.',
  ),
});

/** `duration('0s')` is no limit, so nothing is longer than it. */
const backoffOrder: Rule = {
  rule: 'duration(self.base) <= duration(self.max)',
  message: 'max must not be shorter than base',
};

export const retryFields = {
  attempts: 'Further tries after the first; 0 turns retries off.',
  on: 'What is tried again, in the words of Envoy. Absent: connect-failure, refused-stream and reset-before-request, none of which has reached the application.',
  statuses: 'Statuses of a response that are tried again, beside the conditions.',
  perTryTimeout: "Time for each try. Absent: the whole request's.",
  backoff: 'Pause before a try: random between 0 and the base, doubling up to the maximum. Absent: 25ms up to 250ms.',
  budget:
    'How many requests may be retries at one time, as a share of those in flight. Absent: 20 percent, and always 3.',
} as const;

/** Not `on`, as in the model: YAML 1.1, which kubectl reads, takes that for `true`. */
export const conditionsName = 'conditions';

export const attempts = integer({ minimum: 0, maximum: 100 });

export const retries: Shape<Retries> = fields<Retries>({
  attempts: required(attempts, retryFields.attempts),
  on: optional(retryConditionList, retryFields.on, conditionsName),
  statuses: optional(statusList, retryFields.statuses),
  perTryTimeout: optional(duration, retryFields.perTryTimeout),
  backoff: optional(
    fields<NonNullable<Retries['backoff']>>(
      {
        base: required(duration, 'Longest first pause.'),
        max: required(duration, 'Longest pause of all.'),
      },
      backoffOrder,
    ),
    retryFields.backoff,
  ),
  budget: optional(budget, retryFields.budget),
});

export const hedging: Shape<Hedging> = fields<Hedging>({
  after: required(duration, 'How long the first request has before the next is sent.'),
  attempts: required(count, 'Requests beyond the first.'),
});
