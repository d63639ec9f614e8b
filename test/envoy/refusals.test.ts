import { describe, expect, it } from 'vitest';
import {
  any,
  type Bootstrap,
  bootstrap,
  type Cluster,
  extension,
  type HttpFilter,
  type Listener,
  type Messages,
  type Route,
} from '../../lib/envoy';
import { pgvViolations } from '../support/envoy/pgv';
import { validateWithEnvoy } from '../support/envoy/process';
import { encode } from '../support/envoy/registry';

const bootstrapType = 'envoy.config.bootstrap.v3.Bootstrap';
const inChain = 'staticResources.listeners[0].filterChains[0].filters[0].typedConfig';
const inRoute = `${inChain}.routeConfig.virtualHosts[0].routes[0]`;
const inCluster = 'staticResources.clusters[0]';

const managerType = 'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';
const upstreamHttp = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';
const inUpstreamHttp = `${inCluster}.typedExtensionProtocolOptions["${upstreamHttp}"].upstreamHttpProtocolOptions`;

const everything: Route = { match: { prefix: '/' }, route: { cluster: 'upstream' } };

interface Refusal {
  readonly bootstrap: Bootstrap;
  /** What is said here. */
  readonly here: string;
  /** What Envoy says of the innermost field. */
  readonly envoy: string;
}

