import { canary } from '../../support/model-builder';
import type { Cases } from '../cases';
import { reviews, shop } from '../shop';

const stepping = (...steps: readonly number[]) =>
  shop({ canaries: [canary(reviews, { strategy: { kind: 'weighted', steps, interval: 60_000, sticky: false } })] });

export const cases: Cases = {
  valid: { model: stepping(1, 99) },
  invalid: [
    {
      name: 'descending',
      model: stepping(50, 25),
      findings: [
        {
          at: 'Canary shop/reviews',
          message: 'steps must be whole percentages from 1 to 99 in ascending order, got 50, 25',
          fix: 'write them such as steps: [5, 25, 50]; after the last the candidate gets everything',
        },
      ],
    },
    {
      name: 'to the end',
      model: stepping(50, 100),
      findings: [
        {
          at: 'Canary shop/reviews',
          message: 'steps must be whole percentages from 1 to 99 in ascending order, got 50, 100',
          fix: 'write them such as steps: [5, 25, 50]; after the last the candidate gets everything',
        },
      ],
    },
    {
      name: 'none',
      model: stepping(),
      findings: [
        {
          at: 'Canary shop/reviews',
          message: 'steps must be whole percentages from 1 to 99 in ascending order, got none',
          fix: 'write them such as steps: [5, 25, 50]; after the last the candidate gets everything',
        },
      ],
    },
    {
      name: 'times',
      model: shop({
        canaries: [
          canary(reviews, {
            giveUpAfter: 0,
            onFailure: { action: 'pause', after: -1, scaleDown: false },
            hooks: [{ when: 'before', name: 'check', url: 'http://hooks/', timeout: 0 }],
            strategy: { kind: 'blueGreen', interval: 0, keepFor: -1, mirror: { percent: 0, duration: 0 } },
          }),
        ],
      }),
      findings: [
        {
          at: 'Canary shop/reviews',
          message: 'giveUpAfter must be a duration of at least 1s, got 0s',
          fix: 'set `giveUpAfter` to a duration of at least 1s',
        },
        {
          at: 'Canary shop/reviews',
          message: 'hook check: timeout must be a duration of at least 1ms, got 0s',
          fix: 'set `timeout` to a duration of at least 1ms',
        },
        {
          at: 'Canary shop/reviews',
          message: 'interval must be a duration of at least 1s, got 0s',
          fix: 'set `interval` to a duration of at least 1s',
        },
        {
          at: 'Canary shop/reviews',
          message: 'keepFor must be a duration of whole milliseconds, got -1',
          fix: 'set `keepFor` to a duration of whole milliseconds',
        },
        {
          at: 'Canary shop/reviews',
          message: 'mirror.duration must be a duration of at least 1s, got 0s',
          fix: 'set `mirror.duration` to a duration of at least 1s',
        },
        {
          at: 'Canary shop/reviews',
          message: 'mirror.percent must be a number above 0 and at most 100, got 0',
          fix: 'set `mirror.percent` to a number above 0 and at most 100',
        },
        {
          at: 'Canary shop/reviews',
          message: 'onFailure.after must be a whole number of at least 0, got -1',
          fix: 'set `onFailure.after` to a whole number of at least 0',
        },
      ],
    },
  ],
};
