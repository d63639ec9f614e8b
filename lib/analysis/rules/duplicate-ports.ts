import { locate, type Port } from '../../model';
import type { Rule } from '../rule';

export const duplicatePorts: Rule = {
  code: 'MESH0125',
  level: 'error',
  summary: 'the ports of a service differ in number and in name',
  check: ({ model }) =>
    model.services.flatMap((service) => {
      const at = locate('Service', service);
      const fix = 'give each of them a `port` and a `name` of its own';
      // TCP and UDP may share a number, as DNS servers do.
      const numbers = twice(service.ports, (port) => `${port.port}/${port.protocol === 'udp' ? 'UDP' : 'TCP'}`);
      const labels = twice(service.ports, (port) => port.name);
      return [
        ...numbers.map((number) => ({ at, message: `two ports of ${service.name} have the number ${number}`, fix })),
        ...labels.map((label) => ({ at, message: `two ports of ${service.name} have the name ${label}`, fix })),
      ];
    }),
};

function twice(ports: readonly Port[], key: (port: Port) => string): readonly string[] {
  const seen = new Set<string>();
  const again = new Set<string>();
  for (const port of ports) (seen.has(key(port)) ? again : seen).add(key(port));
  return [...again];
}
