import { defaults } from '../../../lib/model';
import { egressGateway, gateway, mesh, sharedProxy } from '../../support/model-builder';
import type { Cases } from '../cases';
import { shop, web } from '../shop';

export const cases: Cases = {
  valid: { model: shop({ egressGateways: [egressGateway('out', { replicas: 1 })] }) },
  invalid: [
    {
      name: 'none',
      model: shop({
        mesh: mesh({
          controlPlane: { ...defaults.controlPlane, replicas: 0 },
          proxy: { ...defaults.proxy, concurrency: 0 },
        }),
        gateways: [gateway('public', { replicas: 0 })],
        egressGateways: [egressGateway('out', { replicas: -1 })],
        sharedProxies: [sharedProxy('front', [web], { replicas: 1.5 })],
      }),
      findings: [
        {
          at: 'EgressGateway shop/out',
          message: 'replicas must be a whole number of at least 1, got -1',
          fix: 'set `replicas` to a whole number of at least 1',
        },
        {
          at: 'Gateway shop/public',
          message: 'replicas must be a whole number of at least 1, got 0',
          fix: 'set `replicas` to a whole number of at least 1',
        },
        {
          at: 'Mesh mesh',
          message: 'controlPlane.replicas must be a whole number of at least 1, got 0',
          fix: 'set `controlPlane.replicas` to a whole number of at least 1',
        },
        {
          at: 'Mesh mesh',
          message: 'proxy.concurrency must be a whole number of at least 1, got 0',
          fix: 'set `proxy.concurrency` to a whole number of at least 1',
        },
        {
          at: 'SharedProxy shop/front',
          message: 'replicas must be a whole number of at least 1, got 1.5',
          fix: 'set `replicas` to a whole number of at least 1',
        },
      ],
    },
  ],
};
