import { type AccessLog, type Capture, type Model, Ref, type Telemetry, type Tracing } from '../../lib/model';

/** What of a mesh is another thing on a developer's machine than in a cluster. */
export interface Differences {
  /** Port of 127.0.0.1 at which a stand-in for an external service listens. */
  readonly standInPort: (externalService: Ref) => number | undefined;
  /** Where spans and logs over OTLP are received. Absent: nowhere. */
  readonly collector?: { readonly host: string; readonly port: number };
}

/**
 * The mesh as it runs here. Everything that decides about requests stays as it was declared; what differs is where things are:
 *
 * - an external service with a stand-in is at 127.0.0.1, and in plain text where the sidecar would have made TLS
 * - nothing is captured, which needs root: each upstream has a port that the caller's environment names
 * - traces and logs go to a collector of this machine or nowhere: that of the cluster cannot be reached from here
 */
export function onThisMachine(model: Model, differences: Differences): Model {
  const movedPorts = new Map<string, number>();
  const externalServices = model.externalServices.map((external) => {
    const port = external.local ? differences.standInPort(external) : undefined;
    if (port === undefined) return external;
    movedPorts.set(Ref.key(external), port);
    const tls = external.tls.kind === 'originate' ? ({ kind: 'none' } as const) : external.tls;
    return { ...external, port, tls, addresses: ['127.0.0.1'] };
  });
  const names: Capture = { kind: 'names' };
  return {
    ...model,
    mesh: { ...model.mesh, capture: names, telemetry: telemetryHere(model.mesh.telemetry, differences) },
    services: model.services.map(({ capture: _, ...service }) => service),
    workloads: model.workloads.map(({ capture: _, ...workload }) => workload),
    externalServices,
    edges: model.edges.map((edge) => {
      const port = edge.to.kind === 'externalService' ? movedPorts.get(Ref.key(edge.to)) : undefined;
      return port === undefined ? edge : { ...edge, port };
    }),
    telemetries: model.telemetries.map((telemetry) => ({ ...telemetry, ...telemetryHere(telemetry, differences) })),
  };
}

function telemetryHere<T extends Telemetry>(telemetry: T, { collector }: Differences): T {
  const { tracing, accessLog } = telemetry;
  return {
    ...telemetry,
    ...(tracing ? { tracing: tracingHere(tracing, collector) } : {}),
    ...(accessLog ? { accessLog: accessLogHere(accessLog, collector) } : {}),
  };
}

/** With a collector here every trace is worth having: its developer looks for one request. */
function tracingHere(tracing: Tracing, collector: Differences['collector']): Tracing {
  if (!tracing.enabled) return tracing;
  return collector ? { ...tracing, ...collector, sampling: 100 } : { ...tracing, enabled: false };
}

function accessLogHere(accessLog: AccessLog, collector: Differences['collector']): AccessLog {
  if (accessLog.target?.kind !== 'otlp') return accessLog;
  return { ...accessLog, target: collector ? { kind: 'otlp', ...collector } : { kind: 'stdout' } };
}

/**
 * Where OpenTelemetry's own variable says that a collector is. Its protocol must be gRPC, which is what proxies speak.
 * https://opentelemetry.io/docs/specs/otel/protocol/exporter/
 */
export function collectorIn(env: {
  readonly OTEL_EXPORTER_OTLP_ENDPOINT?: string;
}): Differences['collector'] | undefined {
  const endpoint = env.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (endpoint === undefined || endpoint === '') return undefined;
  const { hostname, port, protocol } = URL.canParse(endpoint) ? new URL(endpoint) : new URL(`http://${endpoint}`);
  if (protocol !== 'http:') throw new Error(`OTEL_EXPORTER_OTLP_ENDPOINT is ${endpoint}; only http:// is spoken here`);
  return { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? 4317 : Number(port) };
}
