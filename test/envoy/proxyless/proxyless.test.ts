import { register } from '@grpc/grpc-js-xds';
import { ClusterResourceType } from '@grpc/grpc-js-xds/build/src/xds-resource-type/cluster-resource-type';
import { ListenerResourceType } from '@grpc/grpc-js-xds/build/src/xds-resource-type/listener-resource-type';
import { RouteConfigurationResourceType } from '@grpc/grpc-js-xds/build/src/xds-resource-type/route-config-resource-type';
import type { XdsResourceType } from '@grpc/grpc-js-xds/build/src/xds-resource-type/xds-resource-type';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { configurationOf, type HttpFilter, type Listener, loadAssignment, MeshProxy } from '../../../lib/envoy';
import { canonical, type Model, withImpliedAccess } from '../../../lib/model';
import { arbitraryModel } from '../../support/arbitraries/model';
import { contextOf } from '../../support/envoy/contexts';
import { brokenLaws } from '../../support/envoy/laws';
import { pgvViolations } from '../../support/envoy/pgv';
import { proxiesOf } from '../../support/envoy/proxies';
import { encode } from '../../support/envoy/registry';
import { validateConfigurations } from '../../support/envoy/validated';
import { expectGolden, expectNoStaleGoldens } from '../../support/golden';
import * as build from '../../support/model-builder';

const { backend, edge, grpcMatch, grpcRoute, grpcRule, httpMatch, httpRoute, httpRule, port, service } = build;

const reviews = service('reviews');
const ratings = service('ratings', {
  ports: [port('grpc', 8080, { port: 9000 })],
  versions: [build.version('v1'), build.version('v2')],
});
const client = { kind: 'proxyless', member: { kind: 'service', namespace: 'shop', name: 'reviews' } } as const;

function served(parts: Partial<Model>) {
  const mesh = build.model({ services: [reviews, ratings], edges: [edge(reviews, ratings, { port: 9000 })], ...parts });
  return configurationOf(contextOf(mesh, client));
}

const to = { services: [ratings] };
const cases: { readonly [name: string]: () => ReturnType<typeof served> } = {
  'calls of a service': () => served({}),
  'matches and shares of a gRPC route': () =>
    served({
      routes: [
        grpcRoute(ratings, [
          grpcRule({
            matches: [
              grpcMatch({
                service: 'shop.v1.Ratings',
                headers: [{ kind: 'exact', name: 'x-user', value: 'ann' }],
              }),
              grpcMatch({ service: 'shop.v1.Ratings', method: 'Rate' }),
              grpcMatch({ method: 'List' }),
            ],
            action: { kind: 'forward', backends: [backend(ratings, { port: 9000, version: 'v2' })] },
            timeout: 2_000,
            retries: { attempts: 3, on: ['unavailable', 'connect-failure'], perTryTimeout: 500 },
          }),
          grpcRule({
            action: {
              kind: 'forward',
              backends: [
                backend(ratings, { port: 9000, version: 'v1', weight: 90 }),
                backend(ratings, { port: 9000, version: 'v2', weight: 10 }),
              ],
            },
            mirrors: [{ service: build.ref(reviews), port: 80, percent: 100 }],
          }),
        ]),
      ],
    }),
  'what no call of gRPC meets, and what answers by itself': () =>
    served({
      routes: [
        httpRoute(ratings, [
          httpRule({ matches: [httpMatch({ query: [{ kind: 'exact', name: 'q', value: '1' }] })] }),
          httpRule({ matches: [httpMatch({ method: 'GET' })] }),
          httpRule({ matches: [httpMatch({ headers: [{ kind: 'exact', name: 'host', value: 'other' }] })] }),
          httpRule({ matches: [build.prefix('/old', { method: 'POST' })], action: { kind: 'respond', status: 410 } }),
        ]),
      ],
    }),
  'a hash, limits, and a low rate of success': () =>
    served({
      trafficPolicies: [
        build.trafficPolicy(ratings, {
          loadBalancing: { kind: 'maglev', by: [{ kind: 'header', name: 'x-user' }, { kind: 'sourceAddress' }] },
          limits: { maxRequests: 7 },
          outlierDetection: { successRate: { standardDeviations: 1.9, minimumHosts: 3, minimumRequests: 10 } },
        }),
      ],
    }),
  'a service that takes plain text too': () => served({ services: [reviews, { ...ratings, mutualTls: 'permissive' }] }),
  'a service behind a shared proxy': () => served({ sharedProxies: [build.sharedProxy('front', to.services)] }),
  'instances by their names, and at another port': () => {
    const database = service('database', {
      ports: [port('http2', 8080, { port: 9000 })],
      headless: true,
      instances: { statefulSet: 'database', replicas: 1 },
    });
    return served({ services: [reviews, database], edges: [edge(reviews, database, { port: 9000, at: 9001 })] });
  },
  'nothing where gRPC is not spoken': () => {
    const [web, outside] = [service('web'), build.externalService('bank')];
    return served({
      services: [reviews, web],
      externalServices: [outside],
      edges: [edge(reviews, web), edge(reviews, outside)],
    });
  },
};

