import { once } from 'node:events';
import { get } from 'node:http';
import { connect } from 'node:http2';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { envoyMetrics, type Metric } from '../../lib/dashboards';
import { statistics } from '../../lib/envoy';
import { extension } from '../../lib/envoy/any';
import type { Bootstrap, Cluster, Listener, Messages } from '../../lib/envoy/types';
import { names } from '../../lib/model';
import { type Authority, authority } from '../support/envoy/authority';
import { accepting, type RunningEnvoy, startEnvoy } from '../support/envoy/process';

/**
 * A real Envoy with the names that proxies of the mesh give to clusters and listeners, and with the statistics that they
 * keep: whatever a panel or a rule reads must be there, under that name and with those labels.
 */
const upstream = names.outboundCluster({ namespace: 'shop', name: 'reviews' }, 80, 'v1');
const [application, database] = [names.inboundCluster(8080), names.inboundCluster(5432)];

let root: Authority;
let envoy: RunningEnvoy;
let report: string;

beforeAll(async () => {
  root = authority('root');
  const ports = {
    admin: await freePort(),
    out: await freePort(),
    in: await freePort(),
    tcp: await freePort(),
    app: await freePort(),
  };
  envoy = await startEnvoy(bootstrapOf(ports));
  for (const port of Object.values(ports)) await accepting(port);
  for (const path of ['/', '/failing', '/denied', '/shadow']) await fetched(ports.out, path);
  await grpcCall(ports.out);
  await fetched(ports.tcp, '/').catch(() => 'denied, so the connection is closed without an answer');
  report = await untilCounted(ports.admin);
});

afterAll(async () => {
  await envoy?.stop();
  root?.remove();
});

