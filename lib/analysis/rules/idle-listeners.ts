import { locate } from '../../model';
import type { Rule } from '../rule';

export const idleListeners: Rule = {
  code: 'MESH0724',
  level: 'warning',
  summary: 'every listener of a gateway has a route',
  check: ({ model, find }) =>
    model.gateways.flatMap((gateway) => {
      const attached = new Set(
        find
          .gatewayRoutes(gateway)
          .flatMap((route) =>
            route.parents.flatMap((parent) =>
              parent.kind === 'gateway' && parent.namespace === gateway.namespace && parent.name === gateway.name
                ? [parent.listener]
                : [],
            ),
          ),
      );
      if (attached.has(undefined)) return [];
      return gateway.listeners
        .filter(({ name }) => !attached.has(name))
        .map(({ name, port }) => ({
          at: locate('Gateway', gateway),
          message: `no route is attached to listener ${name}: everything that comes to port ${port} is answered with 404 or closed`,
          fix: 'add a route with addRoute, or leave the listener out',
        }));
    }),
};
