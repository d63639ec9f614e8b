import { egressGateway, externalService } from '../../support/model-builder';
import type { Cases } from '../cases';
import { shop } from '../shop';

const egressGateways = [egressGateway('out')];

export const cases: Cases = {
  valid: {
    model: shop({
      egressGateways,
      externalServices: [externalService('mail', { via: 'out' }), externalService('any', { host: '*.example.com' })],
    }),
  },
  invalid: [
    {
      name: 'a wildcard',
      model: shop({
        egressGateways,
        externalServices: [externalService('any', { host: '*.example.com', via: 'out' })],
      }),
      findings: [
        {
          at: 'ExternalService shop/any',
          message: '*.example.com goes by egress gateway shop/out, which must be told the whole name of a host',
          fix: 'declare the hosts one by one, or leave `via` out: callers then connect to them straight from their sidecars',
        },
      ],
    },
  ],
};
