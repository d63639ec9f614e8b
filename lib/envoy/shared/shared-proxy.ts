import { type Backend, lookup, names, order, Port, Ref, type Route, type Service, sharedServices } from '../../model';
import { socketOf } from '../binding';
import { clustersOf, serviceClusterName, type Target } from '../cluster';
import type { Configuration } from '../configuration';
import type { Context } from '../context';
import { callCounters } from '../http/grpc-stats';
import { listenerOf, type Served, servedPort } from '../inbound';
import { enforced, enforcedRules, enforcement } from '../limits';
import { connectionRoute, routesOf } from '../route';
import type { Listener } from '../types';
import { sharedRoutes } from './routes';

/**
 * What a shared proxy serves: each port of each of its services, to callers with a sidecar and without one. It is a sidecar to those
 * services, and one to their callers: it decides who may call, applies the routes, and speaks to the instances in plain text.
 */
export function sharedProxy(context: Context): Configuration {
  const { proxy, model } = context;
  const declared = proxy.kind === 'shared-proxy' ? model.sharedProxies.find((one) => Ref.equal(one, proxy)) : undefined;
  const services = declared ? sharedServices(declared).flatMap((ref) => lookup(model).service(ref) ?? []) : [];
  const behind = (ref: Ref) => services.some((service) => Ref.equal(service, ref));
  const ports = names.sharedPorts(services).flatMap(({ service: ref, port, at }) => {
    const service = services.find((one) => Ref.equal(one, ref));
    const socket = socketOf(context.binding, { kind: 'listener', port: at });
    const declaredPort = service?.ports.find((one) => one.port === port);
    if (!service || !declaredPort || !socket) return [];
    const served = sharedPort(context, service, declaredPort, behind);
    return [{ ...served, listeners: [listenerOf(names.sharedListener(service, port), socket, served)] }];
  });
  const { secrets, ...clusters } = clustersOf(
    context,
    ports.flatMap(({ targets }) => targets),
  );
  return {
    listeners: ports.flatMap(({ listeners }): readonly Listener[] => listeners),
    routes: ports.flatMap(({ routes }) => routes).sort((a, b) => order(a.name ?? '', b.name ?? '')),
    clusters: [...clusters.clusters, ...ports.flatMap((port) => port.clusters)],
    extensions: ports.flatMap(({ extensions }) => extensions),
    assignments: [...clusters.assignments, ...ports.flatMap(({ assignments }) => assignments)],
    secrets: [...secrets, ...ports.flatMap((port) => port.secrets)],
  };
}

interface SharedPort extends Served {
  readonly targets: readonly Target[];
}

function sharedPort(context: Context, service: Service, port: Port, behind: (ref: Ref) => boolean): SharedPort {
  const declared = routesOf(context, service, port.port);
  const common = {
    name: names.sharedListener(service, port.port),
    service,
    protocol: port.protocol,
    applicationPort: port.targetPort,
    permissive: (service.mutualTls ?? context.model.mesh.mutualTls) === 'permissive',
    server: 'shared' as const,
  };
  if (!Port.isHttp(port.protocol)) {
    const route = connectionRoute(context, backendsOf(declared, service, port.port), behind);
    return {
      ...servedPort(context, { ...common, hosts: [], filters: [], destination: route.destination }),
      targets: route.targets,
    };
  }
  const made = sharedRoutes(context, { service, port: port.port, declared, behind });
  const rules = enforcedRules(declared);
  const limits = enforcement(context, rules, common.name);
  const served = servedPort(context, {
    ...common,
    hosts: [enforced({ name: Ref.key(service), domains: ['*'], routes: made.routes }, rules, common.name)],
    filters: [...callCounters(context.model, made.targets), ...made.filters, ...limits.filters],
    destination: { cluster: serviceClusterName({ kind: 'service', service, port: port.port }) },
  });
  return {
    ...served,
    targets: made.targets,
    extensions: [...served.extensions, ...limits.extensions],
    clusters: [...served.clusters, ...limits.clusters],
    assignments: [...served.assignments, ...limits.assignments],
    secrets: [...served.secrets, ...limits.secrets],
  };
}

/** Of connections whose server name is not read: where the first of the routes leads, or to the service itself. */
function backendsOf(routes: readonly Route[], service: Ref, port: number): readonly Backend[] {
  const route = routes.find((one) => one.kind === 'tcp' || one.kind === 'tls');
  if (route?.kind === 'tcp' || route?.kind === 'tls') {
    if (route.backends.length > 0) return route.backends;
  }
  return [{ service: { namespace: service.namespace, name: service.name }, port, weight: 100 }];
}
