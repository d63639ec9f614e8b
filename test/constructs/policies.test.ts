import {
  AccessPolicy,
  AccessRule,
  Canary,
  EgressGateway,
  ExternalService,
  Gate,
  Gateway,
  HeaderMatch,
  http,
  https,
  LoadBalancer,
  MethodMatch,
  OutsideFrom,
  PathMatch,
  Root,
  Service,
  SharedProxy,
  Source,
  Strategy,
  Telemetry,
  TrafficPolicy,
  Workload,
} from 'meshwright';
import { expect, it } from 'vitest';
import { declared, failure, program } from './program';

it('takes a traffic policy with every part', () => {
  const model = declared((chart) => {
    const service = new Service(chart, 'api', { port: http(8080), image: 'api:1' });
    new TrafficPolicy(chart, 'api-policy', {
      service,
      port: 80,
      loadBalancing: LoadBalancer.maglev(
        ['source-address', { header: 'X-User' }, { cookie: 'c', ttl: '1h' }, { queryParameter: 'q' }],
        { tableSize: 65537 },
      ),
      locality: { prefer: 'region', failover: [{ from: 'a', to: ['b'] }], minHealthyPercent: 80 },
      limits: { maxConnections: 10 },
      outlierDetection: { consecutive5xx: 3, interval: '5s', baseEjectionTime: '1m', successRate: { minimumHosts: 3 } },
      healthCheck: { http: '/healthz', statuses: [204], interval: '5s' },
      connection: {
        timeout: '1s',
        idleTimeout: '5m',
        maxDuration: '1h',
        tcpKeepAlive: { probes: 3, time: '1m', interval: '10s' },
        http2KeepAlive: { interval: '30s', timeout: '5s' },
      },
    });
  });
  expect(model.trafficPolicies).toEqual([
    {
      namespace: 'team',
      name: 'api-policy',
      service: 'api',
      port: 80,
      loadBalancing: {
        kind: 'maglev',
        by: [
          { kind: 'sourceAddress' },
          { kind: 'header', name: 'x-user' },
          { kind: 'cookie', name: 'c', ttl: 3_600_000 },
          { kind: 'queryParameter', name: 'q' },
        ],
        tableSize: 65537,
      },
      locality: { prefer: 'region', failover: [{ from: 'a', to: ['b'] }], minHealthyPercent: 80 },
      limits: { maxConnections: 10 },
      outlierDetection: {
        consecutive5xx: 3,
        interval: 5_000,
        baseEjectionTime: 60_000,
        successRate: { standardDeviations: 1.9, minimumHosts: 3, minimumRequests: 100 },
      },
      healthCheck: {
        kind: 'http',
        path: '/healthz',
        statuses: [204],
        interval: 5_000,
        timeout: 2_000,
        unhealthyThreshold: 3,
        healthyThreshold: 2,
      },
      connection: {
        timeout: 1_000,
        idleTimeout: 300_000,
        maxDuration: 3_600_000,
        tcpKeepAlive: { probes: 3, time: 60_000, interval: 10_000 },
        http2KeepAlive: { interval: 30_000, timeout: 5_000 },
      },
    },
  ]);
});

it('takes the other ways to spread and to ask', () => {
  const model = declared((chart) => {
    const service = new Service(chart, 'api', { port: http(8080), image: 'api:1' });
    const policy = (id: string, props: object) => new TrafficPolicy(chart, id, { service, ...props });
    policy('a', {
      loadBalancing: LoadBalancer.roundRobin({ slowStart: { window: '30s' } }),
      outlierDetection: 'off',
      healthCheck: { grpc: 'a.B' },
    });
    policy('b', { loadBalancing: LoadBalancer.leastRequest({ choices: 3 }), healthCheck: { tcp: true } });
    policy('c', { loadBalancing: LoadBalancer.random() });
    policy('d', { loadBalancing: LoadBalancer.ringHash([{ header: 'x' }], { minimumRingSize: 2048 }) });
  });
  expect(model.trafficPolicies.map((policy) => policy.loadBalancing)).toEqual([
    { kind: 'roundRobin', slowStart: { window: 30_000 } },
    { kind: 'leastRequest', choices: 3 },
    { kind: 'random' },
    { kind: 'ringHash', by: [{ kind: 'header', name: 'x' }], minimumRingSize: 2048 },
  ]);
  expect(model.trafficPolicies[0]?.outlierDetection).toEqual({ enabled: false });
  expect(model.trafficPolicies.map((policy) => policy.healthCheck?.kind)).toEqual([
    'grpc',
    'tcp',
    undefined,
    undefined,
  ]);
});

