import { describe, expect, it } from 'vitest';
import { type Context, configurationOf, nothingObserved } from '../../../lib/envoy';
import { inbound } from '../../../lib/envoy/inbound';
import type { Model, Service } from '../../../lib/model';
import { contextOf } from '../../support/envoy/contexts';
import { type GoldenCase, goldenCases } from '../../support/envoy/golden-cases';
import * as build from '../../support/model-builder';

const { accessPolicy, accessRule, edge, service } = build;

const web = service('web');
const catalog = service('catalog');
const store = service('store', { ports: [build.port('tcp', 5432)] });
const mail = service('mail', { ports: [build.port('tls', 465)] });
const calls = service('calls', { ports: [build.port('grpc', 9090)] });
const several = service('several', {
  ports: [
    build.port('http', 8080),
    build.port('http', 8080, { name: 'alias', port: 8080 }),
    build.port('tcp', 6000),
    build.port('udp', 53),
  ],
});

function contextFor(of: Service, parts: Partial<Model>, over: Partial<Context> = {}): Context {
  const mesh = build.model({ services: [web, of], edges: [edge(web, of)], ...parts });
  const member = { kind: 'service', namespace: of.namespace, name: of.name } as const;
  return contextOf(mesh, { kind: 'sidecar', member }, over);
}

/** Logs are a matter of their own, and are left out here. */
const quiet = build.mesh({ telemetry: { accessLog: { enabled: false } } });
const permissive = { ...quiet, mutualTls: 'permissive' } as const;

function served(of: Service, parts: Partial<Model> = {}, over: Partial<Context> = {}): GoldenCase {
  const context = contextFor(of, { mesh: quiet, ...parts }, over);
  const { listeners, clusters } = inbound(context);
  return { resources: { listeners, clusters }, configuration: configurationOf(context) };
}

const pods: Partial<Context> = {
  surroundings: {
    ...nothingObserved,
    podAddresses: (namespace) => (namespace === 'ingress' ? ['10.1.0.9', 'fd00::9'] : []),
  },
};
const fromIngress = (of: Service) => [
  accessPolicy(of, { rules: [accessRule({ from: [{ kind: 'outside', namespace: 'ingress' }] })] }),
];
const transparent = {
  ...quiet,
  capture: { kind: 'transparent', excludeInboundPorts: [], excludeOutboundPorts: [], excludeOutboundAddresses: [] },
} as const;

describe('a sidecar serves callers', () => {
  goldenCases('inbound', {
    'of HTTP': () => served(catalog),
    'of HTTP in plain text too': () => served(catalog, { mesh: permissive }),
    'of HTTP outside of the mesh': () => served(catalog, { accessPolicies: fromIngress(catalog) }, pods),
    'of gRPC': () => served(calls),
    'of bytes': () => served(store),
    'of bytes in plain text too': () => served(store, { mesh: permissive }),
    'of TLS of their own, in the mesh and outside': () => served(mail, { accessPolicies: fromIngress(mail) }, pods),
    'of several ports': () => served(several),
    'led to it whatever they dial': () =>
      served(
        several,
        {
          mesh: transparent,
          accessPolicies: [
            accessPolicy(several, {
              outsidePorts: [
                { port: 9100, protocol: 'tcp', from: [{ kind: 'namespace', namespace: 'ingress' }] },
                { port: 9200, protocol: 'tcp', from: [{ kind: 'anyone' }] },
                { port: 9300, protocol: 'tcp', from: [] },
              ],
            }),
          ],
        },
        pods,
      ),
  });

  it('nowhere, for a workload and for a service behind a shared proxy', () => {
    const job = build.workload('job');
    const mesh = build.model({
      workloads: [job],
      services: [catalog],
      sharedProxies: [build.sharedProxy('front', [catalog])],
    });
    const of = (member: 'workload' | 'service', name: string) =>
      inbound(contextOf(mesh, { kind: 'sidecar', member: { kind: member, namespace: 'shop', name } })).listeners;
    expect([of('workload', 'job'), of('service', 'catalog')]).toEqual([[], []]);
  });

  it('by the same listener whoever may call: who may comes apart from it', () => {
    const of = (parts: Partial<Model>) => inbound(contextFor(catalog, parts)).listeners;
    const other = service('other');
    expect(of({ services: [web, catalog, other], edges: [edge(other, catalog), edge(web, catalog)] })).toEqual(of({}));
    expect(of({ edges: [] })).toEqual(of({}));
    const rules = [accessRule({ action: 'deny', from: [{ kind: 'namespace', namespace: 'x' }] })];
    const jwt = [{ issuer: 'a', audiences: [], keys: { kind: 'inline', jwks: '{}' } as const, forward: [] }];
    expect(of({ accessPolicies: [accessPolicy(catalog, { rules, jwt })] })).toEqual(of({}));
    const fault = { abort: { status: { kind: 'http', status: 500 }, percent: 1 } } as const;
    expect(of({ routes: [build.httpRoute(catalog, [build.httpRule({ fault })])] })).toEqual(of({}));
  });
});