const names = (listeners: readonly { readonly name?: string }[]) => listeners.map(({ name }) => name);

const file = (name: string) => `test/envoy/golden/proxyless/${name.replaceAll(/[^a-z0-9]+/gi, '-').toLowerCase()}.yaml`;

describe('the configuration of a gRPC application without a proxy', () => {
  it.each(Object.keys(cases))('%s: golden file', (name) => {
    const { listeners, routes, clusters, assignments, secrets, extensions } = cases[name]?.() ?? served({});
    expect([secrets, extensions]).toEqual([[], []]);
    const resources = {
      listeners: listeners.slice(0, 1),
      others: names(listeners.slice(1)),
      routes,
      clusters,
      assignments,
    };
    expectGolden(file(name), stringify(resources, { lineWidth: 0, aliasDuplicateObjects: false }));
  });

  it('no golden file is left of a case that is gone', () => {
    expectNoStaleGoldens('test/envoy/golden/proxyless', Object.keys(cases).map(file));
  });

  it('keeps the laws of every configuration and the rules of the API, whatever is declared', async () => {
    const wholes: Model[] = [];
    fc.assert(
      fc.property(arbitraryModel(), (mesh) => {
        wholes.push(mesh);
        for (const proxy of clientsOf(mesh)) {
          const configuration = configurationOf(contextOf(mesh, proxy));
          expect(brokenLaws(configuration), MeshProxy.key(proxy)).toEqual([]);
          const { listeners, clusters } = configuration;
          const violations = [
            ...listeners.flatMap((one) => pgvViolations('envoy.config.listener.v3.Listener', one)),
            ...clusters.flatMap((one) => pgvViolations('envoy.config.cluster.v3.Cluster', one)),
          ];
          expect(violations, MeshProxy.key(proxy)).toEqual([]);
        }
      }),
      { numRuns: 60, seed },
    );
    // Envoy reads them as well, but for what it does not have itself: certificates of a client's own bootstrap, listeners without address.
    const all = wholes.flatMap((mesh) => clientsOf(mesh).map((proxy) => configurationOf(contextOf(mesh, proxy))));
    const some = all.filter(({ listeners }) => listeners.length > 0);
    expect(some.length).toBeGreaterThan(10);
    const readable = some.map((one) => ({
      ...one,
      listeners: one.listeners.map(bound),
      clusters: one.clusters.map(({ transportSocket: _, ...cluster }) => cluster),
    }));
    expect((await validateConfigurations(readable.map((configuration) => ({ configuration })))).flat()).toEqual([]);
  }, 60_000);

  it("is one that gRPC's own client takes, whatever is declared", () => {
    register();
    let taken = 0;
    fc.assert(
      fc.property(arbitraryModel(), (mesh) => {
        for (const proxy of clientsOf(mesh)) {
          const { listeners, routes, clusters } = configurationOf(contextOf(mesh, proxy));
          const complaints = [
            ...listeners.map((one) => complaint(ListenerResourceType.get(), one)),
            ...routes.map((one) => complaint(RouteConfigurationResourceType.get(), one)),
            ...clusters.map((one) => complaint(ClusterResourceType.get(), one)),
          ];
          taken += complaints.length;
          expect(
            complaints.filter((one) => one !== undefined),
            MeshProxy.key(proxy),
          ).toEqual([]);
        }
      }),
      { numRuns: 60, seed },
    );
    expect(taken).toBeGreaterThan(100);
    const refused = { name: 'x', type: 'EDS', edsClusterConfig: { edsConfig: { ads: {} } }, lbPolicy: 'MAGLEV' };
    expect(complaint(ClusterResourceType.get(), refused)).toContain('MAGLEV');
  });

  it('is that of the whole mesh: what does not concern the application changes nothing', () => {
    fc.assert(
      fc.property(arbitraryModel(), (mesh) => {
        const whole = canonical(withImpliedAccess(mesh));
        for (const proxy of clientsOf(mesh)) {
          const context = contextOf(mesh, proxy);
          expect(configurationOf(context), MeshProxy.key(proxy)).toEqual(configurationOf({ ...context, model: whole }));
        }
      }),
      { numRuns: 60, seed },
    );
  });

  it('names and weighs each locality, that of no name too', () => {
    const mesh = build.model({ services: [ratings] });
    const endpoint = (address: string, zone?: string) => ({
      address,
      port: 15_100,
      meshed: true,
      state: 'ready' as const,
      ...(zone !== undefined && { locality: { region: 'here', zone } }),
    });
    const assignment = {
      cluster: 'x',
      kind: 'service',
      service: build.ref(ratings),
      port: 9000,
      weighted: true,
    } as const;
    const endpoints = [endpoint('192.0.2.1', 'a'), endpoint('192.0.2.2', 'a'), endpoint('192.0.2.3')];
    expect(loadAssignment(mesh, assignment, endpoints, undefined).endpoints).toMatchObject([
      { locality: {}, loadBalancingWeight: 1 },
      { locality: { region: 'here', zone: 'a' }, loadBalancingWeight: 2 },
    ]);
  });
});

