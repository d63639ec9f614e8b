import { edge, externalService } from '../../support/model-builder';
import type { Cases } from '../cases';
import { reviews, shop, web } from '../shop';

const mail = externalService('mail');
const again = externalService('post', { host: mail.host });

export const cases: Cases = {
  valid: { model: shop({ externalServices: [mail, again], edges: [edge(web, mail), edge(reviews, again)] }) },
  invalid: [
    {
      name: 'one host under two names',
      model: shop({ externalServices: [mail, again], edges: [edge(web, mail), edge(web, again)] }),
      findings: [
        {
          at: 'Edge shop/web-to-post-443',
          message: 'web calls mail.example.com:443 as external service shop/post and as shop/mail',
          fix: 'declare the host once, and call that one',
        },
      ],
    },
  ],
};
