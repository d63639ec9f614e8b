import { Late, type Locator, locate, type Model, type Resources } from '../../model';
import type { Finding, Rule } from '../rule';

/** https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/ */
const quantity = /^[+]?(\d+(\.\d*)?|\.\d+)([numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)?$/;

export const resourceQuantities: Rule = {
  code: 'MESH0825',
  level: 'error',
  summary: 'what containers ask for and may use is written in quantities of Kubernetes',
  check: ({ model }) =>
    all(model).flatMap(([at, label, resources]) =>
      (['requests', 'limits'] as const).flatMap((side) =>
        (['cpu', 'memory'] as const).flatMap((kind): readonly Finding[] => {
          const value = resources?.[side]?.[kind];
          if (value === undefined || Late.is(value) || quantity.test(value)) return [];
          return [
            {
              at,
              message: `${label}resources.${side}.${kind} is ${JSON.stringify(value)}, which is no quantity`,
              fix: `write it such as ${kind === 'cpu' ? '100m or 2' : '64Mi or 1Gi'}`,
            },
          ];
        }),
      ),
    ),
};

function all(model: Model): readonly (readonly [Locator, string, Resources | undefined])[] {
  const mesh: Locator = `Mesh ${model.mesh.name}`;
  return [
    [mesh, 'controlPlane.', model.mesh.controlPlane.resources],
    [mesh, 'proxy.', model.mesh.proxy.resources],
    ...model.gateways.map((proxy) => [locate('Gateway', proxy), '', proxy.resources] as const),
    ...model.egressGateways.map((proxy) => [locate('EgressGateway', proxy), '', proxy.resources] as const),
    ...model.sharedProxies.map((proxy) => [locate('SharedProxy', proxy), '', proxy.resources] as const),
  ];
}
