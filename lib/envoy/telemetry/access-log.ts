import { type AccessLog as Declared, type AccessLogFilter as DeclaredFilter, names, type Ref } from '../../model';
import { any, extension } from '../any';
import type { Context } from '../context';
import type { opentelemetry } from '../generated/types';
import type { Serving } from '../serving';
import type { Messages } from '../types';
import { collectorService, logCollector } from './collector';
import { type Settings, settingsOf } from './settings';

type AccessLog = Messages['envoy.config.accesslog.v3.AccessLog'];
type Filter = Messages['envoy.config.accesslog.v3.AccessLogFilter'];
type KeyValue = opentelemetry.proto.common.v1.KeyValue;

export interface Logged {
  /** Whose connections or requests are logged. */
  readonly server: Serving;
  readonly protocol: 'http' | 'tcp';
  /** The service whose settings hold, and who is called where the server serves callers. Absent: the sidecar's own. */
  readonly of?: Ref;
  /** Some of the requests are calls of gRPC. */
  readonly grpc?: boolean;
  /** They are all answered alike, by the proxy itself. */
  readonly refused?: boolean;
}

/** What is logged of requests and connections, as it was declared. Empty: nothing. */
export function accessLogs(context: Context, logged: Logged): readonly AccessLog[] {
  const settings = settingsOf(context, logged.of);
  const { accessLog } = settings;
  if (!accessLog?.enabled) return [];
  const given = accessLog.filter ?? {};
  // Whom the proxy refuses it answers with 403, all alike.
  if (logged.refused && (given.minStatus ?? 0) > 403) return [];
  const { minStatus: _, ...others } = given;
  const filter = filterOf(logged.refused ? others : given, logged);
  return [{ ...sink(context, settings, accessLog, logged), ...(filter && { filter }) }];
}

function sink(context: Context, settings: Settings, log: Declared, logged: Logged): AccessLog {
  const format = log.format ?? { kind: 'json' as const };
  const fields = (format.kind === 'json' && format.fields) || meshFields(context, settings, logged);
  const collector = logCollector(settings);
  if (!collector) {
    return extension('envoy.access_loggers.stdout', 'envoy.extensions.access_loggers.stream.v3.StdoutAccessLog', {
      logFormat:
        format.kind === 'text'
          ? { textFormatSource: { inlineString: `${format.line.replace(/\n$/, '')}\n` } }
          : { jsonFormat: fields, omitEmptyValues: true },
    });
  }
  return extension(
    'envoy.access_loggers.open_telemetry',
    'envoy.extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig',
    {
      grpcService: collectorService(collector),
      logName: settings.serviceName,
      // Of a node: the mesh's proxies have no names there that anybody would look for.
      disableBuiltinLabels: true,
      resourceAttributes: { values: [attribute('service.name', settings.serviceName)] },
      ...(format.kind === 'text'
        ? { body: { stringValue: format.line } }
        : { attributes: { values: Object.entries(fields).map(([key, value]) => attribute(key, value)) } }),
    },
  );
}

function attribute(key: string, stringValue: string): KeyValue {
  return { key, value: { stringValue } };
}

/**
 * The mesh's own fields: who called whom by which route, how it ended and why. Paths without their queries, which hold what
 * should not be written down.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/advanced/substitution_formatter
 */
function meshFields(context: Context, settings: Settings, logged: Logged): { readonly [field: string]: string } {
  const own = names.spiffeId(context.model.mesh.trustDomain, context.identity);
  const serves = logged.server === 'inbound' || logged.server === 'shared';
  const callee = serves ? settings.serviceName : '%UPSTREAM_CLUSTER%';
  if (logged.refused) return { ...ends, callee, ...request, ...outcome };
  return {
    ...(logged.server === 'outbound' ? { time } : ends),
    caller: serves ? '%DOWNSTREAM_PEER_URI_SAN%' : own,
    callee,
    host: '%UPSTREAM_HOST%',
    flags: '%RESPONSE_FLAGS%',
    duration: '%DURATION%',
    received: '%BYTES_RECEIVED%',
    sent: '%BYTES_SENT%',
    ...(logged.protocol === 'tcp' ? ofConnections : { ...request, ...outcome, ...ofRequests }),
    ...(logged.grpc && { grpc: '%GRPC_STATUS_NUMBER%' }),
    ...(decides(logged) && {
      shadow: `%DYNAMIC_METADATA(${decisions[logged.protocol]}:shadow_effective_policy_id)%`,
    }),
  };
}

