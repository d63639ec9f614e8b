import { egressGateway, externalService } from '../../support/model-builder';
import type { Cases } from '../cases';
import { shop } from '../shop';

const mail = externalService('mail', { via: 'out' });

export const cases: Cases = {
  valid: { model: shop({ externalServices: [mail], egressGateways: [egressGateway('out')] }) },
  invalid: [
    {
      name: 'of another namespace',
      model: shop({ externalServices: [mail], egressGateways: [egressGateway('out', { namespace: 'other' })] }),
      findings: [
        {
          at: 'ExternalService shop/mail',
          message: 'via names egress gateway shop/out, which is not declared',
          fix: "declare it in namespace shop: new EgressGateway(chart, 'out')",
        },
      ],
    },
  ],
};
