import type { ConnectionSettings, Ref, Retries } from '../model';
import { defaults } from '../model';
import { extension } from './any';
import type { Context } from './context';
import { seconds } from './seconds';
import type { Serving } from './serving';
import { accessLogs } from './telemetry/access-log';
import type { Messages, TypedExtension } from './types';

type TcpProxy = Messages['envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy'];

const type = 'envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy';

export interface TcpProxyOptions {
  /** Name of its statistics. Without `|` there are none (`lib/envoy/bootstrap/statistics`). */
  readonly statPrefix: string;
  readonly destination: Pick<TcpProxy, 'cluster' | 'weightedClusters'>;
  /** Whom it serves. */
  readonly server: Serving;
  readonly connection?: ConnectionSettings | undefined;
  /** To connect is safe to try again: nothing has been sent. */
  readonly retries?: Retries;
  /** Connections of one address go to one instance. */
  readonly bySource?: boolean;
  /** The service whose telemetry settings hold. Absent: the one that a sidecar stands beside, or else the mesh's. */
  readonly telemetryOf?: Ref;
  /** Connects when the client has shown its certificate, by which a filter before this one may refuse it. Absent: at once. */
  readonly afterHandshake?: boolean;
  /** Beside what is logged by declaration. */
  readonly accessLog?: NonNullable<TcpProxy['accessLog']>[number];
}

/** The network filter that passes bytes on as they are. */
export function tcpProxy(
  context: Context,
  {
    statPrefix,
    destination,
    server,
    connection,
    retries,
    bySource,
    telemetryOf,
    afterHandshake,
    accessLog,
  }: TcpProxyOptions,
): TypedExtension<typeof type> {
  const declared = accessLogs(context, { server, protocol: 'tcp', ...(telemetryOf && { of: telemetryOf }) });
  const logs = [...declared, ...(accessLog ? [accessLog] : [])];
  const attempts = 1 + (retries?.attempts ?? 0);
  return extension('envoy.filters.network.tcp_proxy', type, {
    statPrefix,
    ...destination,
    idleTimeout: seconds(connection?.idleTimeout ?? defaults.connection.idleTimeout),
    ...(connection?.maxDuration && { maxDownstreamConnectionDuration: seconds(connection.maxDuration) }),
    ...(attempts > 1 && { maxConnectAttempts: attempts }),
    ...(bySource && { hashPolicy: [{ sourceIp: {} }] }),
    ...(afterHandshake && { upstreamConnectMode: 'ON_DOWNSTREAM_TLS_HANDSHAKE', maxEarlyDataBytes: 65_536 }),
    ...(logs.length > 0 && { accessLog: logs }),
  });
}