it('takes an access policy with every part', () => {
  const model = declared((chart) => {
    const service = new Service(chart, 'api', { port: http(8080), image: 'api:1' });
    const job = new Workload(chart, 'job', { image: 'job:1' });
    const authz = new Service(chart, 'authz', { port: http(9000), image: 'authz:1' });
    new AccessPolicy(chart, 'api-policy', {
      service,
      rules: [
        AccessRule.allow({
          from: [job, Source.namespace('other'), Source.outside('ingress')],
          requests: [PathMatch.prefix('/a'), MethodMatch.get],
          claims: { role: 'admin', 'org.id': ['1', '2'] },
        }),
        AccessRule.deny({
          from: [Source.address('192.0.2.0/24'), Source.serviceAccount('x', 'y')],
          ports: [80],
          shadow: true,
        }),
      ],
      jwt: [
        {
          issuer: 'https://i.example',
          audiences: ['a'],
          keys: { uri: 'https://i.example/jwks', refresh: '1m' },
          from: { header: 'X-Token' },
          forward: { sub: 'X-User' },
        },
        { issuer: 'https://j.example', keys: { inline: '{"keys":[]}' } },
      ],
      externalAuthorization: {
        service: authz,
        timeout: '1s',
        requests: [PathMatch.prefix('/private')],
        headers: ['X-B', 'X-A'],
      },
      outsidePorts: [
        {
          port: 9464,
          from: [OutsideFrom.namespace('monitoring'), OutsideFrom.address('192.0.2.1/32'), OutsideFrom.anyone()],
        },
        { port: 53, protocol: 'udp' },
      ],
    });
  });
  // Who is asked for authorization lets the asking sidecar in.
  expect(model.accessPolicies.map((policy) => policy.name)).toEqual(['api-policy', 'authz-callers']);
  expect(model.accessPolicies.slice(0, 1)).toEqual([
    {
      namespace: 'team',
      name: 'api-policy',
      service: 'api',
      origin: 'declared',
      rules: [
        {
          action: 'allow',
          shadow: false,
          from: [
            { kind: 'identity', namespace: 'team', serviceAccount: 'job' },
            { kind: 'namespace', namespace: 'other' },
            { kind: 'outside', namespace: 'ingress' },
          ],
          ports: [],
          requests: [
            { kind: 'http', path: { kind: 'prefix', path: '/a' }, headers: [], query: [] },
            { kind: 'http', method: 'GET', headers: [], query: [] },
          ],
          claims: [
            { claim: 'org.id', values: ['1', '2'] },
            { claim: 'role', values: ['admin'] },
          ],
        },
        {
          action: 'deny',
          shadow: true,
          from: [
            { kind: 'address', cidr: '192.0.2.0/24' },
            { kind: 'identity', namespace: 'x', serviceAccount: 'y' },
          ],
          ports: [80],
          requests: [],
          claims: [],
        },
      ],
      jwt: [
        {
          issuer: 'https://i.example',
          audiences: ['a'],
          keys: { kind: 'remote', uri: 'https://i.example/jwks', refresh: 60_000 },
          from: { kind: 'header', name: 'x-token' },
          forward: [{ claim: 'sub', header: 'x-user' }],
        },
        { issuer: 'https://j.example', audiences: [], keys: { kind: 'inline', jwks: '{"keys":[]}' }, forward: [] },
      ],
      externalAuthorization: {
        service: { namespace: 'team', name: 'authz' },
        port: 80,
        protocol: 'http',
        timeout: 1_000,
        onFailure: 'deny',
        requests: [{ kind: 'http', path: { kind: 'prefix', path: '/private' }, headers: [], query: [] }],
        headers: ['x-a', 'x-b'],
      },
      outsidePorts: [
        {
          port: 9464,
          protocol: 'tcp',
          from: [
            { kind: 'namespace', namespace: 'monitoring' },
            { kind: 'address', cidr: '192.0.2.1/32' },
            { kind: 'anyone' },
          ],
        },
        { port: 53, protocol: 'udp', from: [] },
      ],
    },
  ]);
});

