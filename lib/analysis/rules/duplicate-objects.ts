import { impliedPolicyName, type Locator, locate, type Model, names, Ref, sharedServices } from '../../model';
import { declaredPolicies, edgeLocator } from '../parts';
import type { Rule } from '../rule';

/** Two declarations that would write the same object: the second would silently replace the first. */
export const duplicateObjects: Rule = {
  code: 'MESH0128',
  level: 'error',
  summary: 'no two declarations make an object of the same name',
  check: ({ model }) => {
    const owners = new Map<string, Made>();
    return allMade(model).flatMap((made) => {
      const key = `${made.kind} ${made.namespace}/${made.name}`;
      const other = owners.get(key);
      owners.set(key, other ?? made);
      if (!other) return [];
      return {
        at: made.at,
        message: `${made.by} makes ${key}, which ${other.by} makes as well`,
        fix: 'give one of them another name',
      };
    });
  },
};

interface Made {
  readonly at: Locator;
  /** Whose object it is: `service reviews`. */
  readonly by: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

function allMade(model: Model): readonly Made[] {
  const made = (at: Locator, by: string, kind: string, namespace: string, name: string): Made => ({
    at,
    by,
    kind,
    namespace,
    name,
  });
  const of = (
    kind: Parameters<typeof locate>[0],
    list: readonly Ref[],
    by: string,
    object: string,
    name = (item: Ref) => item.name,
  ) => list.map((item) => made(locate(kind, item), `${by} ${item.name}`, object, item.namespace, name(item)));
  return [
    ...of('Service', model.services, 'service', 'Service'),
    ...model.services.flatMap((service) =>
      service.versions.map(({ name }) => {
        const by = `version ${name} of service ${service.name}`;
        return made(locate('Service', service), by, 'Service', service.namespace, names.versionService(service, name));
      }),
    ),
    ...of('Gateway', model.gateways, 'gateway', 'Service', ({ name }) => names.proxyObject('gateway', name)),
    ...of('EgressGateway', model.egressGateways, 'egress gateway', 'Service', ({ name }) =>
      names.proxyObject('egress-gateway', name),
    ),
    ...of('SharedProxy', model.sharedProxies, 'shared proxy', 'Service', ({ name }) =>
      names.proxyObject('shared-proxy', name),
    ),
    ...instances(model),
    // The pods of both would carry the same label, by which they are told apart.
    ...of('Service', distinct(model.services), 'service', 'pods of'),
    ...of('Workload', model.workloads, 'workload', 'pods of'),
    // The three classes of gateways are one kind in the cluster.
    ...of('Gateway', model.gateways, 'gateway', 'Gateway'),
    ...of('EgressGateway', model.egressGateways, 'egress gateway', 'Gateway'),
    ...of('SharedProxy', model.sharedProxies, 'shared proxy', 'Gateway'),
    ...of('ExternalService', model.externalServices, 'external service', 'ExternalService'),
    ...model.routes.map((route) =>
      made(locate('Route', route), `route ${route.name}`, routeKinds[route.kind], route.namespace, route.name),
    ),
    ...of('TrafficPolicy', model.trafficPolicies, 'traffic policy', 'TrafficPolicy'),
    ...impliedPolicies(model),
    ...of('AccessPolicy', declaredPolicies(model), 'access policy', 'AccessPolicy'),
    ...of('Canary', model.canaries, 'canary', 'Canary'),
    ...of('Telemetry', model.telemetries, 'telemetry', 'Telemetry'),
  ];
}

const routeKinds = { http: 'HTTPRoute', grpc: 'GRPCRoute', tls: 'TLSRoute', tcp: 'TCPRoute' } as const;

/** A service behind two proxies is a mistake of its own. */
function instances(model: Model): readonly Made[] {
  const behind = model.sharedProxies.flatMap((proxy) =>
    sharedServices(proxy).map((service) => [service, proxy] as const),
  );
  return [...new Map(behind.map(([service, proxy]) => [Ref.key(service), { service, proxy }])).values()].map(
    ({ service, proxy }) => ({
      at: locate('SharedProxy', proxy),
      by: `shared proxy ${proxy.name}`,
      kind: 'Service',
      namespace: service.namespace,
      name: names.instancesService(service),
    }),
  );
}

/** Two services of one name are said once, by their Services. */
function distinct(list: readonly Ref[]): readonly Ref[] {
  return [...new Map(list.map((item) => [Ref.key(item), item])).values()];
}

/** Of each called service synthesis writes down who calls it. */
function impliedPolicies(model: Model): readonly Made[] {
  const called = new Map<string, Made>();
  // Only a policy of a person can be of the same name.
  if (declaredPolicies(model).length === 0) return [];
  for (const edge of model.edges) {
    if (edge.to.kind !== 'service') continue;
    const { namespace, name } = edge.to;
    const policy = impliedPolicyName(name);
    const by = `the list of callers of ${name}`;
    called.set(`${namespace}/${policy}`, { at: edgeLocator(edge), by, kind: 'AccessPolicy', namespace, name: policy });
  }
  return [...called.values()];
}