/** What the client itself says of a resource. Absent: nothing. */
function complaint(type: XdsResourceType, resource: object): string | undefined {
  const typeName = type.getTypeUrl();
  const bootstrap = { certificateProviders: { default: {} } } as unknown as DecodeContext['bootstrap'];
  const any = { type_url: `type.googleapis.com/${typeName}`, value: Buffer.from(encode(resource, typeName)) };
  return type.decode({ server, bootstrap }, any).error;
}

type DecodeContext = Parameters<XdsResourceType['decode']>[0];
const server: DecodeContext['server'] = { server_uri: 'unix:xds.sock', channel_creds: [], server_features: [] };

/** The same behind an address, for Envoy to read the routes. */
function bound({ name, apiListener }: Listener, index: number): Listener {
  const typedConfig = apiListener?.apiListener as HttpFilter['typedConfig'];
  if (!typedConfig) throw new Error(`${name} is no API listener`);
  return {
    name: name ?? '',
    address: { socketAddress: { address: '127.0.0.1', portValue: 1 + index } },
    filterChains: [{ filters: [{ name: 'envoy.filters.network.http_connection_manager', typedConfig }] }],
  };
}

const seed = 20_240_901;

function clientsOf(mesh: Model): readonly MeshProxy[] {
  return proxiesOf(mesh).flatMap((proxy) =>
    proxy.kind === 'sidecar' ? [{ kind: 'proxyless', member: proxy.member } as const] : [],
  );
}
