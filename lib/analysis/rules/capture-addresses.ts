import { type Capture, type Locator, locate } from '../../model';
import { cidr } from '../form';
import type { Rule } from '../rule';

export const captureAddresses: Rule = {
  code: 'MESH0228',
  level: 'error',
  summary: 'addresses that capture leaves alone are ranges of addresses',
  check: ({ model }) => {
    const captures: readonly (readonly [Locator, Capture | undefined])[] = [
      [`Mesh ${model.mesh.name}`, model.mesh.capture],
      ...model.services.map((service) => [locate('Service', service), service.capture] as const),
      ...model.workloads.map((workload) => [locate('Workload', workload), workload.capture] as const),
    ];
    return captures.flatMap(([at, capture]) =>
      (capture?.kind === 'transparent' ? capture.excludeOutboundAddresses : []).flatMap((address) => {
        const refusal = cidr(address);
        if (refusal === undefined) return [];
        return {
          at,
          message: `capture.excludeOutboundAddresses holds ${JSON.stringify(address)}: ${refusal}`,
          fix: 'write it as a range of addresses',
        };
      }),
    );
  },
};
