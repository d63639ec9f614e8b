import { type GatewayListener, locate } from '../../model';
import type { Finding, Rule } from '../rule';

export const duplicateListeners: Rule = {
  code: 'MESH0721',
  level: 'error',
  summary: 'the listeners of a gateway differ in name, and in host where they share a port',
  check: ({ model }) =>
    model.gateways.flatMap((gateway) => {
      const at = locate('Gateway', gateway);
      const listenersOf = new Map<string, GatewayListener>();
      const ports = new Map<number, GatewayListener>();
      const known = new Set<string>();
      const empty: readonly Finding[] =
        gateway.listeners.length > 0
          ? []
          : [{ at, message: `gateway ${gateway.name} has no listener`, fix: 'give it `hosts` or a listener' }];
      return [
        ...empty,
        ...gateway.listeners.flatMap((listener): readonly Finding[] => {
          const address = `${listener.host ?? 'any host'} on port ${listener.port}`;
          const twin = listenersOf.get(address);
          const neighbour = ports.get(listener.port);
          const sameName = known.has(listener.name);
          known.add(listener.name);
          listenersOf.set(address, twin ?? listener);
          ports.set(listener.port, neighbour ?? listener);
          return [
            ...(sameName
              ? [
                  {
                    at,
                    message: `two listeners are named ${listener.name}`,
                    fix: 'give each listener a name of its own',
                  },
                ]
              : []),
            ...(twin
              ? [
                  {
                    at,
                    message: `listeners ${twin.name} and ${listener.name} both answer to ${address}`,
                    fix: 'join the two, or give one of them another host or port',
                  },
                ]
              : []),
            ...(!twin && neighbour && !together(neighbour, listener)
              ? [
                  {
                    at,
                    message: `listeners ${neighbour.name} (${neighbour.protocol}) and ${listener.name} (${listener.protocol}) share port ${listener.port}, where one protocol is spoken`,
                    fix: 'give one of them another port',
                  },
                ]
              : []),
          ];
        }),
      ];
    }),
};

/** HTTPS and passed-through TLS are told apart by server name before anything else is read. */
function together(a: GatewayListener, b: GatewayListener): boolean {
  const named = (protocol: string) => protocol === 'https' || protocol === 'tls';
  return (a.protocol === b.protocol && a.protocol !== 'tcp') || (named(a.protocol) && named(b.protocol));
}
