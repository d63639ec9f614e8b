import { port, service } from '../../support/model-builder';
import type { Cases } from '../cases';
import { shop } from '../shop';

export const cases: Cases = {
  valid: { model: shop({ services: [service('database', { ports: [port('tcp', 5432), port('udp', 5432)] })] }) },
  invalid: [
    {
      name: 'one number',
      model: shop({ services: [service('web', { ports: [port('http', 3000), port('http2', 3001)] })] }),
      findings: [
        {
          at: 'Service shop/web',
          message: 'two ports of web have the number 80/TCP',
          fix: 'give each of them a `port` and a `name` of its own',
        },
      ],
    },
    {
      name: 'one name',
      model: shop({ services: [service('web', { ports: [port('http', 3000), port('http', 3001, { port: 81 })] })] }),
      findings: [
        {
          at: 'Service shop/web',
          message: 'two ports of web have the name http',
          fix: 'give each of them a `port` and a `name` of its own',
        },
      ],
    },
  ],
};
