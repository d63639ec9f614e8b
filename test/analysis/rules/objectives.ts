import type { Objective } from '../../../lib/model';
import { telemetry } from '../../support/model-builder';
import type { Cases } from '../cases';
import { shop, web } from '../shop';

const promised = (objective: Objective) => shop({ telemetries: [telemetry(web, { objective })] });

export const cases: Cases = {
  valid: { model: promised({ successRate: 99.99, latency: { percent: 95, below: 100 }, window: 2_592_000_000 }) },
  invalid: [
    {
      name: 'everything',
      model: promised({ successRate: 100 }),
      findings: [
        {
          at: 'Telemetry shop/web',
          message: 'objective.successRate must be a number above 50 and below 100, got 100',
          fix: 'set `objective.successRate` to a number above 50 and below 100',
        },
      ],
    },
    {
      name: 'shares',
      model: promised({ successRate: 50, latency: { percent: 100, below: 100 }, window: 60_000 }),
      findings: [
        {
          at: 'Telemetry shop/web',
          message: 'objective.latency.percent must be a number above 50 and below 100, got 100',
          fix: 'set `objective.latency.percent` to a number above 50 and below 100',
        },
        {
          at: 'Telemetry shop/web',
          message: 'objective.successRate must be a number above 50 and below 100, got 50',
          fix: 'set `objective.successRate` to a number above 50 and below 100',
        },
        {
          at: 'Telemetry shop/web',
          message: 'objective.window must be a duration of at least 1h, got 1m',
          fix: 'set `objective.window` to a duration of at least 1h',
        },
      ],
    },
  ],
};
