import * as pulumi from '@pulumi/pulumi';
import { describe, expect, it } from 'vitest';
import { type Manifest, manifestKey } from '../../lib/kubernetes/manifest';
import { Stages } from '../../stacks/pulumi/stages';
import { deploy, type Registered } from './pulumi-engine';

const controlPlane = { 'app.kubernetes.io/component': 'control-plane' };
const objects: readonly Manifest[] = [
  object('gateway.networking.k8s.io/v1', 'HTTPRoute', 'shop/web'),
  object('apps/v1', 'Deployment', 'shop/web'),
  object('apps/v1', 'Deployment', 'mesh/meshwright', { labels: controlPlane }),
  object('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', 'meshwright', { labels: controlPlane }),
  object('v1', 'ServiceAccount', 'mesh/meshwright', { labels: controlPlane }),
  object('v1', 'ConfigMap', 'other/settings'),
  object('v1', 'Namespace', 'shop'),
  object('v1', 'Namespace', 'mesh'),
  {
    ...object('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'httproutes.gateway.networking.k8s.io'),
    spec: { group: 'gateway.networking.k8s.io', names: { kind: 'HTTPRoute' } },
  },
];

describe('stages', () => {
  it('write down the namespace, the definition and the control plane, whatever the order of statements', async () => {
    const expected = {
      'Namespace mesh': [],
      'Namespace shop': [],
      'CustomResourceDefinition httproutes.gateway.networking.k8s.io': [],
      'ServiceAccount mesh/meshwright': ['Namespace mesh'],
      'ClusterRoleBinding meshwright': [],
      'ConfigMap other/settings': [],
      'Deployment mesh/meshwright': [
        'ClusterRoleBinding meshwright',
        'Namespace mesh',
        'ServiceAccount mesh/meshwright',
      ],
      'Deployment shop/web': ['Deployment mesh/meshwright', 'Namespace shop'],
      'HTTPRoute shop/web': [
        'CustomResourceDefinition httproutes.gateway.networking.k8s.io',
        'Deployment mesh/meshwright',
        'Namespace shop',
      ],
    };
    for (const permuted of [objects, [...objects].reverse()]) {
      const { registered } = await deploy(() => make(permuted));
      expect(registered.map(({ name }) => name)).toEqual(Object.keys(expected));
      expect(Object.fromEntries(registered.map((one) => [one.name, namesIn(one.dependencies)]))).toEqual(expected);
    }
  });

  it('begin when all of the stage before is there', async () => {
    const { registered } = await deploy(() => make(objects));
    const stages = [
      ['Namespace mesh', 'Namespace shop'],
      ['CustomResourceDefinition httproutes.gateway.networking.k8s.io'],
      ['ServiceAccount mesh/meshwright'],
      ['ClusterRoleBinding meshwright'],
      ['ConfigMap other/settings'],
      ['Deployment mesh/meshwright'],
      ['Deployment shop/web'],
      ['HTTPRoute shop/web'],
    ];
    let ended = 0;
    for (const stage of stages) {
      for (const name of stage) expect([name, find(registered, name).after]).toEqual([name, ended]);
      ended += stage.length;
    }
  });

  it('follow what the author of an object has said, and keep the rest in order', async () => {
    const job = object('batch/v1', 'Job', 'shop/migrate');
    const declared = new Map([[manifestKey(object('v1', 'ConfigMap', 'other/settings')), [manifestKey(job)]]]);
    const { registered } = await deploy(() => make([...objects, job], declared));
    const settings = find(registered, 'ConfigMap other/settings');
    expect(namesIn(settings.dependencies)).toEqual(['Job shop/migrate']);
    expect(find(registered, 'Job shop/migrate').ended).toBeLessThan(settings.after);
    expect(settings.ended).toBeLessThan(find(registered, 'HTTPRoute shop/web').after);
  });

  it('tell of objects that wait for one another', () => {
    const [a, b] = [object('v1', 'ConfigMap', 'shop/a'), object('v1', 'ConfigMap', 'shop/b')];
    const declared = new Map([
      [manifestKey(a), [manifestKey(b)]],
      [manifestKey(b), [manifestKey(a)]],
    ]);
    expect(() => new Stages([a, b], declared, [])).toThrow(
      'objects wait for one another, so none of them can be made first:\n  v1 ConfigMap shop/a\n  v1 ConfigMap shop/b\n  v1 ConfigMap shop/a',
    );
  });

  it('grow with the mesh, not with its square', async () => {
    const edges = async (services: number) => {
      const many = Array.from({ length: services }, (_, index) => [
        object('apps/v1', 'Deployment', `shop/web-${index}`),
        object('gateway.networking.k8s.io/v1', 'HTTPRoute', `shop/web-${index}`),
      ]).flat();
      const { registered } = await deploy(() => make([...objects, ...many]));
      return registered.reduce((sum, { dependencies }) => sum + dependencies.length, 0);
    };
    const [few, more] = [await edges(10), await edges(20)];
    expect(more - few).toBe(10 * (2 + 3));
  });

  it('begin after what the whole waits for', async () => {
    const { registered } = await deploy(() => {
      const cluster = new Made('test:index:Cluster', 'cluster');
      make(objects, new Map(), [cluster]);
    });
    const withoutOwn = registered.filter(({ dependencies }) => namesIn(dependencies).includes('cluster'));
    expect(withoutOwn.map(({ name }) => name)).toEqual([
      'Namespace mesh',
      'Namespace shop',
      'CustomResourceDefinition httproutes.gateway.networking.k8s.io',
      'ClusterRoleBinding meshwright',
      'ConfigMap other/settings',
    ]);
    for (const one of registered.slice(1)) expect(one.after).toBeGreaterThan(0);
  });
});

class Made extends pulumi.CustomResource {}

function object(apiVersion: string, kind: string, path: string, metadata: object = {}): Manifest {
  const [name = '', namespace] = path.split('/').reverse();
  return { apiVersion, kind, metadata: { name, ...(namespace ? { namespace } : {}), ...metadata } };
}

function make(
  manifests: readonly Manifest[],
  declared: ReadonlyMap<string, readonly string[]> = new Map(),
  before: readonly pulumi.Resource[] = [],
): void {
  const stages = new Stages(manifests, declared, before);
  for (const manifest of stages.inOrder) {
    const { namespace, name } = manifest.metadata;
    const resource = new Made(
      `kubernetes:${manifest.apiVersion}:${manifest.kind}`,
      `${manifest.kind} ${namespace ? `${namespace}/` : ''}${name}`,
      {},
      { dependsOn: stages.dependenciesOf(manifest) },
    );
    stages.made(manifest, resource);
  }
}

function find(registered: readonly Registered[], name: string): Registered {
  const found = registered.find((one) => one.name === name);
  if (!found) throw new Error(`nothing named ${name} was registered`);
  return found;
}

function namesIn(urns: readonly string[]): readonly string[] {
  return urns.map((urn) => urn.split('::').at(-1) ?? '').sort();
}