const time = '%START_TIME%';
const ends = { time, client: '%DOWNSTREAM_DIRECT_REMOTE_ADDRESS%' } as const;
const request = { method: '%REQ(:METHOD)%', authority: '%REQ(:AUTHORITY)%', path: '%PATH(NQ)%' } as const;
const outcome = { status: '%RESPONSE_CODE%', reason: '%RESPONSE_CODE_DETAILS%' } as const;

const ofRequests = {
  route: '%ROUTE_NAME%',
  request: '%REQ(X-REQUEST-ID)%',
  trace: '%TRACE_ID%',
} as const;

const ofConnections = {
  reason: '%CONNECTION_TERMINATION_DETAILS%',
  tls: '%DOWNSTREAM_TRANSPORT_FAILURE_REASON%',
} as const;

function filterOf(declared: DeclaredFilter, logged: Logged): Filter | undefined {
  const parts = [
    ...(declared.minStatus === undefined ? [] : [failures(declared.minStatus, logged)]),
    ...(declared.minDuration === undefined ? [] : [{ durationFilter: atLeast(declared.minDuration) }]),
    ...(declared.cel === undefined ? [] : [{ extensionFilter: celFilter(declared.cel) }]),
    // Last: a share of what the others have left.
    ...(declared.sample === undefined ? [] : [{ runtimeFilter: share(declared.sample) }]),
  ];
  const filter = parts.length > 1 ? { andFilter: { filters: parts } } : parts[0];
  return filter && decides(logged) ? { orFilter: { filters: [filter, deniedInShadow(logged)] } } : filter;
}

/** Where access control leaves what it has decided. */
const decisions = { http: 'envoy.filters.http.rbac', tcp: 'envoy.filters.network.rbac' } as const;

/** Whether access is decided here. Always, not only while some rule is for counting: one that comes later holds for open connections. */
function decides({ server, refused }: Logged): boolean {
  return !refused && (server === 'inbound' || server === 'shared');
}

/** Whatever else is logged: that is what such a rule is declared for. */
function deniedInShadow({ protocol }: Logged): Filter {
  return {
    metadataFilter: {
      matcher: {
        filter: decisions[protocol],
        path: [{ key: 'shadow_engine_result' }],
        value: { stringMatch: { exact: 'denied' } },
      },
      matchIfKeyNotFound: false,
    },
  };
}

/** Responses of a status or worse, what failed without one, and calls of gRPC that failed, which are answered with 200. */
function failures(minStatus: number, { protocol, grpc }: Logged): Filter {
  if (protocol === 'tcp') return { responseFlagFilter: {} };
  return {
    orFilter: {
      filters: [
        { statusCodeFilter: atLeast(minStatus) },
        { statusCodeFilter: { comparison: { op: 'EQ', value: { defaultValue: 0, runtimeKey } } } },
        ...(grpc
          ? [{ andFilter: { filters: [isGrpc, { grpcStatusFilter: { statuses: ['OK'], exclude: true } }] } } as const]
          : []),
      ],
    },
  };
}

const isGrpc: Filter = {
  headerFilter: { header: { name: 'content-type', stringMatch: { prefix: 'application/grpc' } } },
};

function atLeast(value: number) {
  const defaultValue = Math.min(value, largest);
  return { comparison: { op: 'GE' as const, value: { defaultValue, runtimeKey } } };
}

/** Of 32 bits: as milliseconds some fifty days, which no request takes. */
const largest = 2 ** 32 - 1;

/** Envoy wants a name by which an operator could change a number; nobody does. */
const runtimeKey = 'log';

function celFilter(expression: string) {
  return {
    name: 'cel',
    typedConfig: any('envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter', { expression }),
  };
}

function share(percent: number) {
  return {
    runtimeKey,
    percentSampled: { numerator: Math.round(percent * 10_000), denominator: 'MILLION' as const },
    // By default requests of one trace are logged together; a share of requests is what was asked for.
    useIndependentRandomness: true,
  };
}
