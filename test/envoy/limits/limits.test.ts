import { describe, expect, it } from 'vitest';
import { configurationOf } from '../../../lib/envoy';
import { inbound } from '../../../lib/envoy/inbound';
import type { HttpRule, Model } from '../../../lib/model';
import { contextOf } from '../../support/envoy/contexts';
import { type GoldenCase, goldenCases } from '../../support/envoy/golden-cases';
import * as build from '../../support/model-builder';

const { backend, edge, gateway, httpRoute, httpRule, prefix, service } = build;

const web = service('web');
const catalog = service('catalog');
const counter = service('counter', { ports: [build.port('grpc')] });
const quiet = build.mesh({ telemetry: { accessLog: { enabled: false } } });

function contextFor(rules: readonly HttpRule[], parts: Partial<Model> = {}) {
  const mesh = build.model({
    mesh: quiet,
    services: [web, catalog, counter],
    edges: [edge(web, catalog)],
    routes: [httpRoute(catalog, rules)],
    ...parts,
  });
  return contextOf(mesh, { kind: 'sidecar', member: { kind: 'service', namespace: 'shop', name: 'catalog' } });
}

function enforced(rules: readonly HttpRule[], parts: Partial<Model> = {}): GoldenCase {
  const context = contextFor(rules, parts);
  const { routes, extensions, assignments } = inbound(context);
  return { resources: { routes, extensions, assignments }, configuration: configurationOf(context) };
}

const global = (over = {}) => ({
  service: build.ref(counter),
  port: 80,
  domain: 'shop',
  descriptors: [
    { kind: 'value', key: 'plan', value: 'free' },
    { kind: 'header', key: 'user', header: 'x-user' },
    { kind: 'sourceAddress' },
    { kind: 'sourceIdentity' },
  ] as const,
  onFailure: 'deny' as const,
  ...over,
});

describe('what is enforced where requests arrive', () => {
  goldenCases('limits', {
    faults: () =>
      enforced([
        httpRule({
          matches: [prefix('/slow')],
          fault: {
            delay: { duration: 250, percent: 12.5 },
            abort: { status: { kind: 'http', status: 503 }, percent: 1 },
          },
        }),
        httpRule({ fault: { abort: { status: { kind: 'grpc', status: 14 }, percent: 100 } } }),
      ]),
    'limits of each instance: one bucket for all matches of a rule': () =>
      enforced([
        httpRule({
          matches: [prefix('/a'), prefix('/b')],
          rateLimit: { local: { requests: 10, per: 1_000, burst: 5 } },
        }),
        httpRule({
          matches: [prefix('/c')],
          from: [build.identity(web)],
          rateLimit: { local: { requests: 1, per: 10 } },
        }),
        httpRule(),
      ]),
    'limits that services count': () =>
      enforced([
        httpRule({ matches: [prefix('/a')], rateLimit: { global: global() } }),
        httpRule({ matches: [prefix('/b')], rateLimit: { global: global({ domain: 'other', onFailure: 'allow' }) } }),
      ]),
  });

  const limited = [httpRule({ rateLimit: { local: { requests: 1, per: 1_000 } } })];

  it('is what rules of other services say of the requests that they lead here', () => {
    const led = httpRoute(web, [
      httpRule({ ...limited[0], action: { kind: 'forward', backends: [backend(catalog)] } }),
    ]);
    const [routes] = inbound(contextFor([], { routes: [led] })).routes;
    expect(routes?.virtualHosts?.[0]?.routes?.map(({ name }) => name)).toEqual([
      expect.stringMatching(/^shop\/web\//),
      'shop/catalog',
    ]);
  });

  it('is not what gateways say of theirs', () => {
    const front = gateway('front');
    const route = build.gatewayRoute(front, catalog, {
      rules: [httpRule({ ...limited[0], action: { kind: 'forward', backends: [backend(catalog)] } })],
    });
    const [routes] = inbound(contextFor([], { gateways: [front], routes: [route] })).routes;
    expect(routes?.virtualHosts?.[0]?.routes?.map(({ name }) => name)).toEqual(['shop/catalog']);
  });
});
