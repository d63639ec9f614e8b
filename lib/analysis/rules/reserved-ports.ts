import { type Locator, locate, type Model, names, type PodFacts } from '../../model';
import { declaredPolicies, edgeLocator } from '../parts';
import type { Rule } from '../rule';

const { first, last } = names.ports.reserved;

/** The proxies of the mesh listen there. */
export const reservedPorts: Rule = {
  code: 'MESH0126',
  level: 'error',
  summary: `ports from ${first} to ${last} are left to the mesh`,
  check: ({ model, pods }) =>
    allPorts(model, pods)
      .filter(([, , port]) => port !== undefined && port >= first && port <= last)
      .map(([at, what, port]) => ({
        at,
        message: `${what.replace('#', String(port))} is one of the ports from ${first} to ${last}, on which the mesh's own proxies listen`,
        fix: 'choose a port outside of them',
      })),
};

type Given = readonly [at: Locator, what: string, port: number | undefined];

function allPorts(model: Model, pods: readonly PodFacts[]): readonly Given[] {
  return [
    ...model.services.flatMap((service) =>
      service.ports.flatMap((port): Given[] => [
        [locate('Service', service), 'port #', port.port],
        // The pod's own is said once, where callers dial the same number.
        [locate('Service', service), 'targetPort #', port.targetPort === port.port ? undefined : port.targetPort],
      ]),
    ),
    ...pods.flatMap((pod) =>
      pod.ports.map((port): Given => {
        const at = locate(pod.member.kind === 'service' ? 'Service' : 'Workload', pod.member);
        return [at, `container port # of ${pod.object}`, port];
      }),
    ),
    ...model.externalServices.map((external): Given => [locate('ExternalService', external), 'port #', external.port]),
    ...model.edges.flatMap((edge): Given[] => (edge.at === undefined ? [] : [[edgeLocator(edge), '`at` #', edge.at]])),
    ...model.gateways.flatMap((gateway) =>
      gateway.listeners.map((listener): Given => [locate('Gateway', gateway), 'listener port #', listener.port]),
    ),
    ...declaredPolicies(model).flatMap((policy) =>
      policy.outsidePorts.map((outside): Given => [locate('AccessPolicy', policy), 'outside port #', outside.port]),
    ),
  ];
}
