import { lookup, type Port, type Ref } from '../../model';
import type { Context } from '../context';
import type { Reach } from './split';

/**
 * How a proxy reaches the services of the mesh. What stands behind a shared proxy is met as a whole: that proxy knows its
 * versions, and has the rules and canaries of its services.
 */
export function reachOfPorts(
  { model }: Context,
  fits: (port: Port) => boolean,
  behind: (service: Ref) => boolean = () => false,
): Reach {
  const find = lookup(model);
  const divides = (service: Ref) => behind(service) || find.sharedProxy(service) === undefined;
  return {
    divides,
    target: ({ service: ref, port, version }) => {
      const service = find.service(ref);
      const declared = service?.ports.find((one) => one.port === port);
      if (!service || !declared || !fits(declared)) return undefined;
      if (version !== undefined && !service.versions.some(({ name }) => name === version)) return undefined;
      return {
        kind: 'service',
        service: { namespace: service.namespace, name: service.name },
        port,
        ...(version !== undefined && divides(ref) && { version }),
        ...(behind(ref) && { behind: true }),
      };
    },
  };
}
