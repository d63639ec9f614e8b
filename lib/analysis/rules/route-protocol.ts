import { locate, type Protocol, type Route } from '../../model';
import { portProtocol, splitSites } from '../parts';
import type { Finding, Rule } from '../rule';

/** What a route of a kind can be attached to, and where it can lead. */
const fitting: {
  readonly [kind in Route['kind']]: { readonly parents: readonly Protocol[]; readonly backends: readonly Protocol[] };
} = {
  http: { parents: ['http', 'http2', 'grpc'], backends: ['http', 'http2', 'grpc'] },
  grpc: { parents: ['grpc'], backends: ['grpc'] },
  tls: { parents: ['tls'], backends: ['tls', 'tcp'] },
  tcp: { parents: ['tcp', 'tls'], backends: ['tcp', 'tls'] },
};

const kinds = { http: 'an HTTP', grpc: 'a gRPC', tls: 'a TLS', tcp: 'a TCP' } as const;

export const routeProtocol: Rule = {
  code: 'MESH0420',
  level: 'error',
  summary: 'the kind of a route fits the protocols of its parents and backends',
  check: ({ model, find }) => [
    ...model.routes.flatMap((route) =>
      route.parents.flatMap((parent): readonly Finding[] => {
        const { parents } = fitting[route.kind];
        if (parent.kind === 'gateway') return [];
        const protocol = portProtocol(find.service(parent)?.ports, parent.port);
        if (protocol === undefined || protocol === 'udp' || parents.includes(protocol)) return [];
        return [
          {
            at: locate('Route', route),
            message: `${kinds[route.kind]} route is attached to port ${parent.port} of ${parent.namespace}/${parent.name}, which speaks ${protocol}; it fits ${parents.join(', ')}`,
            fix: `attach it to a port of ${parents.join(', ')}, or write a route for ${protocol}`,
          },
        ];
      }),
    ),
    ...splitSites(model).flatMap(({ at, label, route, backends }) =>
      backends.flatMap((backend): readonly Finding[] => {
        const fits = fitting[route.kind].backends;
        const protocol = portProtocol(find.service(backend.service)?.ports, backend.port);
        if (protocol === undefined || protocol === 'udp' || fits.includes(protocol)) return [];
        return [
          {
            at,
            message: `${label}${kinds[route.kind]} route leads to port ${backend.port} of ${backend.service.namespace}/${backend.service.name}, which speaks ${protocol}; it may lead to ${fits.join(', ')}`,
            fix: `lead it to a port of ${fits.join(', ')}`,
          },
        ];
      }),
    ),
  ],
};
