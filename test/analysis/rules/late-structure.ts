import { Late } from '../../../lib/model';
import { canary, edge, externalService, gateway, listener } from '../../support/model-builder';
import type { Cases } from '../cases';
import { reviews, shop, shopWith, web } from '../shop';

export const cases: Cases = {
  valid: {
    model: shop({
      externalServices: [externalService('mail', { host: Late.text('0123456789abcdef') })],
      edges: [edge(web, externalService('mail'))],
    }),
  },
  invalid: [
    {
      name: 'a name',
      model: shopWith({ canaries: [canary(reviews, { name: Late.text('0123456789abcdef') })] }),
      findings: [
        {
          at: 'Canary shop/late-0x0123456789abcdef',
          message: 'name decides what is synthesized, but its value is known only at deployment',
          fix: 'give `name` a plain value; images, hosts, variables and header values may be known later',
        },
      ],
    },
    {
      name: 'a port of a gateway',
      model: shop({ gateways: [gateway('public', { listeners: [listener({ port: Late.number(7) })] })] }),
      findings: [
        {
          at: 'Gateway shop/public',
          message: 'listener port decides what is synthesized, but its value is known only at deployment',
          fix: 'give `listener port` a plain value; images, hosts, variables and header values may be known later',
        },
      ],
    },
  ],
};
