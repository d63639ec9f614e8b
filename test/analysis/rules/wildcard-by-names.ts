import { edge, externalService } from '../../support/model-builder';
import type { Cases } from '../cases';
import { shop, web } from '../shop';

const any = externalService('any', { host: '*.example.com' });

export const cases: Cases = {
  valid: {
    model: shop({
      externalServices: [any],
      edges: [edge(web, any)],
      services: [
        {
          ...web,
          capture: {
            kind: 'transparent',
            excludeInboundPorts: [],
            excludeOutboundPorts: [],
            excludeOutboundAddresses: [],
          },
        },
      ],
    }),
  },
  invalid: [
    {
      name: 'capture by names',
      model: shop({ externalServices: [any], edges: [edge(web, any)] }),
      findings: [
        {
          at: 'Edge shop/web-to-any-443',
          message: 'web calls *.example.com, but with capture by names only whole host names lead to its sidecar',
          fix: 'set capture: Capture.transparent() on web, or declare the hosts it calls one by one',
        },
      ],
    },
  ],
};
