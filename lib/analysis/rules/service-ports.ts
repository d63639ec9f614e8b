import { locate } from '../../model';
import type { Rule } from '../rule';

export const servicePorts: Rule = {
  code: 'MESH0127',
  level: 'error',
  summary: 'a service has a port',
  check: ({ model }) =>
    model.services
      .filter((service) => service.ports.length === 0)
      .map((service) => ({
        at: locate('Service', service),
        message: `service ${service.name} has no port, so nothing can call it`,
        fix: 'give it a `port`, such as http(8080), or declare it as a Workload if it only calls others',
      })),
};