it('takes canaries of each kind, with every gate', () => {
  const model = declared((chart) => {
    const service = new Service(chart, 'api', { port: http(8080) });
    const stable = service.addVersion('v1', { image: 'api:1' });
    const candidate = service.addVersion('v2', { image: 'api:2' });
    new Canary(chart, 'a', {
      service,
      stable,
      candidate,
      steps: [1, 10],
      interval: '1m',
      sticky: true,
      mirror: { percent: 20, duration: '5m' },
      gates: [
        Gate.successRate({ atLeast: 99.9, minimumRequests: 50 }),
        Gate.latency({ quantile: 0.99, below: '250ms' }),
        Gate.query({ name: 'q', query: 'up', atLeast: 1, atMost: 2 }),
        Gate.webhook({ name: 'w', url: 'https://w.example', timeout: '5s' }),
        Gate.approval(),
      ],
      onFailure: { action: 'pause', after: 3, scaleDown: true, notify: 'https://n.example' },
      giveUpAfter: '1h',
      hooks: [{ when: 'before', name: 'load', url: 'https://l.example' }],
    });
    new Canary(chart, 'b', { service, stable, candidate, strategy: Strategy.blueGreen({ keepFor: '1h' }) });
    new Canary(chart, 'c', {
      service,
      stable,
      candidate,
      strategy: Strategy.abTest({ matches: [HeaderMatch.exact('a', 'b')] }),
    });
  });
  const unchanged = { namespace: 'team', service: 'api', stable: 'v1', candidate: 'v2' };
  const usual = {
    gates: [{ kind: 'successRate', atLeast: 99, minimumRequests: 100 }],
    onFailure: { action: 'rollback', after: 1, scaleDown: false },
    giveUpAfter: 600_000,
    hooks: [],
  };
  expect(model.canaries).toEqual([
    {
      ...unchanged,
      name: 'a',
      strategy: {
        kind: 'weighted',
        steps: [1, 10],
        interval: 60_000,
        mirror: { percent: 20, duration: 300_000 },
        sticky: true,
      },
      gates: [
        { kind: 'successRate', atLeast: 99.9, minimumRequests: 50 },
        { kind: 'latency', quantile: 0.99, below: 250, minimumRequests: 100 },
        { kind: 'query', name: 'q', query: 'up', atLeast: 1, atMost: 2 },
        { kind: 'webhook', name: 'w', url: 'https://w.example', timeout: 5_000 },
        { kind: 'approval' },
      ],
      onFailure: { action: 'pause', after: 3, scaleDown: true, notify: 'https://n.example' },
      giveUpAfter: 3_600_000,
      hooks: [{ when: 'before', name: 'load', url: 'https://l.example', timeout: 10_000 }],
    },
    { ...unchanged, ...usual, name: 'b', strategy: { kind: 'blueGreen', interval: 120_000, keepFor: 3_600_000 } },
    {
      ...unchanged,
      ...usual,
      name: 'c',
      strategy: {
        kind: 'abTest',
        matches: [{ headers: [{ kind: 'exact', name: 'a', value: 'b' }], query: [] }],
        interval: 120_000,
      },
    },
  ]);
});

it('takes gateways, ways out and shared proxies', () => {
  const model = declared((chart) => {
    const via = new EgressGateway(chart, 'out', { replicas: 3 });
    new ExternalService(chart, 'maps', { host: 'maps.example', port: https(), via });
    const a = new Service(chart, 'a', { port: http(1), image: 'a:1' });
    const b = new Service(chart, 'b', { port: http(1), image: 'b:1' });
    new SharedProxy(chart, 'front', { services: [b], replicas: 1 }).addService(a);
    new Gateway(chart, 'public', {
      listeners: [
        { port: 8443, protocol: 'https', host: '*.a.example', tls: { issuer: 'letsencrypt' }, routesFrom: ['z', 'y'] },
        { name: 'raw', port: 1883, protocol: 'tcp' },
      ],
      serviceType: 'NodePort',
      serviceAnnotations: { a: 'b' },
      resources: { requests: { cpu: '1' } },
    });
  });
  expect(model.egressGateways).toEqual([{ namespace: 'team', name: 'out', replicas: 3 }]);
  expect(model.externalServices[0]).toMatchObject({ via: 'out' });
  expect(model.sharedProxies).toEqual([{ namespace: 'team', name: 'front', services: ['a', 'b'], replicas: 1 }]);
  const [gateway] = model.gateways;
  expect(gateway?.service).toEqual({ type: 'NodePort', annotations: { a: 'b' } });
  expect(gateway?.resources).toEqual({ requests: { cpu: '1' } });
  expect(gateway?.listeners.map(({ name, ...listener }) => listener)).toEqual([
    {
      port: 8443,
      protocol: 'https',
      host: '*.a.example',
      tls: {
        kind: 'certManager',
        secret: expect.stringMatching(/^public-https-8443-any-a-example.*-tls$/),
        issuer: { name: 'letsencrypt', kind: 'ClusterIssuer' },
      },
      routesFrom: ['y', 'z'],
    },
    { port: 1883, protocol: 'tcp', routesFrom: [] },
  ]);
});