/** One mistake each, by the rule that it breaks. */
const refusals: { readonly [rule: string]: Refusal } = {
  'string.minLen': {
    bootstrap: withCluster({ name: '' }),
    here: `${inCluster}.name: must have at least 1 characters, got ""`,
    envoy: 'Name: value length must be at least 1 characters',
  },
  'string.maxBytes': {
    bootstrap: withCluster({
      transportSocket: extension('tls', 'envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext', {
        sni: 'ä'.repeat(128),
      }),
    }),
    here: `${inCluster}.transportSocket.typedConfig.sni: must have at most 255 bytes, got "${'ä'.repeat(128)}"`,
    envoy: 'Sni: value length must be at most 255 bytes',
  },
  'string.pattern': {
    bootstrap: withRoute({ ...everything, match: { pathSeparatedPrefix: '/a/' } }),
    here: `${inRoute}.match.pathSeparatedPrefix: must match ^[^?#]+[^?#/]$, got "/a/"`,
    envoy: 'PathSeparatedPrefix: value does not match regex pattern',
  },
  'string.in': {
    bootstrap: withManager({ schemeHeaderTransformation: { schemeToOverwrite: 'ftp' } }),
    here: `${inChain}.schemeHeaderTransformation.schemeToOverwrite: must be one of ["http","https"], got "ftp"`,
    envoy: 'SchemeToOverwrite: value must be in list',
  },
  'string.prefix': {
    bootstrap: withRoute({
      ...everything,
      route: {
        cluster: 'upstream',
        rateLimits: [{ actions: [{ genericKey: { descriptorValue: 'a' } }], hitsAddend: { format: '1%' } }],
      },
    }),
    here: `${inRoute}.route.rateLimits[0].hitsAddend.format: must begin with "%", got "1%"`,
    envoy: 'Format: value does not have prefix',
  },
  'string.wellKnownRegex': {
    bootstrap: withRoute({ ...everything, match: { prefix: '/', headers: [{ name: 'a\nb', presentMatch: true }] } }),
    here: `${inRoute}.match.headers[0].name: must be legal as the name of a header, got "a\\nb"`,
    envoy: 'Name: value does not match regex pattern',
  },
  'string.strict, which is the default': {
    bootstrap: withUpstreamHttp({ autoSni: true, overrideAutoSniHeader: 'a b' }),
    here: `${inUpstreamHttp}.overrideAutoSniHeader: must be legal as the name of a header, got "a b"`,
    envoy: 'OverrideAutoSniHeader: value does not match regex pattern',
  },
  'string.suffix': {
    bootstrap: withRoute({
      ...everything,
      route: {
        cluster: 'upstream',
        rateLimits: [{ actions: [{ genericKey: { descriptorValue: 'a' } }], hitsAddend: { format: '%1' } }],
      },
    }),
    here: `${inRoute}.route.rateLimits[0].hitsAddend.format: must end with "%", got "%1"`,
    envoy: 'Format: value does not have suffix',
  },
  'message.required': {
    bootstrap: withRoute({ route: { cluster: 'upstream' } }),
    here: `${inRoute}.match: is required`,
    envoy: 'Match: value is required',
  },
  'any.required': {
    bootstrap: withCluster({ loadBalancingPolicy: { policies: [{ typedExtensionConfig: { name: 'random' } }] } }),
    here: `${inCluster}.loadBalancingPolicy.policies[0].typedExtensionConfig.typedConfig: is required`,
    envoy: 'TypedConfig: value is required',
  },
  'duration.required': {
    bootstrap: withCluster({
      healthChecks: [{ interval: '1s', unhealthyThreshold: 1, healthyThreshold: 1, tcpHealthCheck: {} }],
    }),
    here: `${inCluster}.healthChecks[0].timeout: is required`,
    envoy: 'Timeout: value is required',
  },
  'a oneof that is required': {
    bootstrap: withRoute({ ...everything, match: {} }),
    here: `${inRoute}.match: must have one of prefix, path, safeRegex, connectMatcher, pathSeparatedPrefix, pathMatchPolicy`,
    envoy: 'field: "path_specifier", reason: is required',
  },
  'enum.definedOnly': {
    bootstrap: withCluster({ lbPolicy: 77 as never }),
    here: `${inCluster}.lbPolicy: must be one of ROUND_ROBIN, LEAST_REQUEST, RING_HASH, RANDOM, MAGLEV, CLUSTER_PROVIDED, LOAD_BALANCING_POLICY_CONFIG, got 77`,
    envoy: 'LbPolicy: value must be one of the defined enum values',
  },
  'enum.notIn': {
    bootstrap: withCluster({
      healthChecks: [
        {
          timeout: '1s',
          interval: '1s',
          unhealthyThreshold: 1,
          healthyThreshold: 1,
          httpHealthCheck: { path: '/', method: 'CONNECT' },
        },
      ],
    }),
    here: `${inCluster}.healthChecks[0].httpHealthCheck.method: must not be one of CONNECT, got CONNECT`,
    envoy: 'Method: value must not be in list',
  },
  'bool.const': {
    bootstrap: withFilter(
      extension('rbac', 'envoy.extensions.filters.http.rbac.v3.RBAC', {
        rules: { policies: { one: { permissions: [{ any: false }], principals: [{ any: true }] } } },
      }),
    ),
    here: `${inChain}.httpFilters[0].typedConfig.rules.policies["one"].permissions[0].any: must be true, got false`,
    envoy: 'Any: value must equal',
  },
  'uint32.lte': {
    bootstrap: withCluster({ loadAssignment: assignment(70_000) }),
    here: `${inCluster}.loadAssignment.endpoints[0].lbEndpoints[0].endpoint.address.socketAddress.portValue: must be at most 65535, got 70000`,
    envoy: 'PortValue: value must be less than or equal to',
  },
  'uint32.gte': {
    bootstrap: withManager({ http2ProtocolOptions: { maxConcurrentStreams: 0 } }),
    here: `${inChain}.http2ProtocolOptions.maxConcurrentStreams: must be at least 1, got 0`,
    envoy: 'MaxConcurrentStreams: value must be inside range',
  },
  'uint32.gt': {
    bootstrap: withManager({ maxRequestHeadersKb: 0 }),
    here: `${inChain}.maxRequestHeadersKb: must be above 0, got 0`,
    envoy: 'MaxRequestHeadersKb: value must be inside range',
  },
  'uint32.lt': {
    bootstrap: withRoute({ match: { prefix: '/' }, directResponse: { status: 600 } }),
    here: `${inRoute}.directResponse.status: must be below 600, got 600`,
    envoy: 'Status: value must be inside range',
  },
  'uint32 of a field that is absent': {
    bootstrap: withRoute({ match: { prefix: '/' }, directResponse: {} }),
    here: `${inRoute}.directResponse.status: must be at least 200, got 0`,
    envoy: 'Status: value must be inside range',
  },
  'uint64.lte': {
    bootstrap: withCluster({ lbPolicy: 'RING_HASH', ringHashLbConfig: { minimumRingSize: '8388609' } }),
    here: `${inCluster}.ringHashLbConfig.minimumRingSize: must be at most 8388608, got 8388609`,
    envoy: 'MinimumRingSize: value must be less than or equal to',
  },
  'int64.gt': {
    bootstrap: {
      overloadManager: {
        resourceMonitors: [
          extension(
            'envoy.resource_monitors.global_downstream_max_connections',
            'envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig',
            { maxActiveDownstreamConnections: '0' },
          ),
        ],
      },
    },
    here: 'overloadManager.resourceMonitors[0].typedConfig.maxActiveDownstreamConnections: must be above 0, got 0',
    envoy: 'MaxActiveDownstreamConnections: value must be greater than',
  },
  'double.lte': {
    bootstrap: withCluster({ preconnectPolicy: { perUpstreamPreconnectRatio: 3.5 } }),
    here: `${inCluster}.preconnectPolicy.perUpstreamPreconnectRatio: must be at most 3, got 3.5`,
    envoy: 'PerUpstreamPreconnectRatio: value must be inside range',
  },
  'double.gte': {
    bootstrap: withCluster({ commonLbConfig: { healthyPanicThreshold: { value: -1 } } }),
    here: `${inCluster}.commonLbConfig.healthyPanicThreshold.value: must be at least 0, got -1`,
    envoy: 'Value: value must be inside range',
  },
  'duration.gt': {
    bootstrap: withCluster({ connectTimeout: '0s' }),
    here: `${inCluster}.connectTimeout: must be above 0s, got 0s`,
    envoy: 'ConnectTimeout: value must be greater than',
  },
  'duration.gte': {
    bootstrap: withManager({ http2ProtocolOptions: { connectionKeepalive: { interval: '0.0009s', timeout: '1s' } } }),
    here: `${inChain}.http2ProtocolOptions.connectionKeepalive.interval: must be at least 0.001s, got 0.0009s`,
    envoy: 'Interval: value must be greater than or equal to',
  },
  'duration.lt': {
    bootstrap: { statsFlushInterval: '300s' },
    here: 'statsFlushInterval: must be below 300s, got 300s',
    envoy: 'StatsFlushInterval: value must be inside range',
  },
  'repeated.minItems': {
    bootstrap: withManager({ routeConfig: { virtualHosts: [{ name: 'a', domains: [] }] } }),
    here: `${inChain}.routeConfig.virtualHosts[0].domains: must have at least 1 items, got 0`,
    envoy: 'Domains: value must contain at least 1 item(s)',
  },
  'repeated.maxItems': {
    bootstrap: withRoute({
      ...everything,
      requestHeadersToAdd: Array.from({ length: 1001 }, () => ({ header: { key: 'a', value: 'b' } })),
    }),
    here: `${inRoute}.requestHeadersToAdd: must have at most 1000 items, got 1001`,
    envoy: 'RequestHeadersToAdd: value must contain no more than 1000 item(s)',
  },
  'repeated.items': {
    bootstrap: withFilter(
      extension('router', 'envoy.extensions.filters.http.router.v3.Router', { strictCheckHeaders: ['x-other'] }),
    ),
    here: `${inChain}.httpFilters[0].typedConfig.strictCheckHeaders[0]: must be one of ["x-envoy-upstream-rq-timeout-ms","x-envoy-upstream-rq-per-try-timeout-ms","x-envoy-max-retries","x-envoy-retry-grpc-on","x-envoy-retry-on"], got "x-other"`,
    envoy: 'StrictCheckHeaders[0]: value must be in list',
  },
  'repeated.unique': {
    bootstrap: { statsConfig: { histogramBucketSettings: [{ match: { prefix: 'a' }, buckets: [1, 2, 2] }] } },
    here: 'statsConfig.histogramBucketSettings[0].buckets: must not repeat an item, got 2 more than once',
    envoy: 'Buckets[2]: repeated value must contain unique items',
  },
  'map.keys': {
    bootstrap: withCluster({ metadata: { filterMetadata: { '': {} } } }),
    here: `${inCluster}.metadata.filterMetadata: a key must have at least 1 characters, got ""`,
    envoy: 'FilterMetadata[]: value length must be at least 1 characters',
  },
  'string.minLen inside of an Any': {
    bootstrap: withManager({ statPrefix: '' }),
    here: `${inChain}.statPrefix: must have at least 1 characters, got ""`,
    envoy: 'StatPrefix: value length must be at least 1 characters',
  },
};

