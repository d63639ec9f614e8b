import { service } from '../../support/model-builder';
import type { Cases } from '../cases';
import { shop } from '../shop';

export const cases: Cases = {
  valid: { model: shop() },
  invalid: [
    {
      name: 'no port',
      model: shop({ services: [service('idle', { ports: [] })] }),
      findings: [
        {
          at: 'Service shop/idle',
          message: 'service idle has no port, so nothing can call it',
          fix: 'give it a `port`, such as http(8080), or declare it as a Workload if it only calls others',
        },
      ],
    },
  ],
};
