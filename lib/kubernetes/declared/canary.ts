import type { Canary, CanaryFailure, CanaryHook, CanaryStrategy, Gate, Model } from '../../model';
import type { Manifest } from '../manifest';
import type { Observed } from './observed';
import { decodeOwn, encodeOwn } from './own-kind';
import { httpMatch } from './parts/match';
import {
  choice,
  count,
  duration,
  exclusive,
  fields,
  flag,
  integer,
  label,
  lawful,
  list,
  listed,
  nothing,
  number,
  oneOf,
  optional,
  positive,
  type Rule,
  required,
  type Shape,
  text,
  variant,
} from './shape';

type Strategy<K extends CanaryStrategy['kind']> = Omit<Extract<CanaryStrategy, { readonly kind: K }>, 'kind'>;
type GateOf<K extends Gate['kind']> = Omit<Extract<Gate, { readonly kind: K }>, 'kind'>;

const mirror = fields<NonNullable<Strategy<'weighted'>['mirror']>>({
  percent: required(positive(100), 'Share of the requests that is copied, in percent.'),
  duration: required(duration, 'For how long.'),
});

const interval = required(duration, 'How long a step lasts before the gates are looked at.');

const ascending: Rule = {
  rule: 'self.isSorted() && self.all(step, self.exists_one(other, other == step))',
  message: 'must ascend, no share twice',
};

const strategy: Shape<CanaryStrategy> = oneOf<CanaryStrategy>({
  weighted: variant(
    fields<Strategy<'weighted'>>({
      steps: required(
        lawful(list(integer({ minimum: 1, maximum: 99 }), { minItems: 1, maxItems: 32 }), ascending),
        'Share of the candidate at each step, in percent. After the last it gets everything.',
      ),
      interval,
      mirror: optional(
        mirror,
        'Before the first step the candidate sees a copy of this share of the requests. Absent: none.',
      ),
      sticky: required(flag, 'True: a caller that has met the candidate stays with it.'),
    }),
    'Step by step.',
  ),
  blueGreen: variant(
    fields<Strategy<'blueGreen'>>({
      interval: required(duration, 'The candidate is tested for this long, then gets everything at once.'),
      mirror: optional(
        mirror,
        'While it is tested the candidate sees a copy of this share of the requests. Absent: none.',
      ),
      keepFor: required(duration, 'How long the old version stays ready to be switched back to.'),
    }),
    'All at once.',
  ),
  abTest: variant(
    fields<Strategy<'abTest'>>({
      matches: required(
        list(httpMatch, { minItems: 1, maxItems: 64 }),
        'Requests that match one of these go to the candidate.',
      ),
      interval: required(duration, 'How long the test lasts.'),
    }),
    'By what is in the request.',
  ),
});

const minimumRequests = required(count, 'With fewer requests in an interval there is no judgement yet.');
const url = text({ maxLength: 2_048, pattern: '^https?://' });
const name = text({ maxLength: 63 });

const gate: Shape<Gate> = oneOf<Gate>({
  successRate: variant(
    fields<GateOf<'successRate'>>({
      atLeast: required(positive(100), 'Share of the responses, in percent.'),
      minimumRequests,
    }),
    "Responses without a 5xx; of gRPC, without a server's error.",
  ),
  latency: variant(
    fields<GateOf<'latency'>>({
      quantile: required(exclusive(0, 1), 'Which quantile of the latencies: 0.99.'),
      below: required(duration, 'What it must lie below.'),
      minimumRequests,
    }),
    'Time until the response is there.',
  ),
  query: variant(
    fields<GateOf<'query'>>(
      {
        name: required(name, 'What it is called in messages.'),
        query: required(
          text({ maxLength: 8_192 }),
          'PromQL that gives one number; {{namespace}}, {{service}}, {{version}} and {{interval}} are filled in.',
        ),
        atLeast: optional(number, 'The number must not be smaller.'),
        atMost: optional(number, 'The number must not be greater.'),
      },
      {
        rule: 'has(self.atLeast) || has(self.atMost)',
        message: 'at least one of atLeast, atMost must be given: without them every number passes',
      },
      {
        rule: '!has(self.atLeast) || !has(self.atMost) || self.atLeast <= self.atMost',
        message: 'atLeast must not be greater than atMost: no number could pass',
      },
    ),
    'A number from Prometheus.',
  ),
  webhook: variant(
    fields<GateOf<'webhook'>>({
      name: required(name, 'What it is called in messages.'),
      url: required(url, 'Where a POST goes that must be answered with 2xx.'),
      timeout: required(duration, 'How long it may take.'),
    }),
    'Somebody else is asked.',
  ),
  approval: variant(nothing, 'A person says so: meshwright canary approve.'),
});

const onFailure: Shape<CanaryFailure> = fields<CanaryFailure>({
  action: required(
    choice<CanaryFailure['action']>({ rollback: 'Rollback', pause: 'Pause' }),
    'Rollback gives everything back to the stable version; Pause keeps the weights and waits for a person.',
  ),
  after: required(integer({ minimum: 0, maximum: 1_000 }), 'Failed looks at the gates that are borne before it acts.'),
  scaleDown: required(flag, 'Whether the candidate is scaled down afterwards.'),
  notify: optional(url, 'Where a POST tells of it. Absent: nobody is told.'),
});

const hook: Shape<CanaryHook> = fields<CanaryHook>({
  when: required(
    choice<CanaryHook['when']>({ before: 'Before', during: 'During', after: 'After', rollback: 'Rollback' }),
    'Before the first step, During each, After the last, or at a Rollback.',
  ),
  name: required(name, 'What it is called in messages.'),
  url: required(url, 'Where a POST goes.'),
  timeout: required(duration, 'How long it may take.'),
});

export const canarySpec = fields<Omit<Canary, 'namespace' | 'name'>>(
  {
    service: required(label, 'Name of the Service, in the same namespace.'),
    stable: required(label, 'Its version that serves now.'),
    candidate: required(label, 'Its version that is to take over.'),
    strategy: required(strategy, 'How it takes over.'),
    gates: listed(list(gate, { maxItems: 32 }), 'All must pass at each step.'),
    onFailure: required(onFailure, 'What happens when a gate fails.'),
    giveUpAfter: required(
      duration,
      'A step that cannot be judged for this long (no requests, no answer to a query) fails.',
    ),
    hooks: listed(list(hook, { maxItems: 32 }), 'Whom to tell when.'),
  },
  { rule: 'self.candidate != self.stable', message: 'candidate must be another version than stable' },
);

export function encodeCanaries(model: Model): readonly Manifest[] {
  return encodeOwn<Canary>(model, 'Canary', canarySpec, model.canaries);
}

export function decodeCanaries(observed: Observed): readonly Canary[] {
  return decodeOwn<Canary>(observed, 'Canary', canarySpec);
}
