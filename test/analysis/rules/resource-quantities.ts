import { defaults } from '../../../lib/model';
import { gateway, mesh } from '../../support/model-builder';
import type { Cases } from '../cases';
import { shop } from '../shop';

export const cases: Cases = {
  valid: {
    model: shop({
      gateways: [
        gateway('public', { resources: { requests: { cpu: '0.5', memory: '1.5Gi' }, limits: { memory: '1e9' } } }),
      ],
    }),
  },
  invalid: [
    {
      name: 'no quantities',
      model: shop({
        mesh: mesh({ proxy: { ...defaults.proxy, resources: { requests: { cpu: '100 m' } } } }),
        gateways: [gateway('public', { resources: { limits: { memory: '64MB' } } })],
      }),
      findings: [
        {
          at: 'Gateway shop/public',
          message: 'resources.limits.memory is "64MB", which is no quantity',
          fix: 'write it such as 64Mi or 1Gi',
        },
        {
          at: 'Mesh mesh',
          message: 'proxy.resources.requests.cpu is "100 m", which is no quantity',
          fix: 'write it such as 100m or 2',
        },
      ],
    },
  ],
};
