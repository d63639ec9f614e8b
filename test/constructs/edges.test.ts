import {
  allOf,
  ExternalService,
  GrpcMatch,
  grpc,
  HeaderMatch,
  http,
  https,
  MethodMatch,
  PathMatch,
  QueryMatch,
  Service,
  tcp,
  Workload,
} from 'meshwright';
import { expect, it } from 'vitest';
import { declared, failure, program } from './program';

it('makes an edge of a call, with all that can be said of it', () => {
  const model = declared((chart) => {
    const web = new Service(chart, 'web', { port: http(3000), image: 'web:1' });
    const api = new Service(chart, 'api', { port: http(8080), image: 'api:1' });
    web.calls(api, {
      only: [
        PathMatch.prefix('/a'),
        allOf(PathMatch.exact('/b'), MethodMatch.post, HeaderMatch.present('X-Team'), QueryMatch.exact('q', '1')),
        PathMatch.regex('/c/[0-9]+'),
      ],
      timeout: '1m30s',
      retries: {
        attempts: 3,
        on: ['5xx'],
        statuses: [409],
        perTryTimeout: '500ms',
        backoff: { base: '10ms', max: '1s' },
        budget: { percent: 10 },
      },
      hedging: { after: '100ms' },
      at: 18080,
      env: { API_URL: 'url', API_PORT: 'port' },
    });
  });
  expect(model.edges).toEqual([
    {
      from: { namespace: 'team', serviceAccount: 'web' },
      to: { kind: 'service', namespace: 'team', name: 'api' },
      port: 80,
      only: [
        { kind: 'http', path: { kind: 'prefix', path: '/a' }, headers: [], query: [] },
        {
          kind: 'http',
          path: { kind: 'exact', path: '/b' },
          method: 'POST',
          headers: [{ kind: 'regex', name: 'x-team', pattern: '.*' }],
          query: [{ kind: 'exact', name: 'q', value: '1' }],
        },
        { kind: 'http', path: { kind: 'regex', pattern: '/c/[0-9]+' }, headers: [], query: [] },
      ],
      timeout: 90_000,
      retries: {
        attempts: 3,
        on: ['5xx'],
        statuses: [409],
        perTryTimeout: 500,
        backoff: { base: 10, max: 1_000 },
        budget: { percent: 10, minConcurrency: 3 },
      },
      hedging: { after: 100, attempts: 1 },
      at: 18080,
      env: [
        { name: 'API_PORT', value: 'port' },
        { name: 'API_URL', value: 'url' },
      ],
    },
  ]);
});

it('gives the callee the right that the edge needs, and nobody else', () => {
  const model = declared((chart) => {
    const web = new Service(chart, 'web', { port: http(3000), image: 'web:1' });
    const ratings = new Service(chart, 'ratings', { port: grpc(9000), image: 'ratings:1' });
    new Service(chart, 'lonely', { port: http(80), image: 'lonely:1' });
    web.calls(ratings, { only: [GrpcMatch.method('shop.Ratings', 'Get')] });
  });
  expect(model.accessPolicies).toEqual([
    {
      namespace: 'team',
      name: 'ratings-callers',
      service: 'ratings',
      origin: 'edges',
      rules: [
        {
          action: 'allow',
          shadow: false,
          from: [{ kind: 'identity', namespace: 'team', serviceAccount: 'web' }],
          ports: [80],
          requests: [{ kind: 'grpc', service: 'shop.Ratings', method: 'Get', headers: [] }],
          claims: [],
        },
      ],
      jwt: [],
      outsidePorts: [],
    },
  ]);
});

it('makes an edge for each port, but for the one that is named where one is', () => {
  const model = declared((chart) => {
    const web = new Service(chart, 'web', { port: http(3000), image: 'web:1' });
    const both = new Service(chart, 'both', { ports: [http(1), grpc(2, { port: 81 })], image: 'both:1' });
    const other = new Service(chart, 'other', { ports: [http(1), grpc(2, { port: 81 })], image: 'other:1' });
    web.calls(both);
    web.calls(other, { port: 'grpc', env: 'OTHER_ADDR' });
  });
  expect(
    model.edges.map((edge) => `${edge.to.name}:${edge.port} ${edge.env.map((one) => `${one.name}=${one.value}`)}`),
  ).toEqual(['both:80 ', 'both:81 ', 'other:81 OTHER_ADDR=address']);
});

it('reaches external hosts, as they are or with TLS made by the sidecar', () => {
  const model = declared((chart) => {
    const job = new Workload(chart, 'job', { image: 'job:1', schedule: '0 * * * *' });
    job.calls(new ExternalService(chart, 'stripe', { host: 'api.stripe.com', port: https() }));
    job.calls(
      new ExternalService(chart, 'mail', {
        host: 'mail.example',
        port: http(443),
        originateTls: { serverName: 'smtp.mail.example' },
      }),
      { at: 8025 },
    );
    job.calls(
      new ExternalService(chart, 'old', {
        host: 'db.example',
        port: tcp(5432),
        addresses: ['192.0.2.7'],
        local: ['db'],
      }),
    );
  });
  expect(model.externalServices).toEqual([
    {
      namespace: 'team',
      name: 'mail',
      host: 'mail.example',
      port: 443,
      protocol: 'http',
      tls: { kind: 'originate', serverName: 'smtp.mail.example' },
    },
    {
      namespace: 'team',
      name: 'old',
      host: 'db.example',
      port: 5432,
      protocol: 'tcp',
      tls: { kind: 'none' },
      addresses: ['192.0.2.7'],
      local: { command: ['db'] },
    },
    {
      namespace: 'team',
      name: 'stripe',
      host: 'api.stripe.com',
      port: 443,
      protocol: 'tls',
      tls: { kind: 'passthrough' },
    },
  ]);
  expect(
    model.edges.map(
      (edge) => `${edge.from.serviceAccount} ${edge.to.kind} ${edge.to.name}:${edge.port}@${edge.at ?? ''}`,
    ),
  ).toEqual(['job externalService mail:443@8025', 'job externalService old:5432@', 'job externalService stripe:443@']);
  expect(model.workloads).toEqual([
    { namespace: 'team', name: 'job', serviceAccount: 'job', selector: { 'meshwright.dev/service': 'job' } },
  ]);
});

it('reports each mistake of a call where it was made', () => {
  const app = program((chart) => {
    const web = new Service(chart, 'web', { port: http(3000), image: 'web:1' });
    const both = new Service(chart, 'both', { ports: [http(1), grpc(2, { port: 81 })], image: 'both:1' });
    web.calls(both, { port: 9999 });
    web.calls(both, { at: 7000 });
    web.calls(both, { timeout: 'soon', port: 80 });
  });
  const shown = 'both has http (80), grpc (81)';
  expect(failure(app)).toEqual([
    `[team/web] MESH0003 timeout must be a duration, got "soon"; write whole numbers with units, such as 500ms, 2s, 1m30s or 24h`,
    `[team/web] MESH0301 calls(both) names port 9999, but ${shown}; name one of its ports`,
    `[team/web] MESH0302 calls(both) gives one \`at\` or \`env\` for several ports: ${shown}; say which port with \`port\`, one call for each`,
  ]);
});
