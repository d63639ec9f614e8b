import type { Lookup } from '../../model';
import { type Reference, references } from '../parts';
import type { Rule } from '../rule';

export const unknownPort: Rule = {
  code: 'MESH0221',
  level: 'error',
  summary: 'every port that something names is a port of the service',
  check: ({ model, find }) =>
    references(model).flatMap((reference) => {
      const { at, what, ref, port } = reference;
      const ports = portsOf(find, reference);
      if (port === undefined || ports === undefined || ports.some((one) => one.port === port)) return [];
      const all = ports.map((one) => `${one.port} (${one.protocol})`).join(', ') || 'none';
      return {
        at,
        message: `${what} names port ${port} of ${ref.namespace}/${ref.name}, whose ports are: ${all}`,
        fix: `name one of its ports, or add port ${port} to ${ref.name}`,
      };
    }),
};

/** The ports callers dial; nothing where the service itself is unknown, which is a mistake of its own. */
function portsOf(
  find: Lookup,
  { of, ref }: Reference,
): readonly { readonly port: number; readonly protocol: string }[] | undefined {
  const service = of === 'externalService' ? undefined : find.service(ref);
  if (service) return service.ports;
  const external = of === 'externalService' || of === 'callable' ? find.externalService(ref) : undefined;
  if (external) return [external];
  return of === 'runner' && find.workload(ref) ? [] : undefined;
}