it('takes telemetry of the mesh and of one service', () => {
  const model = declared(
    (chart) => {
      const service = new Service(chart, 'api', { port: http(8080), image: 'api:1' });
      new Telemetry(chart, 'api-policy', {
        service,
        accessLog: {
          format: { text: '%REQ(:PATH)%' },
          filter: { minDuration: '1s', sample: 10, cel: 'true' },
          target: { host: 'logs.example' },
        },
        tracing: { host: 'traces.example', port: 1, sampling: 50, tags: { team: 'a', user: { header: 'X-User' } } },
        objective: { successRate: 99.5, latency: { percent: 95, below: '250ms' }, window: '168h' },
      });
    },
    { telemetry: { accessLog: 'off', tracing: 'off' } },
  );
  expect(model.telemetries).toEqual([
    {
      namespace: 'team',
      name: 'api-policy',
      service: 'api',
      accessLog: {
        enabled: true,
        format: { kind: 'text', line: '%REQ(:PATH)%' },
        filter: { minDuration: 1_000, sample: 10, cel: 'true' },
        target: { kind: 'otlp', host: 'logs.example', port: 4317 },
      },
      tracing: {
        enabled: true,
        host: 'traces.example',
        port: 1,
        sampling: 50,
        tags: { team: { kind: 'literal', value: 'a' }, user: { kind: 'header', value: 'x-user' } },
      },
      objective: { successRate: 99.5, latency: { percent: 95, below: 250 }, window: 604_800_000 },
    },
  ]);
  expect(model.mesh.telemetry).toEqual({
    accessLog: { enabled: false },
    tracing: { enabled: false },
    metrics: { prometheusOperator: true },
    objective: { successRate: 99.9 },
  });
});

it('takes every setting of a mesh', () => {
  const model = declared(() => {}, {
    namespace: 'control',
    clusterDomain: 'cluster.example',
    certificates: { lifetime: '1h', root: Root.certManager({ issuer: 'ca', issuerKind: 'Issuer', lifetime: '2160h' }) },
    mutualTls: 'permissive',
    networkPolicies: 'declared',
    defaults: { timeout: '5s', retries: { attempts: 1 } },
    controlPlane: { image: 'control:1', replicas: 3, resources: { limits: { memory: '1Gi' } } },
    proxy: { image: 'envoy:1', concurrency: 2, resources: {} },
    gatewayApi: 'standard',
  });
  expect(model.mesh).toEqual({
    name: 'mesh',
    namespace: 'control',
    trustDomain: 'test.example',
    clusterDomain: 'cluster.example',
    certificates: {
      lifetime: 3_600_000,
      root: { kind: 'certManager', issuer: { name: 'ca', kind: 'Issuer' }, lifetime: 7_776_000_000 },
    },
    mutualTls: 'permissive',
    capture: { kind: 'names' },
    networkPolicies: 'declared',
    defaults: { timeout: 5_000, retries: { attempts: 1 } },
    telemetry: {
      accessLog: { enabled: true, format: { kind: 'json' }, filter: { minStatus: 400 }, target: { kind: 'stdout' } },
      tracing: { enabled: false },
      metrics: { prometheusOperator: true },
      objective: { successRate: 99.9 },
    },
    controlPlane: { image: 'control:1', replicas: 3, resources: { limits: { memory: '1Gi' } } },
    proxy: { image: 'envoy:1', concurrency: 2, resources: {} },
    gatewayApi: 'standard',
  });
});

it('reports mistakes that a type cannot catch', () => {
  const app = program((chart) => {
    const api = new Service(chart, 'api', { port: http(8080) });
    const stable = api.addVersion('v1', { image: 'api:1' });
    const candidate = api.addVersion('v2', { image: 'api:2' });
    const twin = new Service(chart, 'twin', { port: http(8080) });
    const stranger = twin.addVersion('v2', { image: 'api:2' }) as never;
    new Canary(chart, 'stranger', { service: api, stable, candidate: stranger });
    new Canary(chart, 'torn', {
      service: twin,
      stable: stranger,
      candidate: stranger,
      steps: [5],
      strategy: Strategy.blueGreen(),
    });
    new Gateway(chart, 'none', { hosts: [] });
    void candidate;
  });
  expect(failure(app)).toEqual(
    expect.arrayContaining([
      '[team/stranger] MESH0601 candidate is version v2 of twin, but the canary is of api; give a version of api',
      '[team/torn] MESH0602 `steps` and `sticky` are of a canary by weight, but `strategy` is another; leave out one or the other',
      '[team/none] MESH0702 `hosts` is empty; name the hosts that are served, or leave `hosts` out to serve every host',
    ]),
  );
});
