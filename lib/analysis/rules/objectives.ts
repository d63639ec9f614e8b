import { telemetrySites } from '../parts';
import { Range, rangeFindings } from '../range';
import type { Rule } from '../rule';

const hour = 3_600_000;

/** A promise of 100 percent leaves no room for a burn rate; one of less than half promises nothing. */
export const objectives: Rule = {
  code: 'MESH0821',
  level: 'error',
  summary: 'objectives are shares between 50 and 100 percent over a window of at least an hour',
  check: ({ model }) =>
    telemetrySites(model).flatMap(({ at, telemetry: { objective } }) =>
      rangeFindings(at, [
        ['objective.successRate', objective?.successRate, Range.within(50, 100)],
        ['objective.latency.percent', objective?.latency?.percent, Range.within(50, 100)],
        ['objective.window', objective?.window, Range.duration(hour)],
      ]),
    ),
};
