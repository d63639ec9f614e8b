import { lookup, names, Port, Ref, type Route, type Service } from '../../model';
import { gated } from '../access';
import { socketOf } from '../binding';
import { applicationCluster, isPermissive } from '../cluster';
import type { Context } from '../context';
import { grpcStats } from '../http/grpc-stats';
import { enforced, enforcedRules, enforcement } from '../limits';
import { applicationRoutes } from './application-routes';
import { type Served, servedPort } from './served-port';

export interface ApplicationPort extends Served {
  readonly applicationPort: number;
}

/** The ports of the application beside a sidecar, each once, however many ports of the service lead there. */
export function applicationPorts(context: Context): readonly ApplicationPort[] {
  const { proxy, model } = context;
  const service =
    proxy.kind === 'sidecar' && proxy.member.kind === 'service' ? lookup(model).service(proxy.member) : undefined;
  // Before the pods of a service behind a shared proxy there is no sidecar.
  if (!service || lookup(model).sharedProxy(service)) return [];
  const ports = new Map<number, Port>();
  for (const port of service.ports) {
    if (port.protocol !== 'udp' && !ports.has(port.targetPort)) ports.set(port.targetPort, port);
  }
  return [...ports.values()].flatMap((port) => applicationPort(context, service, port) ?? []);
}

function applicationPort(context: Context, service: Service, port: Port): ApplicationPort | undefined {
  const { targetPort, protocol } = port;
  const cluster = applicationCluster(context, targetPort, protocol);
  if (!cluster) return undefined;
  const application = Port.isHttp(protocol) ? cluster : gated(cluster);
  const routes = routesTo(context, service, targetPort);
  const rules = enforcedRules(routes);
  const limits = Port.isHttp(protocol) ? enforcement(context, rules, names.inboundCluster(targetPort)) : undefined;
  const served = servedPort(context, {
    name: names.inboundCluster(targetPort),
    service,
    protocol,
    applicationPort: targetPort,
    permissive: isPermissive(context.model, service),
    server: 'inbound',
    hosts: [
      enforced(
        {
          name: Ref.key(service),
          domains: ['*'],
          routes: applicationRoutes(service, routes, rules, application.name ?? ''),
        },
        rules,
        names.inboundCluster(targetPort),
      ),
    ],
    filters: [...(protocol === 'grpc' ? [grpcStats] : []), ...(limits?.filters ?? [])],
    destination: { cluster: application.name ?? '' },
    application: socketOf(context.binding, { kind: 'application', applicationPort: targetPort }),
  });
  return {
    ...served,
    applicationPort: targetPort,
    extensions: [...served.extensions, ...(limits?.extensions ?? [])],
    clusters: [application, ...served.clusters, ...(limits?.clusters ?? [])],
    assignments: [...served.assignments, ...(limits?.assignments ?? [])],
    secrets: [...served.secrets, ...(limits?.secrets ?? [])],
  };
}

/** Routes by which requests come to the port. */
function routesTo({ model }: Context, service: Service, targetPort: number): readonly Route[] {
  const ports = service.ports.filter((port) => port.targetPort === targetPort).map(({ port }) => port);
  return model.routes.filter(
    (route) =>
      isOf(route, service, ports) ||
      ((route.kind === 'http' || route.kind === 'grpc') &&
        // A gateway enforces its rules itself.
        route.parents.some(({ kind }) => kind === 'service') &&
        route.rules.some(
          ({ action }) =>
            action.kind === 'forward' &&
            action.backends.some((backend) => Ref.equal(backend.service, service) && ports.includes(backend.port)),
        )),
  );
}

export function isOf({ parents }: Route, service: Ref, ports: readonly number[]): boolean {
  return parents.some(
    (parent) => parent.kind === 'service' && Ref.equal(parent, service) && ports.includes(parent.port),
  );
}