describe('what Envoy refuses', () => {
  for (const [rule, { bootstrap: broken, here, envoy }] of Object.entries(refusals)) {
    it.concurrent(`${rule}`, async () => {
      expect(pgvViolations(bootstrapType, broken)).toEqual([here]);
      encode(broken, bootstrapType);
      const { ok, output } = await validateWithEnvoy(broken);
      expect({ ok, output }).toEqual({
        ok: false,
        output: expect.stringContaining('Proto constraint validation failed'),
      });
      expect(output).toContain(envoy);
    });
  }
});

describe('regular expressions', () => {
  const layeredRuntime = bootstrap({
    kind: 'sidecar',
    cluster: 'a/b',
    controlPlane: { host: 'localhost', port: 1 },
    paths: { runtime: '/a', trust: '/b', token: '/c', config: '/d' },
  }).layeredRuntime;
  const long = withRoute({ ...everything, match: { safeRegex: { regex: '/orders/[0-9]{1,60}' } } });

  it.concurrent('may be longer with the runtime of the bootstrap than Envoy allows by itself', async () => {
    const [alone, withRuntime] = await Promise.all([
      validateWithEnvoy(long),
      validateWithEnvoy({ ...long, layeredRuntime }),
    ]);
    expect(alone).toEqual({ ok: false, output: expect.stringContaining('RE2 program size of 131 > max program size') });
    expect(withRuntime).toEqual({ ok: true, output: expect.stringMatching(/ OK\n$/) });
  });
});

