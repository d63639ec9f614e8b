import { type Capture, type Locator, locate, type Model } from '../../model';
import { declaredPolicies, edgeLocator, telemetrySites } from '../parts';
import { Range, rangeFindings } from '../range';
import type { Rule } from '../rule';

export const portRanges: Rule = {
  code: 'MESH0124',
  level: 'error',
  summary: 'ports are whole numbers from 1 to 65535',
  check: ({ model }) => allPorts(model).flatMap(([at, property, port]) => rangeFindings(at, [[property, port, range]])),
};

const range = Range.whole(1, 65_535);

type Given = readonly [at: Locator, property: string, port: number | undefined];

function allPorts(model: Model): readonly Given[] {
  return [
    ...captured(`Mesh ${model.mesh.name}`, model.mesh.capture),
    ...model.services.flatMap((service): Given[] => {
      const at = locate('Service', service);
      const ports = service.ports.flatMap((port): Given[] => [
        [at, 'port', port.port],
        [at, 'targetPort', port.targetPort],
      ]);
      return [...ports, ...captured(at, service.capture)];
    }),
    ...model.workloads.flatMap((workload) => captured(locate('Workload', workload), workload.capture)),
    ...model.externalServices.map((external): Given => [locate('ExternalService', external), 'port', external.port]),
    ...model.edges.flatMap((edge): Given[] => (edge.at === undefined ? [] : [[edgeLocator(edge), 'at', edge.at]])),
    ...model.gateways.flatMap((gateway) =>
      gateway.listeners.map((listener): Given => [locate('Gateway', gateway), 'listener port', listener.port]),
    ),
    ...declaredPolicies(model).flatMap((policy) =>
      policy.outsidePorts.map((outside): Given => [locate('AccessPolicy', policy), 'outside port', outside.port]),
    ),
    ...telemetrySites(model).flatMap(({ at, telemetry }): Given[] => {
      const target = telemetry.accessLog?.target;
      return [
        [at, 'telemetry.tracing.port', telemetry.tracing?.port],
        [at, 'telemetry.accessLog.target.port', target?.kind === 'otlp' ? target.port : undefined],
      ];
    }),
  ];
}

function captured(at: Locator, capture: Capture | undefined): readonly Given[] {
  if (capture?.kind !== 'transparent') return [];
  return [
    ...capture.excludeInboundPorts.map((port): Given => [at, 'capture.excludeInboundPorts', port]),
    ...capture.excludeOutboundPorts.map((port): Given => [at, 'capture.excludeOutboundPorts', port]),
  ];
}
