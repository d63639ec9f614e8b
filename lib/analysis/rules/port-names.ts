import { locate } from '../../model';
import { dnsLabel } from '../form';
import type { Rule } from '../rule';

export const portNames: Rule = {
  code: 'MESH0122',
  level: 'error',
  summary: 'the name of a port is a DNS label of at most 15 characters',
  check: ({ model }) =>
    model.services.flatMap((service) =>
      service.ports.flatMap((port) => {
        const refusal = dnsLabel(port.name, 15);
        if (refusal === undefined) return [];
        return {
          at: locate('Service', service),
          message: `the name ${JSON.stringify(port.name)} of port ${port.port} is refused by Kubernetes: ${refusal}`,
          fix: `name the port otherwise: ${port.protocol}(${port.targetPort}, { name: '${port.protocol}' })`,
        };
      }),
    ),
};
