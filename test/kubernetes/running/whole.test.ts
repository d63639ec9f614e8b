import { describe, expect, it } from 'vitest';
import type { Manifest } from '../../../lib/kubernetes/manifest';
import {
  applyOrder,
  bootstrapConfig,
  controlPlane,
  dashboardObjects,
  imageWorkload,
  inject,
  namespaceObjects,
  networkPolicies,
  podMonitors,
  proxyObjects,
  rank,
  ruleObjects,
} from '../../../lib/kubernetes/running';
import { type Mesh, names } from '../../../lib/model';
import { manifestProblems, podSecurityViolations } from '../../support/manifests';
import { port, shop } from './meshes';

/** Everything that this folder makes of one mesh. */
function everything(changes: Partial<Mesh> = {}): readonly Manifest[] {
  const { model, pods } = shop(changes);
  return applyOrder([
    ...namespaceObjects(model),
    ...controlPlane(model),
    ...names
      .meshNamespaces(model)
      .map((namespace) => bootstrapConfig(model, namespace, { 'envoy.json': '{}', hosts: '' })),
    ...proxyObjects(model, { bootstrapHash: 'h' }),
    ...networkPolicies(model),
    ...dashboardObjects(model, [{ name: 'mesh', namespace: model.mesh.namespace, title: 'Mesh', json: '{}' }]),
    ...ruleObjects(model, [
      { name: 'mesh', namespace: model.mesh.namespace, rules: [{ record: 'up:sum', expr: 'sum(up)' }] },
    ]),
    ...podMonitors(model),
    ...pods.map(({ member, manifest }) => inject(model, member, manifest, { bootstrapHash: 'h' })),
  ]);
}

/** Of the services and workloads themselves: written next door, from the same model. */
const { model: declared } = shop();
const elsewhere = [
  ...[...declared.services, ...declared.workloads].map(
    (one) => `ServiceAccount ${one.namespace}/${one.serviceAccount}`,
  ),
  ...names.meshNamespaces(declared).map((namespace) => `ConfigMap ${namespace}/${names.objects.trust}`),
];

const transparent: Partial<Mesh> = {
  capture: {
    kind: 'transparent',
    excludeInboundPorts: [],
    excludeOutboundPorts: [5432],
    excludeOutboundAddresses: ['10.9.0.0/16'],
  },
};

/** The one container that cannot be `restricted`: nftables are set by root with NET_ADMIN. */
const captureFault = /initContainers\[0\]/;

describe('a whole mesh', () => {
  for (const networkPolicies of ['open', 'declared', 'none'] as const) {
    it(`is taken by a cluster and passes restricted, network policies ${networkPolicies}`, () => {
      // Pods behind the shared proxy are their author's alone.
      const exemptFromPodSecurity = (object: object) =>
        (object as Manifest).metadata.namespace === 'legacy' &&
        (object as Manifest).kind === 'Deployment' &&
        (object as Manifest).metadata.name !== 'front-shared';
      expect(manifestProblems(everything({ networkPolicies }), { elsewhere, exemptFromPodSecurity })).toEqual([]);
    });
  }

  it('has no network policy where the mesh writes none', () => {
    expect(everything({ networkPolicies: 'none' }).filter(({ kind }) => kind === 'NetworkPolicy')).toEqual([]);
  });

  it('passes restricted with transparent capture too, but for the init container that sets it up', () => {
    const objects = everything(transparent).filter(({ metadata }) => metadata.namespace !== 'legacy');
    const faults = objects.flatMap(podSecurityViolations);
    expect(faults.filter((fault) => !captureFault.test(fault))).toEqual([]);
    expect(faults.length).toBeGreaterThan(0);
    expect(manifestProblems(objects, { elsewhere, exemptFromPodSecurity: () => true })).toEqual([]);
  });

  it('passes restricted where everything is made from images', () => {
    const made = (['Deployment', 'StatefulSet', 'Job', 'CronJob'] as const).map((kind) =>
      imageWorkload({
        kind,
        namespace: 'shop',
        name: 'web',
        labels: { app: 'web' },
        serviceAccountName: 'web',
        image: 'web:1',
        ports: [port(80)],
        schedule: '* * * * *',
      }),
    );
    expect(made.flatMap(podSecurityViolations)).toEqual([]);
  });

  it('does not depend on the order of what is declared', () => {
    const { model } = shop();
    const turned = {
      ...model,
      services: [...model.services].reverse(),
      edges: [...model.edges].reverse(),
      externalServices: [...model.externalServices].reverse(),
      gateways: model.gateways.map((gateway) => ({ ...gateway, listeners: [...gateway.listeners].reverse() })),
    };
    const made = (of: typeof model) =>
      JSON.stringify(
        applyOrder([
          ...namespaceObjects(of),
          ...controlPlane(of),
          ...proxyObjects(of, { bootstrapHash: 'h' }),
          ...networkPolicies(of),
        ]),
      );
    expect(made(turned)).toBe(made(model));
  });
});

describe('the order of objects', () => {
  it('is what others refer to first, whatever order they come in', () => {
    const objects = [
      object('HTTPRoute', 'web'),
      object('Deployment', 'web'),
      object('Deployment', 'meshwright', { [names.keys.component]: 'control-plane' }),
      object('AccessPolicy', 'web'),
      object('Service', 'web'),
      object('NetworkPolicy', 'web'),
      object('ConfigMap', 'web'),
      object('RoleBinding', 'web'),
      object('Role', 'web'),
      object('CustomResourceDefinition', 'web'),
      object('PodMonitor', 'web'),
      object('Canary', 'web'),
      object('Mesh', 'web'),
      object('Rollout', 'of-others'),
      object('Namespace', 'web'),
      object('Deployment', 'api'),
    ];
    const sorted = [
      'Namespace web',
      'CustomResourceDefinition web',
      'Role web',
      'RoleBinding web',
      'ConfigMap web',
      'NetworkPolicy web',
      'Mesh web',
      'Deployment meshwright',
      'AccessPolicy web',
      'Deployment api',
      'Deployment web',
      'Rollout of-others',
      'Service web',
      'HTTPRoute web',
      'Canary web',
      'PodMonitor web',
    ];
    const titles = (list: readonly Manifest[]) => list.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    expect(titles(applyOrder(objects))).toEqual(sorted);
    expect(titles(applyOrder([...objects].reverse()))).toEqual(sorted);
  });

  it('makes no Service before the pods that its endpoints wait for', () => {
    expect(rank(object('Service', 'web'))).toBe(rank(object('Deployment', 'web')));
  });
});

function object(kind: string, name: string, labels: { readonly [key: string]: string } = {}): Manifest {
  return { apiVersion: 'v1', kind, metadata: { name, namespace: 'shop', labels } };
}