describe('a real Envoy', () => {
  const metrics: readonly Metric[] = Object.values(envoyMetrics);

  it.each(metrics.map((metric) => [metric.name, metric] as const))('reports %s', (name, metric) => {
    expect(report).toContain(`# TYPE ${name} ${metric.type}\n`);
    const start = metric.type === 'histogram' ? `${name}_bucket{` : `${name}{`;
    const line = report.split('\n').find((each) => each.startsWith(start)) ?? '';
    const labels = [...line.matchAll(/([a-z_]+)="/g)].map((match) => match[1]);
    const expected = metric.type === 'histogram' ? [...metric.labels, 'le'] : metric.labels;
    expect([...labels].sort()).toEqual([...expected].sort());
  });

  it('counts what callers see, not the tries behind it', () => {
    const requests = valuesOf('envoy_cluster_upstream_rq_xx', upstream);
    expect(requests).toEqual({ '2': 3, '4': 1, '5': 1 });
    expect(valuesOf('envoy_cluster_upstream_rq_retry', upstream)).toEqual({ '': 1 });
  });

  it('tells the statuses of gRPC calls apart', () => {
    expect(report).toContain(`envoy_cluster_grpc{envoy_cluster_name="${upstream}",grpc_status="14"} 1\n`);
    expect(report).toContain(`envoy_cluster_grpc{envoy_cluster_name="${application}",grpc_status="14"} 1\n`);
  });

  it('counts denials of requests and connections, and those in shadow mode', () => {
    const prefix = `envoy_http_conn_manager_prefix="${application}"`;
    expect(report).toContain(`envoy_http_rbac_denied{${prefix}} 1\n`);
    expect(report).toContain(`envoy_http_rbac_shadow_denied{${prefix}} 1\n`);
    // One is the connection that waited for the port.
    expect(report).toContain(`envoy_rbac_denied{envoy_rbac_prefix="${database}"} 2\n`);
  });

  it('has a bucket at each bound, written as rules ask for it', () => {
    const bounds = [...report.matchAll(/^envoy_http_downstream_rq_time_bucket\{[^}]*"inbound\|8080",le="([^"]+)"/gm)];
    expect(bounds.map((match) => match[1])).toEqual(['1', '250', '1000', '30000', '+Inf']);
  });
});

/** Values of a metric of a cluster, by class of status. */
function valuesOf(name: string, cluster: string): { readonly [responseClass: string]: number } {
  const values: { [responseClass: string]: number } = {};
  for (const line of report.split('\n')) {
    if (!line.startsWith(`${name}{`) || !line.includes(`"${cluster}"`)) continue;
    values[/envoy_response_code_class="(.)"/.exec(line)?.[1] ?? ''] = Number(line.split(' ').at(-1));
  }
  return values;
}

interface Ports {
  readonly admin: number;
  readonly out: number;
  readonly in: number;
  readonly tcp: number;
  readonly app: number;
}

function bootstrapOf(ports: Ports): Bootstrap {
  return {
    node: { id: 'test', cluster: 'test' },
    admin: { address: address(ports.admin) },
    statsConfig: statistics([1, 250, 1000, 30_000]),
    // Nobody answers there: the statistics of the stream are what is looked for.
    dynamicResources: {
      adsConfig: {
        apiType: 'GRPC',
        transportApiVersion: 'V3',
        grpcServices: [{ envoyGrpc: { clusterName: 'control_plane' } }],
      },
    },
    staticResources: {
      listeners: [
        listener('out', ports.out, { filters: [http(upstream, [grpcStatistics], routesTo(upstream))] }),
        listener('in', ports.in, {
          transportSocket: serverTls(),
          filters: [http(application, [grpcStatistics, denials], routesTo(application))],
        }),
        listener('tcp', ports.tcp, { filters: [deniedConnections, tcpProxy] }),
        listener('app', ports.app, { filters: [http('application', [], answers)] }),
      ],
      clusters: [
        { ...cluster(upstream, ports.in), outlierDetection: {}, transportSocket: clientTls() },
        { ...cluster(application, ports.app), ...sameProtocol },
        cluster(database, ports.app),
        cluster('control_plane', 1),
      ],
    },
  };
}

type Routes =
  Messages['envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager']['routeConfig'];
type HttpFilters = NonNullable<
  Messages['envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager']['httpFilters']
>;

function http(statPrefix: string, filters: HttpFilters, routeConfig: Routes) {
  return extension(
    'envoy.filters.network.http_connection_manager',
    'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
    {
      statPrefix,
      routeConfig,
      httpFilters: [
        ...filters,
        extension('envoy.filters.http.router', 'envoy.extensions.filters.http.router.v3.Router', {}),
      ],
    },
  );
}

const grpcStatistics = extension(
  'envoy.filters.http.grpc_stats',
  'envoy.extensions.filters.http.grpc_stats.v3.FilterConfig',
  {},
);

const denials = extension('envoy.filters.http.rbac', 'envoy.extensions.filters.http.rbac.v3.RBAC', {
  rules: { action: 'DENY', policies: { denied: onPath('/denied') } },
  shadowRules: { action: 'DENY', policies: { shadow: onPath('/shadow') } },
});

function onPath(prefix: string) {
  return {
    permissions: [{ header: { name: ':path', stringMatch: { prefix } } }],
    principals: [{ any: true }],
  };
}

const deniedConnections = extension('envoy.filters.network.rbac', 'envoy.extensions.filters.network.rbac.v3.RBAC', {
  // Envoy puts `rbac.` right behind it.
  statPrefix: `${database}.`,
  rules: { action: 'DENY', policies: { all: { permissions: [{ any: true }], principals: [{ any: true }] } } },
});

const tcpProxy = extension(
  'envoy.filters.network.tcp_proxy',
  'envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy',
  {
    statPrefix: database,
    cluster: database,
  },
);

function routesTo(name: string): Routes {
  const route = { cluster: name, ...(name === upstream && { retryPolicy: { retryOn: '5xx', numRetries: 1 } }) };
  return { virtualHosts: [{ name: 'all', domains: ['*'], routes: [{ match: { prefix: '/' }, route }] }] };
}

const answers: Routes = {
  virtualHosts: [
    {
      name: 'all',
      domains: ['*'],
      routes: [
        { match: { prefix: '/failing' }, directResponse: { status: 503 } },
        {
          match: { prefix: '/grpc' },
          directResponse: { status: 200 },
          responseHeadersToAdd: [
            { header: { key: 'content-type', value: 'application/grpc' } },
            { header: { key: 'grpc-status', value: '14' } },
          ],
        },
        { match: { prefix: '/' }, directResponse: { status: 200 } },
      ],
    },
  ],
};

function listener(name: string, port: number, chain: NonNullable<Listener['filterChains']>[number]): Listener {
  return { name, address: address(port), filterChains: [chain] };
}

function cluster(name: string, port: number): Cluster {
  return {
    name,
    connectTimeout: '1s',
    loadAssignment: { clusterName: name, endpoints: [{ lbEndpoints: [{ endpoint: { address: address(port) } }] }] },
  };
}

const sameProtocol: Cluster = {
  typedExtensionProtocolOptions: {
    'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
      '@type': 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
      useDownstreamProtocolConfig: { httpProtocolOptions: {}, http2ProtocolOptions: {} },
    },
  },
} as Cluster;

function address(portValue: number) {
  return { socketAddress: { address: '127.0.0.1', portValue } };
}

function serverTls() {
  const { cert, key } = root.issue('reviews');
  return extension('envoy.transport_sockets.tls', 'envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext', {
    commonTlsContext: {
      tlsCertificates: [{ certificateChain: { inlineString: cert }, privateKey: { inlineString: key } }],
      alpnProtocols: ['http/1.1'],
    },
  });
}

function clientTls() {
  return extension('envoy.transport_sockets.tls', 'envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext', {
    commonTlsContext: { validationContext: { trustedCa: { inlineString: root.certificate } } },
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function fetched(port: number, path: string): Promise<string> {
  const request = get({ host: '127.0.0.1', port, path, agent: false });
  const [response] = await once(request, 'response');
  let text = '';
  for await (const part of response) text += part;
  return text;
}

async function grpcCall(port: number): Promise<void> {
  const session = connect(`http://127.0.0.1:${port}`);
  const stream = session.request({ ':method': 'POST', ':path': '/grpc/Method', 'content-type': 'application/grpc' });
  stream.end();
  await once(stream, 'response');
  stream.resume();
  await once(stream, 'close');
  session.close();
}

/** Histograms are merged every five seconds; until then they show nothing. */
async function untilCounted(admin: number): Promise<string> {
  for (;;) {
    const text = await fetched(admin, '/stats/prometheus');
    if (/envoy_http_downstream_rq_time_count\{[^}]*"inbound\|8080"\} [1-9]/.test(text)) return text;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
