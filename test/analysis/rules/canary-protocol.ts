import type { Canary } from '../../../lib/model';
import { canary, edge, port, prefix, service, version } from '../../support/model-builder';
import type { Cases } from '../cases';
import { reviews, shop, shopWith, web } from '../shop';

const store = service('store', { ports: [port('tcp', 5432)], versions: [version('v1'), version('v2')] });
const moved = (over: Partial<Canary>) =>
  shopWith({ services: [store], edges: [edge(web, store)], canaries: [canary(store, over)] });

export const cases: Cases = {
  valid: { model: moved({ gates: [{ kind: 'approval' }] }) },
  invalid: [
    {
      name: 'judged by requests',
      model: moved({
        gates: [
          { kind: 'successRate', atLeast: 99, minimumRequests: 1 },
          { kind: 'latency', quantile: 0.9, below: 100, minimumRequests: 1 },
        ],
        strategy: {
          kind: 'weighted',
          steps: [50],
          interval: 60_000,
          sticky: true,
          mirror: { percent: 1, duration: 60_000 },
        },
      }),
      findings: [
        {
          at: 'Canary shop/store',
          message:
            '`sticky`, `mirror`, a success rate and a latency can only be had of requests, but no port of store speaks http, http2 or grpc',
          fix: 'judge by a query, a webhook or an approval, and divide connections by weight',
        },
      ],
    },
    {
      name: 'chosen by requests',
      model: moved({
        gates: [{ kind: 'approval' }],
        strategy: { kind: 'abTest', matches: [prefix('/')], interval: 60_000 },
      }),
      findings: [
        {
          at: 'Canary shop/store',
          message: 'an A/B test can only be had of requests, but no port of store speaks http, http2 or grpc',
          fix: 'judge by a query, a webhook or an approval, and divide connections by weight',
        },
      ],
    },
    {
      name: 'without a match',
      model: shop({ canaries: [canary(reviews, { strategy: { kind: 'abTest', matches: [], interval: 60_000 } })] }),
      findings: [
        {
          at: 'Canary shop/reviews',
          message: 'no request is one of the A/B test, because it matches none',
          fix: 'say with `matches` whose requests go to the candidate',
        },
      ],
    },
  ],
};
