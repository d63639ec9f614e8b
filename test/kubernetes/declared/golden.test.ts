import { afterAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { gatewayApiDefinitions, meshwrightDefinitions } from '../../../lib/kubernetes/crds';
import { decode, encode } from '../../../lib/kubernetes/declared';
import type { Manifest } from '../../../lib/kubernetes/manifest';
import { canonical, type Model } from '../../../lib/model';
import { expectGolden, expectNoStaleGoldens } from '../../support/golden';
import { violationsOf, violationText } from '../../support/manifests/schemas';
import * as make from '../../support/model-builder';

/** A small mesh, and the kinds of its objects that are looked at. */
interface Case {
  readonly name: string;
  readonly kinds: readonly string[];
  readonly model: Partial<Model>;
}

const web = make.service('web');
const ratings = make.service('ratings', { ports: [make.port('grpc', 9090)] });
const database = make.service('database', { namespace: 'data', ports: [make.port('tcp', 5432)] });
const reviews = make.service('reviews', {
  versions: [make.version('v1'), make.version('v2')],
  ports: [make.port('http'), make.port('udp', 5353, { name: 'dns' })],
});
const stripe = make.externalService('stripe');
const shop = make.gateway('public');

const cases: readonly Case[] = [
  { name: 'mesh', kinds: ['Mesh'], model: {} },
  { name: 'gateway-classes', kinds: ['GatewayClass'], model: {} },
  { name: 'service', kinds: ['Service', 'ServiceAccount'], model: { services: [reviews] } },
  {
    name: 'service-permissive',
    kinds: ['Service'],
    model: { services: [{ ...web, mutualTls: 'permissive', local: { command: ['npm', 'start'], directory: 'web' } }] },
  },
  {
    name: 'service-headless',
    kinds: ['Service'],
    model: {
      services: [
        {
          ...database,
          headless: true,
          instances: { statefulSet: 'database', replicas: 3 },
          capture: { kind: 'names' },
        },
      ],
    },
  },
  {
    name: 'shared-proxy',
    kinds: ['Service', 'Gateway', 'GatewayParameters'],
    model: { services: [reviews], sharedProxies: [make.sharedProxy('shop', [reviews])] },
  },
  {
    name: 'workload',
    kinds: ['ServiceAccount'],
    model: {
      workloads: [
        make.workload('nightly', {
          serviceAccount: 'nightly-job',
          selector: { app: 'nightly', tier: 'batch' },
          capture: {
            kind: 'transparent',
            excludeInboundPorts: [9100],
            excludeOutboundPorts: [],
            excludeOutboundAddresses: [],
          },
        }),
      ],
    },
  },
  {
    name: 'edge',
    kinds: ['Edge'],
    model: {
      services: [web, ratings],
      externalServices: [stripe],
      edges: [
        make.edge(web, ratings, {
          only: [{ kind: 'grpc', service: 'shop.ratings.v1.Ratings', headers: [] }],
          timeout: 500,
          retries: { attempts: 2, on: ['unavailable'], backoff: { base: 25, max: 250 } },
          hedging: { after: 100, attempts: 1 },
          at: 18080,
          env: [{ name: 'RATINGS', value: 'address' }],
        }),
        make.edge(web, stripe),
      ],
    },
  },
  {
    name: 'access-policy',
    kinds: ['AccessPolicy'],
    model: {
      services: [web, reviews],
      accessPolicies: [
        make.accessPolicy(reviews, {
          rules: [
            make.accessRule({
              from: [
                { kind: 'identity', ...make.identity(web) },
                { kind: 'namespace', namespace: 'data' },
              ],
              ports: [80],
              requests: [{ kind: 'http', ...make.prefix('/reviews', { method: 'GET' }) }],
            }),
            make.accessRule({
              action: 'deny',
              shadow: true,
              from: [{ kind: 'address', cidr: '10.0.0.0/8' }],
              claims: [{ claim: 'realm.roles', values: ['guest'] }],
            }),
          ],
          jwt: [
            {
              issuer: 'https://id.shop.example',
              audiences: ['shop'],
              keys: { kind: 'remote', uri: 'https://id.shop.example/keys' },
              from: { kind: 'header', name: 'x-token' },
              forward: [{ claim: 'sub', header: 'x-user' }],
            },
          ],
          externalAuthorization: {
            service: make.ref(web),
            port: 80,
            protocol: 'http',
            timeout: 200,
            onFailure: 'deny',
            requests: [],
            headers: ['cookie'],
          },
          outsidePorts: [{ port: 9100, protocol: 'tcp', from: [{ kind: 'namespace', namespace: 'monitoring' }] }],
        }),
      ],
    },
  },
  {
    name: 'access-policy-of-workload',
    kinds: ['AccessPolicy'],
    model: {
      workloads: [make.workload('nightly', { serviceAccount: 'nightly-job' })],
      accessPolicies: [
        make.accessPolicy(make.workload('nightly'), { outsidePorts: [{ port: 9100, protocol: 'tcp', from: [] }] }),
      ],
    },
  },
  {
    name: 'http-route',
    kinds: ['HTTPRoute', 'RouteFilter'],
    model: {
      services: [web, reviews],
      routes: [
        make.httpRoute(reviews, [
          make.httpRule({
            matches: [make.prefix('/reviews', { headers: [{ kind: 'exact', name: 'x-tester', value: 'yes' }] })],
            from: [make.identity(web)],
            action: { kind: 'forward', backends: [make.backend(reviews, { version: 'v2' })] },
            rewrite: { path: { kind: 'prefix', value: '/v2' } },
            fault: { delay: { duration: 2_000, percent: 0.5 } },
          }),
          make.httpRule({
            matches: [make.prefix('/old')],
            action: { kind: 'redirect', path: { kind: 'full', value: '/' }, status: 301 },
          }),
          make.httpRule({ matches: [make.prefix('/health')], action: { kind: 'respond', status: 200, body: 'well' } }),
          make.httpRule({
            action: {
              kind: 'forward',
              backends: [
                make.backend(reviews, { version: 'v1', weight: 99.5 }),
                make.backend(reviews, {
                  version: 'v2',
                  weight: 0.5,
                  requestHeaders: { set: [{ name: 'x-version', value: 'v2' }], add: [], remove: [] },
                }),
              ],
            },
            mirrors: [{ service: make.ref(web), port: 80, percent: 12.5 }],
            timeout: 15_000,
            retries: { attempts: 2, statuses: [503], perTryTimeout: 2_000, backoff: { base: 25, max: 500 } },
            cors: {
              allowOrigins: ['https://shop.example'],
              allowMethods: ['GET'],
              allowHeaders: [],
              exposeHeaders: [],
              allowCredentials: true,
              maxAge: 60_000,
            },
            sessionAffinity: { kind: 'cookie', name: 'session' },
            rateLimit: { local: { requests: 100, per: 1_000 } },
          }),
        ]),
      ],
    },
  },
  {
    name: 'route-to-itself',
    kinds: ['HTTPRoute', 'RouteFilter', 'ReferenceGrant'],
    model: {
      services: [web, reviews],
      routes: [
        make.httpRoute(reviews, [make.httpRule({ timeout: 1_000 })]),
        make.httpRoute(reviews, [make.httpRule({ timeout: 2_000 })], { name: 'consumer', namespace: 'data' }),
        make.httpRoute(reviews, [make.httpRule({ timeout: 3_000 })], {
          name: 'several',
          parents: [
            { kind: 'service', ...make.ref(reviews), port: 80 },
            { kind: 'service', ...make.ref(web), port: 80 },
          ],
        }),
      ],
    },
  },
  {
    name: 'grpc-route',
    kinds: ['GRPCRoute', 'RouteFilter'],
    model: {
      services: [ratings],
      routes: [
        make.grpcRoute(ratings, [
          make.grpcRule({
            matches: [make.grpcMatch({ service: 'shop.ratings.v1.Ratings', method: 'Get' })],
            timeout: 300,
            retries: { attempts: 1, on: ['unavailable'] },
          }),
        ]),
      ],
    },
  },
  {
    name: 'connection-routes',
    kinds: ['TLSRoute', 'TCPRoute', 'ReferenceGrant'],
    model: {
      services: [database, make.service('vault', { ports: [make.port('tls', 8200)] })],
      routes: [
        make.tlsRoute(
          make.service('vault', { ports: [make.port('tls', 8200)] }),
          [{ service: { namespace: 'shop', name: 'vault' }, port: 8200, weight: 100 }],
          { name: 'vault-named', hostnames: ['vault.shop.example'] },
        ),
        make.tlsRoute(
          make.service('vault', { ports: [make.port('tls', 8200)] }),
          [{ service: { namespace: 'shop', name: 'vault' }, port: 8200, weight: 100 }],
          { name: 'vault-any' },
        ),
        make.tcpRoute(database, [{ service: make.ref(database), port: 5432, weight: 100 }], {
          name: 'consumer',
          namespace: 'shop',
        }),
      ],
    },
  },
  {
    name: 'gateway',
    kinds: ['Gateway', 'GatewayParameters', 'HTTPRoute'],
    model: {
      services: [web],
      gateways: [
        {
          ...shop,
          listeners: [
            make.listener({ host: 'shop.example', routesFrom: ['shop', 'data'] }),
            make.listener({
              name: 'https',
              port: 443,
              protocol: 'https',
              host: '*.shop.example',
              tls: { kind: 'certManager', secret: 'shop-tls', issuer: { kind: 'ClusterIssuer', name: 'letsencrypt' } },
            }),
            make.listener({ name: 'own', port: 8443, protocol: 'https', tls: { kind: 'secret', name: 'own-tls' } }),
            make.listener({ name: 'tls', port: 9443, protocol: 'tls' }),
            make.listener({ name: 'tcp', port: 5432, protocol: 'tcp' }),
          ],
          service: { type: 'NodePort', annotations: { 'cloud.example/load-balancer': 'internal' } },
          resources: { requests: { cpu: '100m' } },
        },
      ],
      routes: [make.gatewayRoute(shop, web)],
    },
  },
  {
    name: 'egress-gateway',
    kinds: ['Gateway', 'GatewayParameters'],
    model: { egressGateways: [make.egressGateway('exit')] },
  },
  {
    name: 'traffic-policy',
    kinds: ['TrafficPolicy'],
    model: {
      services: [reviews],
      trafficPolicies: [
        make.trafficPolicy(reviews, {
          port: 80,
          loadBalancing: {
            kind: 'ringHash',
            by: [{ kind: 'cookie', name: 'session', ttl: 0 }, { kind: 'sourceAddress' }],
          },
          locality: { prefer: 'zone', failover: [{ from: 'eu-1', to: ['eu-2'] }] },
          limits: { maxConnections: 100 },
          outlierDetection: { consecutive5xx: 3, baseEjectionTime: 60_000 },
          healthCheck: {
            kind: 'http',
            path: '/health',
            interval: 5_000,
            timeout: 1_000,
            unhealthyThreshold: 3,
            healthyThreshold: 1,
          },
          connection: { timeout: 1_000, tcpKeepAlive: { probes: 3, time: 60_000, interval: 10_000 } },
        }),
      ],
    },
  },
  {
    name: 'canary',
    kinds: ['Canary'],
    model: {
      services: [reviews],
      canaries: [
        make.canary(reviews, {
          gates: [
            { kind: 'successRate', atLeast: 99.5, minimumRequests: 100 },
            { kind: 'latency', quantile: 0.99, below: 300, minimumRequests: 100 },
            { kind: 'query', name: 'carts', query: 'sum(carts{version="{{version}}"})', atLeast: 1 },
            { kind: 'webhook', name: 'smoke', url: 'http://smoke.shop/check', timeout: 10_000 },
            { kind: 'approval' },
          ],
          hooks: [{ when: 'rollback', name: 'tell', url: 'http://bot.shop/rollback', timeout: 1_000 }],
        }),
        make.canary(reviews, {
          name: 'reviews-ab',
          strategy: { kind: 'abTest', matches: [make.prefix('/beta')], interval: 3_600_000 },
        }),
      ],
    },
  },
  {
    name: 'external-service',
    kinds: ['ExternalService'],
    model: {
      externalServices: [
        stripe,
        make.externalService('bank', {
          protocol: 'http',
          tls: { kind: 'originate', trustedCa: 'bank-ca' },
          via: 'exit',
          addresses: ['192.0.2.7'],
        }),
      ],
    },
  },
  {
    name: 'telemetry',
    kinds: ['Telemetry'],
    model: {
      services: [web],
      telemetries: [
        make.telemetry(web, {
          accessLog: {
            enabled: true,
            format: { kind: 'text', line: '%PROTOCOL% %RESPONSE_CODE%' },
            filter: { minDuration: 1_000 },
            target: { kind: 'otlp', host: 'collector.monitoring', port: 4317 },
          },
          tracing: { enabled: true, sampling: 5, tags: { user: { kind: 'header', value: 'x-user' } } },
          objective: { successRate: 99.9, latency: { percent: 95, below: 300 } },
        }),
      ],
    },
  },
];

const folder = 'test/kubernetes/declared/golden';
const fileOf = ({ name }: Case) => `${folder}/${name}.yaml`;
const crds = [...meshwrightDefinitions(), ...gatewayApiDefinitions('standard')];

describe('each kind', () => {
  it.each(cases)('$name', (each) => {
    const given = canonical(make.model(each.model));
    const objects = encode(given);
    expectGolden(fileOf(each), yaml(objects.filter(({ kind }) => each.kinds.includes(kind))));
    expect(violationsOf(objects, { crds }).map(violationText)).toEqual([]);
    expect(decode(objects)).toEqual({ model: given, problems: [] });
  });

  afterAll(() => expectNoStaleGoldens(folder, cases.map(fileOf)));
});

/** As kubectl reads it: by YAML 1.1, in which `yes` and `on` are no texts. */
function yaml(objects: readonly Manifest[]): string {
  return objects.map((object) => stringify(object, { lineWidth: 0, version: '1.1' })).join('---\n');
}
