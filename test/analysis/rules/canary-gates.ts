import type { Gate } from '../../../lib/model';
import { canary } from '../../support/model-builder';
import type { Cases } from '../cases';
import { reviews, shop } from '../shop';

const gated = (...gates: readonly Gate[]) => shop({ canaries: [canary(reviews, { gates })] });

export const cases: Cases = {
  valid: {
    model: gated(
      {
        kind: 'query',
        name: 'errors',
        query: 'sum(rate(errors{service="{{service}}"}[{{interval}}]))',
        atLeast: 1,
        atMost: 1,
      },
      { kind: 'webhook', name: 'smoke', url: 'http://tests.shop/smoke', timeout: 1_000 },
    ),
  },
  invalid: [
    {
      name: 'ranges',
      model: gated(
        { kind: 'successRate', atLeast: 101, minimumRequests: 0 },
        { kind: 'latency', quantile: 99, below: 100, minimumRequests: 0.5 },
      ),
      findings: [
        {
          at: 'Canary shop/reviews',
          message: 'latency.minimumRequests must be a whole number of at least 1, got 0.5',
          fix: 'set `latency.minimumRequests` to a whole number of at least 1',
        },
        {
          at: 'Canary shop/reviews',
          message: 'latency.quantile must be a number above 0 and below 1, got 99',
          fix: 'set `latency.quantile` to a number above 0 and below 1',
        },
        {
          at: 'Canary shop/reviews',
          message: 'successRate.atLeast must be a number above 0 and at most 100, got 101',
          fix: 'set `successRate.atLeast` to a number above 0 and at most 100',
        },
        {
          at: 'Canary shop/reviews',
          message: 'successRate.minimumRequests must be a whole number of at least 1, got 0',
          fix: 'set `successRate.minimumRequests` to a whole number of at least 1',
        },
      ],
    },
    {
      name: 'queries',
      model: gated(
        { kind: 'query', name: 'a', query: ' ' },
        { kind: 'query', name: 'b', query: 'up{s="{{svc}}"}', atLeast: 2, atMost: 1 },
      ),
      findings: [
        {
          at: 'Canary shop/reviews',
          message: 'gate a: nothing says which answers pass',
          fix: 'give `atLeast`, `atMost` or both',
        },
        { at: 'Canary shop/reviews', message: 'gate a: query is empty', fix: 'write PromQL that gives one number' },
        {
          at: 'Canary shop/reviews',
          message: 'gate b: no number is at least 2 and at most 1',
          fix: 'set `atLeast` to no more than `atMost`',
        },
        {
          at: 'Canary shop/reviews',
          message:
            'gate b: query holds {{svc}}, filled in are {{namespace}}, {{service}}, {{version}} and {{interval}}',
          fix: 'write one of them',
        },
      ],
    },
    {
      name: 'webhooks',
      model: {
        ...gated(
          { kind: 'webhook', name: 'a', url: 'tests/smoke', timeout: 0 },
          { kind: 'webhook', name: 'a', url: 'http://x', timeout: 1 },
        ),
      },
      findings: [
        {
          at: 'Canary shop/reviews',
          message: 'gate a is sent to "tests/smoke": a URL starts with http:// or https:// and names a host',
          fix: 'write the whole URL',
        },
        {
          at: 'Canary shop/reviews',
          message: 'gate a: timeout must be a duration of at least 1ms, got 0s',
          fix: 'set `timeout` to a duration of at least 1ms',
        },
        { at: 'Canary shop/reviews', message: 'two gates are named a', fix: 'give each gate a name of its own' },
      ],
    },
    {
      name: 'hooks and notices',
      model: shop({
        canaries: [
          canary(reviews, {
            hooks: [{ when: 'after', name: 'load', url: 'load', timeout: 1 }],
            onFailure: { action: 'pause', after: 1, scaleDown: false, notify: 'slack' },
          }),
        ],
      }),
      findings: [
        {
          at: 'Canary shop/reviews',
          message: '`onFailure.notify` is sent to "slack": a URL starts with http:// or https:// and names a host',
          fix: 'write the whole URL',
        },
        {
          at: 'Canary shop/reviews',
          message: 'hook load is sent to "load": a URL starts with http:// or https:// and names a host',
          fix: 'write the whole URL',
        },
      ],
    },
  ],
};
