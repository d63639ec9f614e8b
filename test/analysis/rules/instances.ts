import { service } from '../../support/model-builder';
import type { Cases } from '../cases';
import { database, shop } from '../shop';

export const cases: Cases = {
  valid: {
    model: shop({
      services: [
        service('database', {
          ports: database.ports,
          headless: true,
          instances: { statefulSet: 'database', replicas: 3 },
        }),
      ],
    }),
  },
  invalid: [
    {
      name: 'a service with an address of its own',
      model: shop({
        services: [service('database', { ports: database.ports, instances: { statefulSet: 'database', replicas: 3 } })],
      }),
      findings: [
        {
          at: 'Service shop/database',
          message:
            'the pods of StatefulSet database have names of their own only behind a headless service, and database is none',
          fix: 'set `headless` to true',
        },
      ],
    },
    {
      name: 'half a replica',
      model: shop({
        services: [
          service('database', {
            ports: database.ports,
            headless: true,
            instances: { statefulSet: 'database', replicas: 1.5 },
          }),
        ],
      }),
      findings: [
        {
          at: 'Service shop/database',
          message: 'replicas must be a whole number of at least 0, got 1.5',
          fix: 'set `replicas` to a whole number of at least 0',
        },
      ],
    },
  ],
};
