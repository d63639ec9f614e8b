import { Late, type Locator, locate, type Model, type Ref } from '../../model';
import { edgeLocator } from '../parts';
import type { Rule } from '../rule';

/** What is synthesized is decided by names and ports, so they must be known when the program runs. */
export const lateStructure: Rule = {
  code: 'MESH0120',
  level: 'error',
  summary: 'names, namespaces, service accounts and ports are known when the program runs',
  check: ({ model }) =>
    structure(model)
      .filter(([, , value]) => value !== undefined && Late.is(value))
      .map(([at, property]) => ({
        at,
        message: `${property} decides what is synthesized, but its value is known only at deployment`,
        fix: `give \`${property}\` a plain value; images, hosts, variables and header values may be known later`,
      })),
};

function structure(model: Model): readonly (readonly [Locator, string, string | number | undefined])[] {
  const mesh: Locator = `Mesh ${model.mesh.name}`;
  const named = <T extends Ref>(kind: Parameters<typeof locate>[0], list: readonly T[]) =>
    list.flatMap((item): [Locator, string, string][] => [
      [locate(kind, item), 'name', item.name],
      [locate(kind, item), 'namespace', item.namespace],
    ]);
  return [
    [mesh, 'name', model.mesh.name],
    [mesh, 'namespace', model.mesh.namespace],
    ...named('Service', model.services),
    ...named('Workload', model.workloads),
    ...named('ExternalService', model.externalServices),
    ...named('Route', model.routes),
    ...named('TrafficPolicy', model.trafficPolicies),
    ...named('AccessPolicy', model.accessPolicies),
    ...named('Canary', model.canaries),
    ...named('Gateway', model.gateways),
    ...named('EgressGateway', model.egressGateways),
    ...named('SharedProxy', model.sharedProxies),
    ...named('Telemetry', model.telemetries),
    ...model.services.flatMap((service): [Locator, string, string | number | undefined][] => {
      const at = locate('Service', service);
      return [
        [at, 'serviceAccount', service.serviceAccount],
        ...service.versions.map((version) => [at, 'version', version.name] as [Locator, string, string]),
        ...service.ports.flatMap((port): [Locator, string, string | number][] => [
          [at, 'port', port.port],
          [at, 'targetPort', port.targetPort],
          [at, 'port name', port.name],
        ]),
      ];
    }),
    ...model.workloads.map(
      (workload) => [locate('Workload', workload), 'serviceAccount', workload.serviceAccount] as const,
    ),
    ...model.externalServices.map((external) => [locate('ExternalService', external), 'port', external.port] as const),
    ...model.edges.flatMap((edge) => (edge.at === undefined ? [] : [[edgeLocator(edge), 'at', edge.at] as const])),
    ...model.gateways.flatMap((gateway) =>
      gateway.listeners.flatMap((listener) => [
        [locate('Gateway', gateway), 'listener name', listener.name] as const,
        [locate('Gateway', gateway), 'listener port', listener.port] as const,
      ]),
    ),
  ];
}
