import { join } from 'node:path';
import { afterAll, describe, it } from 'vitest';
import type { Manifest } from '../../../lib/kubernetes/manifest';
import {
  bootstrapConfig,
  controlPlane,
  dashboardObjects,
  imageWorkload,
  inject,
  namespaceObjects,
  networkPolicies,
  podMonitors,
  proxyObjects,
  ruleObjects,
} from '../../../lib/kubernetes/running';
import type { Mesh, Model } from '../../../lib/model';
import { expectNoStaleGoldens } from '../../support/golden';
import { deployment, model, port, service, shop } from './meshes';
import { expectGoldenObjects } from './yaml';

/** One file a case; each can be read alone. */
const cases: { readonly [name: string]: () => readonly Manifest[] } = {
  'inject-service': () => injected({}, 'web'),
  'inject-version': () => injected({}, 'reviews').slice(1),
  'inject-called-by-name': () => injected({}, 'orders'),
  'inject-cron-job': () => injected({}, 'report'),
  'inject-transparent': () => {
    const transparent = model({
      services: [
        service('storefront/web', [port(3000), port(3001, 'grpc', 81)], {
          capture: {
            kind: 'transparent',
            excludeInboundPorts: [9090],
            excludeOutboundPorts: [5432],
            excludeOutboundAddresses: ['10.9.0.0/16', 'fd00::/8'],
          },
        }),
      ],
    });
    const probe = { httpGet: { path: '/', port: 'web' } };
    const manifest = deployment('storefront/web', {
      containers: [
        { name: 'app', image: 'shop/web:1', ports: [{ name: 'web', containerPort: 3000 }], livenessProbe: probe },
      ],
    });
    return [
      inject(transparent, { kind: 'service', namespace: 'storefront', name: 'web' }, manifest, { bootstrapHash: 'h' }),
    ];
  },
  'image-workloads': () =>
    (['Deployment', 'StatefulSet', 'Job', 'CronJob'] as const).map((kind) =>
      imageWorkload({
        kind,
        namespace: 'storefront',
        name: kind === 'Deployment' ? 'web-v1' : 'web',
        labels: { 'meshwright.dev/service': 'web' },
        serviceAccountName: 'web',
        image: 'shop/web:1.0',
        command: ['node', 'main.js'],
        args: ['--port', '3000'],
        env: { SECOND: '2', FIRST: '1' },
        ports: [port(3000), port(3000, 'http', 8080), port(3001, 'udp', 81)],
        replicas: 3,
        readyPath: '/ready',
        ...(kind === 'CronJob' ? { schedule: '*/5 * * * *' } : {}),
      }),
    ),
  'control-plane': () => controlPlane(shop().model),
  'control-plane-cert-manager': () =>
    controlPlane(
      model({
        mesh: {
          certificates: {
            lifetime: 3_600_000,
            root: { kind: 'certManager', issuer: { name: 'company', kind: 'ClusterIssuer' }, lifetime: 86_400_000 },
          },
        },
      }),
    ),
  'control-plane-secret': () =>
    controlPlane(
      model({ mesh: { certificates: { lifetime: 3_600_000, root: { kind: 'secret', name: 'company-ca' } } } }),
    ),
  namespaces: () =>
    namespaceObjects(
      model({
        services: [
          service('storefront/web', [port(3000)]),
          service('legacy/stock', [port(3000)], {
            capture: {
              kind: 'transparent',
              excludeInboundPorts: [],
              excludeOutboundPorts: [],
              excludeOutboundAddresses: [],
            },
          }),
        ],
      }),
    ),
  bootstrap: () => [
    bootstrapConfig(model(), 'storefront', { 'token.json': '{}', 'envoy.json': '{"node":{}}', hosts: '' }),
  ],
  'network-policies-open': () => networkPolicies(shop().model),
  'network-policies-declared': () => networkPolicies(shop({ networkPolicies: 'declared' }).model),
  proxies: () => proxyObjects(shop().model, { bootstrapHash: 'h' }),
  observability: () => observability(model()),
  'observability-without-operator': () =>
    observability(model({ mesh: { telemetry: { metrics: { prometheusOperator: false } } } })),
};

describe('golden objects', () => {
  for (const [name, objects] of Object.entries(cases)) {
    it(name, () => {
      expectGoldenObjects(name, objects());
    });
  }

  afterAll(() =>
    expectNoStaleGoldens(
      join(__dirname, 'golden'),
      Object.keys(cases).map((name) => join(__dirname, 'golden', `${name}.yaml`)),
    ),
  );
});

function observability(of: Model): readonly Manifest[] {
  const alert = { alert: 'ProxyGone', expr: 'up == 0', labels: { severity: 'page' } };
  return [
    ...dashboardObjects(of, [{ name: 'mesh', namespace: 'meshwright-system', title: 'The whole mesh', json: '{}' }]),
    ...ruleObjects(of, [{ name: 'mesh', namespace: 'meshwright-system', rules: [alert] }]),
    ...podMonitors(of),
  ];
}

function injected(changes: Partial<Mesh>, name: string): readonly Manifest[] {
  const { model: made, pods } = shop(changes);
  return pods
    .filter(({ member }) => member.name === name)
    .map(({ member, manifest }) => inject(made, member, manifest, { bootstrapHash: 'h' }));
}