describe('what Envoy accepts', () => {
  const accepted: { readonly [what: string]: Bootstrap } = {
    'a listener, a route and a cluster': withRoute(everything),
    'bounds that are met exactly': withCluster({
      preconnectPolicy: { perUpstreamPreconnectRatio: 3 },
      loadAssignment: assignment(65_535),
      lbPolicy: 'RING_HASH',
      ringHashLbConfig: { minimumRingSize: 1_024, maximumRingSize: '8388608' },
      connectTimeout: '0.001s',
    }),
    'a header with a name that only the loose rule allows': withRoute({
      ...everything,
      match: { prefix: '/', headers: [{ name: 'a b', presentMatch: true }] },
    }),
    'an empty text where emptiness is no matter': withRoute({ ...everything, match: { prefix: '' } }),
    'an empty name where emptiness means none': withUpstreamHttp({ autoSni: true, overrideAutoSniHeader: '' }),
    'a name with a comma, which the rule allows in passing': withUpstreamHttp({ overrideAutoSniHeader: 'a,b' }),
    'a filter with rules of its own': withFilter(
      extension('rbac', 'envoy.extensions.filters.http.rbac.v3.RBAC', {
        rules: { policies: { one: { permissions: [{ any: true }], principals: [{ any: true }] } } },
      }),
    ),
  };
  for (const [what, correct] of Object.entries(accepted)) {
    it.concurrent(what, async () => {
      expect(pgvViolations(bootstrapType, correct)).toEqual([]);
      expect(await validateWithEnvoy(correct)).toEqual({ ok: true, output: expect.stringMatching(/ OK\n$/) });
    });
  }
});

function withCluster(changes: Partial<Cluster>): Bootstrap {
  return { staticResources: { clusters: [{ ...upstream(), ...changes }] } };
}

function withUpstreamHttp(upstreamHttpProtocolOptions: UpstreamHttp): Bootstrap {
  const options = any(upstreamHttp, { upstreamHttpProtocolOptions, explicitHttpConfig: { httpProtocolOptions: {} } });
  return withCluster({ typedExtensionProtocolOptions: { [upstreamHttp]: options } });
}

type UpstreamHttp = Messages[typeof upstreamHttp]['upstreamHttpProtocolOptions'];

function upstream(): Cluster {
  return { name: 'upstream', loadAssignment: assignment(80) };
}

function assignment(portValue: number): Cluster['loadAssignment'] {
  const endpoint = { address: { socketAddress: { address: '127.0.0.1', portValue } } };
  return { clusterName: 'upstream', endpoints: [{ lbEndpoints: [{ endpoint }] }] };
}

type Manager = Messages[typeof managerType];

function withRoute(route: Route): Bootstrap {
  return withManager({ routeConfig: { virtualHosts: [{ name: 'all', domains: ['*'], routes: [route] }] } });
}

function withFilter(filter: HttpFilter): Bootstrap {
  return withManager({ httpFilters: filter.name === 'router' ? [filter] : [filter, router()] });
}

function router(): HttpFilter {
  return extension('router', 'envoy.extensions.filters.http.router.v3.Router', {});
}

function withManager(changes: Partial<Manager>): Bootstrap {
  const manager: Manager = {
    statPrefix: 'all',
    routeConfig: { virtualHosts: [] },
    httpFilters: [router()],
    ...changes,
  };
  const listener: Listener = {
    name: 'all',
    address: { socketAddress: { address: '127.0.0.1', portValue: 15_999 } },
    filterChains: [{ filters: [extension('manager', managerType, manager)] }],
  };
  return { staticResources: { listeners: [listener], clusters: [upstream()] } };
}
