import { canary, mesh, telemetry } from '../../support/model-builder';
import type { Cases } from '../cases';
import { reviews, shop } from '../shop';

const judged = (below: number) => [
  canary(reviews, { gates: [{ kind: 'latency', quantile: 0.99, below, minimumRequests: 1 }] }),
];

export const cases: Cases = {
  valid: {
    model: shop({
      canaries: judged(300),
      mesh: mesh({ telemetry: { metrics: { latencyBuckets: [100, 300] } } }),
    }),
  },
  invalid: [
    {
      name: 'of a canary',
      model: shop({ canaries: judged(300) }),
      findings: [
        {
          at: 'Canary shop/reviews',
          message:
            'a latency gate judges latency below 300ms, which is no bound of the latency histogram: 1ms, 5ms, 10ms, 25ms, 50ms, 100ms, 250ms, 500ms, 1s, 2s500ms, 5s, 10s, 30s',
          fix: "set `below` to 250ms, or add 300 to `metrics.latencyBuckets` of the mesh's telemetry",
        },
      ],
    },
    {
      name: 'of an objective',
      model: shop({
        mesh: mesh({ telemetry: { metrics: { latencyBuckets: [100, 300] } } }),
        telemetries: [
          telemetry(reviews, {
            objective: { successRate: 99, latency: { percent: 99, below: 250 } },
          }),
        ],
      }),
      findings: [
        {
          at: 'Telemetry shop/reviews',
          message: 'the objective judges latency below 250ms, which is no bound of the latency histogram: 100ms, 300ms',
          fix: "set `below` to 300ms, or add 250 to `metrics.latencyBuckets` of the mesh's telemetry",
        },
      ],
    },
    {
      name: 'of the mesh',
      model: shop({
        mesh: mesh({ telemetry: { objective: { successRate: 99.9, latency: { percent: 99, below: 7 } } } }),
      }),
      findings: [
        {
          at: 'Mesh mesh',
          message:
            'the objective judges latency below 7ms, which is no bound of the latency histogram: 1ms, 5ms, 10ms, 25ms, 50ms, 100ms, 250ms, 500ms, 1s, 2s500ms, 5s, 10s, 30s',
          fix: "set `below` to 5ms, or add 7 to `metrics.latencyBuckets` of the mesh's telemetry",
        },
      ],
    },
  ],
};
