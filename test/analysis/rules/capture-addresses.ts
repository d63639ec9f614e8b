import { mesh, service, workload } from '../../support/model-builder';
import type { Cases } from '../cases';
import { shop, web } from '../shop';

const transparent = (excludeOutboundAddresses: readonly string[]) =>
  ({ kind: 'transparent', excludeInboundPorts: [], excludeOutboundPorts: [], excludeOutboundAddresses }) as const;

export const cases: Cases = {
  valid: { model: shop({ mesh: mesh({ capture: transparent(['10.0.0.0/8', '2001:db8::/32', '::1/128']) }) }) },
  invalid: [
    {
      name: 'no range',
      model: shop({
        mesh: mesh({ capture: transparent(['10.0.0.1']) }),
        services: [service('web', { ports: web.ports, capture: transparent(['10.0.0.0/33']) })],
        workloads: [workload('nightly', { capture: transparent(['metadata']) })],
      }),
      findings: [
        {
          at: 'Mesh mesh',
          message:
            'capture.excludeOutboundAddresses holds "10.0.0.1": a range of addresses is written as CIDR, such as 10.0.0.0/8 or 192.0.2.7/32',
          fix: 'write it as a range of addresses',
        },
        {
          at: 'Service shop/web',
          message:
            'capture.excludeOutboundAddresses holds "10.0.0.0/33": a range of addresses is written as CIDR, such as 10.0.0.0/8 or 192.0.2.7/32',
          fix: 'write it as a range of addresses',
        },
        {
          at: 'Workload shop/nightly',
          message:
            'capture.excludeOutboundAddresses holds "metadata": a range of addresses is written as CIDR, such as 10.0.0.0/8 or 192.0.2.7/32',
          fix: 'write it as a range of addresses',
        },
      ],
    },
  ],
};
