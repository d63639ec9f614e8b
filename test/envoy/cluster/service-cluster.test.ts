import { describe, expect, it } from 'vitest';
import { type Context, configurationOf, nothingObserved } from '../../../lib/envoy';
import { clustersOf, type Target } from '../../../lib/envoy/cluster';
import type { Edge, ExternalService, Service, TrafficPolicy } from '../../../lib/model';
import { contextOf } from '../../support/envoy/contexts';
import { type GoldenCase, goldenCases } from '../../support/envoy/golden-cases';
import * as build from '../../support/model-builder';

const web = build.service('web');
const caller = { kind: 'sidecar', member: { kind: 'service', namespace: 'shop', name: 'web' } } as const;

function service(over: Partial<Service>, policy: Partial<TrafficPolicy> = {}, more: Partial<Edge> = {}): GoldenCase {
  const called = build.service('reviews', over);
  const mesh = build.model({
    services: [web, called],
    edges: [build.edge(web, called, more)],
    trafficPolicies: [build.trafficPolicy(called, policy)],
  });
  const target: Target = { kind: 'service', service: build.ref(called), port: called.ports[0]?.port ?? 0 };
  return of(contextOf(mesh, caller), target);
}

function external(over: Partial<ExternalService>, from: Partial<Context> = {}): GoldenCase {
  const called = build.externalService('bank', over);
  const mesh = build.model({
    services: [web],
    externalServices: [called],
    edges: [build.edge(web, called)],
    egressGateways: over.via === undefined ? [] : [build.egressGateway(over.via)],
  });
  return of(contextOf(mesh, caller, from), { kind: 'external', external: build.ref(called) });
}

function of(context: Context, target: Target): GoldenCase {
  const { clusters, assignments, secrets } = clustersOf(context, [target]);
  return { resources: { clusters, assignments, secrets }, configuration: configurationOf(context) };
}

const originate = { kind: 'originate' } as const;

describe('the cluster of', () => {
  goldenCases('cluster', {
    'a service': () => service({}),
    'a service of which everything is said': () =>
      service(
        {},
        {
          loadBalancing: { kind: 'leastRequest', choices: 3, slowStart: { window: 30_000, minimumPercent: 20 } },
          limits: { maxConnections: 1, maxPendingRequests: 2, maxRequests: 3, maxRequestsPerConnection: 4 },
          outlierDetection: {
            consecutive5xx: 1,
            consecutiveGatewayErrors: 2,
            consecutiveLocalOriginFailures: 3,
            interval: 4_000,
            baseEjectionTime: 5_000,
            maxEjectionPercent: 60,
            successRate: { standardDeviations: 1.9, minimumHosts: 3, minimumRequests: 50 },
          },
          healthCheck: {
            kind: 'http',
            path: '/health',
            statuses: [200, 204],
            interval: 1_000,
            timeout: 500,
            unhealthyThreshold: 2,
            healthyThreshold: 1,
          },
          connection: {
            timeout: 250,
            idleTimeout: 60_000,
            maxDuration: 120_000,
            tcpKeepAlive: { probes: 3, time: 10_000, interval: 500 },
            http2KeepAlive: { interval: 30_000, timeout: 5_000 },
          },
        },
        { retries: { attempts: 1, budget: { percent: 33.3, minConcurrency: 7 } } },
      ),
    'a service without outlier detection, round robin': () =>
      service(
        {},
        { outlierDetection: { enabled: false }, loadBalancing: { kind: 'roundRobin', slowStart: { window: 1_000 } } },
      ),
    'a service by ring hash': () =>
      service({}, { loadBalancing: { kind: 'ringHash', by: [{ kind: 'sourceAddress' }], minimumRingSize: 4_096 } }),
    'a service by maglev': () =>
      service({}, { loadBalancing: { kind: 'maglev', by: [{ kind: 'sourceAddress' }], tableSize: 65_537 } }),
    'a permissive service': () => service({ mutualTls: 'permissive' }),
    'a permissive service of gRPC': () =>
      service(
        { mutualTls: 'permissive', ports: [build.port('grpc')] },
        {
          healthCheck: {
            kind: 'grpc',
            service: 'a',
            interval: 1_000,
            timeout: 500,
            unhealthyThreshold: 2,
            healthyThreshold: 1,
          },
        },
      ),
    'a service of bytes': () =>
      service(
        { ports: [build.port('tcp', 6379)] },
        { healthCheck: { kind: 'grpc', interval: 1_000, timeout: 500, unhealthyThreshold: 2, healthyThreshold: 1 } },
      ),
    'a host by name': () => external({}),
    'a host that TLS is made for': () =>
      external({ protocol: 'http', tls: { kind: 'originate', serverName: 'api.bank.example' } }),
    'a host that is trusted by an authority of its own': () =>
      external({ protocol: 'grpc', tls: { kind: 'originate', trustedCa: 'bank-ca' } }),
    'a host of fixed addresses': () =>
      external({ addresses: ['192.0.2.7', '2001:db8::7'], protocol: 'tcp', tls: { kind: 'none' } }),
    'a host that is an address': () => external({ host: '192.0.2.9', protocol: 'tcp', tls: originate }),
    'hosts by wildcard': () => external({ host: '*.bank.example' }),
    'a host behind an egress gateway': () => external({ via: 'out', protocol: 'http', tls: originate }),
    'what stands in for a host': () =>
      external(
        { protocol: 'http', tls: originate },
        { binding: { kind: 'assigned', ports: { 'stand-in/bank.example.com/443': 31_000 } } },
      ),
  });
});

describe('policies', () => {
  const policy = (over: Partial<TrafficPolicy>) => build.trafficPolicy(reviews, over);
  const reviews = build.service('reviews');

  it('of one port say more than those of all, and leave to them what they do not say', () => {
    const mesh = build.model({
      services: [web, reviews],
      edges: [build.edge(web, reviews)],
      trafficPolicies: [
        policy({ name: 'all', limits: { maxRequests: 1 }, connection: { timeout: 1_000 } }),
        policy({ name: 'one', port: 80, limits: { maxRequests: 2 } }),
        policy({ name: 'other', port: 81, limits: { maxRequests: 3 } }),
      ],
    });
    const target: Target = { kind: 'service', service: build.ref(reviews), port: 80 };
    const [cluster] = clustersOf(contextOf(mesh, caller), [target]).clusters;
    expect(cluster?.circuitBreakers?.thresholds?.[0]?.maxRequests).toBe(2);
    expect(cluster?.connectTimeout).toBe('1s');
  });

  it('are not asked about what is not there', () => {
    const mesh = build.model({ services: [web, reviews], edges: [build.edge(web, reviews)] });
    const context = contextOf(mesh, caller, { surroundings: nothingObserved });
    const reference = { kind: 'service', service: build.ref(reviews) } as const;
    for (const target of [
      { ...reference, port: 81 },
      { ...reference, port: 80, version: 'v9' },
      { ...reference, port: 80, service: { namespace: 'shop', name: 'nobody' } },
    ]) {
      expect(clustersOf(context, [target]).clusters).toEqual([]);
    }
  });
});
