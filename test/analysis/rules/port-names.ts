import { port, service } from '../../support/model-builder';
import type { Cases } from '../cases';
import { shop } from '../shop';

export const cases: Cases = {
  valid: { model: shop({ services: [service('web', { ports: [port('http', 3000, { name: 'http-frontend-1' })] })] }) },
  invalid: [
    {
      name: 'too long a name',
      model: shop({ services: [service('web', { ports: [port('http', 3000, { name: 'http-of-the-shop' })] })] }),
      findings: [
        {
          at: 'Service shop/web',
          message:
            'the name "http-of-the-shop" of port 80 is refused by Kubernetes: must be no more than 15 characters, and it has 16',
          fix: "name the port otherwise: http(3000, { name: 'http' })",
        },
      ],
    },
    {
      name: 'an underscore',
      model: shop({ services: [service('web', { ports: [port('http', 3000, { name: 'http_web' })] })] }),
      findings: [
        {
          at: 'Service shop/web',
          message:
            'the name "http_web" of port 80 is refused by Kubernetes: a lowercase RFC 1123 label must consist of lower case alphanumeric characters or \'-\', and must start and end with an alphanumeric character',
          fix: "name the port otherwise: http(3000, { name: 'http' })",
        },
      ],
    },
  ],
};
