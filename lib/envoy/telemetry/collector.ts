import { names } from '../../model';
import { any } from '../any';
import { isAddress } from '../socket-address';
import type { Cluster, Messages } from '../types';
import type { Settings } from './settings';

export interface Collector {
  readonly host: string;
  readonly port: number;
}

/** Where traces go. Absent: nowhere. */
export function traceCollector({ tracing }: Settings): Collector | undefined {
  return tracing?.enabled && tracing.host !== undefined
    ? { host: tracing.host, port: tracing.port ?? otlpPort }
    : undefined;
}

/** Where log records go, where they do not go to the standard output. */
export function logCollector({ accessLog }: Settings): Collector | undefined {
  const target = accessLog?.enabled ? accessLog.target : undefined;
  return target?.kind === 'otlp' ? { host: target.host, port: target.port } : undefined;
}

/** OTLP over gRPC. https://opentelemetry.io/docs/specs/otlp/#otlpgrpc-default-port */
const otlpPort = 4317;

export function collectorService({ host, port }: Collector): Messages['envoy.config.core.v3.GrpcService'] {
  return {
    envoyGrpc: { clusterName: names.collectorCluster(host, port), authority: `${host}:${port}` },
    timeout: '5s',
  };
}

/** The cluster of a collector: one for each address, whatever is sent there. */
export function collectorCluster({ host, port }: Collector): Cluster {
  const name = names.collectorCluster(host, port);
  const http2 = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';
  return {
    name,
    connectTimeout: '5s',
    type: isAddress(host) ? 'STATIC' : 'STRICT_DNS',
    typedExtensionProtocolOptions: { [http2]: any(http2, { explicitHttpConfig: { http2ProtocolOptions: {} } }) },
    loadAssignment: {
      clusterName: name,
      endpoints: [{ lbEndpoints: [{ endpoint: { address: { socketAddress: { address: host, portValue: port } } } }] }],
    },
  };
}
