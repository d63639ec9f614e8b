import * as k8s from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import { ApiObject, App, Chart } from 'cdk8s';
import { ExternalService, http, https, Mesh, Service } from 'meshwright';
import { amount, MeshComponent, text } from 'meshwright/pulumi';
import { manifestsOf } from 'meshwright/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Manifest, manifestKey } from '../../lib/kubernetes/manifest';
import { rank } from '../../lib/kubernetes/running/order';
import { declareWholeMesh } from './programs/whole-mesh';
import { type Deployment, deploy, type Registered } from './pulumi-engine';

describe('a whole mesh in Pulumi', () => {
  let whole: Deployment<MeshComponent>;
  beforeAll(async () => {
    whole = await deploy(() => new MeshComponent('shop', { program: (app) => declareWholeMesh(app) }));
  });

  it('has the objects that cdk8s writes, each as a resource of its kind', async () => {
    const app = new App();
    declareWholeMesh(app);
    const written = manifestsOf(app);
    const { registered } = whole;
    expect(new Set(written.map((object) => object.kind)).size).toBeGreaterThan(25);
    expect(byKey(objectsOf(registered).map(({ inputs }) => inputs))).toEqual(
      byKey(JSON.parse(JSON.stringify(written))),
    );
    expect(objectsOf(registered)).toHaveLength(written.length);
    for (const { type, inputs } of objectsOf(registered)) {
      const group = inputs.apiVersion.includes('/') ? inputs.apiVersion : `core/${inputs.apiVersion}`;
      expect(type).toBe(`kubernetes:${group}:${inputs.kind}`);
    }
  });

  it('names resources after their objects, under the component', async () => {
    const { registered } = whole;
    const [component, ...rest] = registered;
    expect([component?.type, component?.name, component?.custom]).toEqual([
      'meshwright:index:MeshComponent',
      'shop',
      false,
    ]);
    for (const { name, parent, inputs, version } of rest) {
      const { namespace, name: objectName } = inputs.metadata;
      expect(name).toBe(`shop:${namespace ? `${namespace}/` : ''}${objectName}`);
      expect(parent).toBe('urn:pulumi:stack::project::meshwright:index:MeshComponent::shop');
      expect(version).toMatch(/^4\./);
    }
    expect(new Set(rest.map(({ type, name }) => `${type} ${name}`)).size).toBe(rest.length);
  });

  it('makes nothing before what it needs', async () => {
    const { registered } = whole;
    const objects = objectsOf(registered);
    const controlPlane = find(registered, 'apps/v1 Deployment meshwright-system/meshwright');
    for (const one of objects) {
      const { apiVersion, kind, metadata } = one.inputs;
      const namespace = objects.find(
        ({ inputs }) => inputs.kind === 'Namespace' && inputs.metadata.name === metadata.namespace,
      );
      const definition = objects.find(
        ({ inputs }) =>
          inputs.kind === 'CustomResourceDefinition' &&
          inputs.spec.names.kind === kind &&
          inputs.spec.group === apiVersion.split('/')[0],
      );
      for (const needed of [
        namespace,
        definition,
        rank(one.inputs) > rank(controlPlane.inputs) ? controlPlane : undefined,
      ]) {
        if (!needed) continue;
        expect(one.dependencies).toContain(urnOf(needed));
        expect(needed.ended).toBeLessThan(one.after);
      }
      for (const earlier of objects) {
        if (rank(earlier.inputs) < rank(one.inputs) && !waits.includes(earlier.inputs.metadata.name)) {
          expect(earlier.ended).toBeLessThan(one.after);
        }
      }
    }
    expect(
      objects.filter(({ inputs }) => inputs.kind === 'GatewayClass').every((one) => one.dependencies.length === 1),
    ).toBe(true);
  });

  /** Their author made them wait for objects of a later stage. */
  const waits = ['notes'];

  it('keeps the order that its author declared', async () => {
    const { registered } = whole;
    const notes = find(registered, 'v1 ConfigMap backoffice/notes');
    const widget = find(registered, 'acme.example/v1 Widget backoffice/w');
    expect(notes.dependencies).toContain(urnOf(widget));
    expect(widget.dependencies).toContain(urnOf(find(registered, 'v1 Secret backoffice/schema')));
    expect(widget.ended).toBeLessThan(notes.after);
  });

  it('leaves definitions when it goes, and nothing else', async () => {
    const { registered } = whole;
    for (const { retainOnDelete, inputs } of objectsOf(registered)) {
      expect([inputs.kind, retainOnDelete]).toEqual([inputs.kind, inputs.kind === 'CustomResourceDefinition']);
    }
  });

  it('tells about itself', async () => {
    const { registered, outputs, result } = whole;
    expect([...outputs.values()]).toEqual([
      { namespace: 'meshwright-system', trustDomain: 'shop.example', objectCount: objectsOf(registered).length },
    ]);
    const service = result.resource(k8s.core.v1.Service, 'storefront/public-gateway');
    expect(await known(service.spec.type)).toBe('LoadBalancer');
    expect(() => result.resource(k8s.apps.v1.StatefulSet, 'storefront/web')).toThrow(
      'the mesh has no such object "storefront/web"; of this class it has backoffice/database',
    );
  });

  it('previews a change of one service as a change of its own objects', async () => {
    const changed = await deploy(
      () => new MeshComponent('shop', { program: (app) => declareWholeMesh(app, 'shop/web:2.0') }),
      true,
    );
    expect(differences(whole, changed)).toEqual(['kubernetes:apps/v1:Deployment shop:storefront/web']);
  });
});

describe('Outputs in a mesh', () => {
  it('are taken as values, in whole and in part, and where plain values are asked for', async () => {
    const { registered } = await deploy(
      () =>
        new MeshComponent('shop', {
          program: (app) => {
            new Mesh(app, 'shop', { trustDomain: later('shop.example') });
            const chart = new Chart(app, 'charts', { namespace: 'shop' });
            const web = new Service(chart, 'web', {
              port: http(3000),
              image: pulumi.interpolate`shop/web:${later('1.7')}`,
              replicas: later(3),
              env: { DATABASE_URL: `postgres://${text(later('db.example'))}:${amount(later(5432))}/shop` },
            });
            web.calls(new ExternalService(chart, 'pay', { host: later('api.pay.example'), port: https() }));
            new ApiObject(chart, 'settings', {
              apiVersion: 'v1',
              kind: 'ConfigMap',
              metadata: { name: 'settings', labels: { release: text(later('blue')) } },
              data: { plain: later('a'), json: JSON.stringify({ motd: text(later('say "hi"')) }) },
            });
          },
        }),
    );
    const deployment = find(registered, 'apps/v1 Deployment shop/web').inputs;
    const container = deployment.spec.template.spec.containers[0];
    expect(container.image).toBe('shop/web:1.7');
    expect(deployment.spec.replicas).toBe(3);
    expect(container.env).toContainEqual({ name: 'DATABASE_URL', value: 'postgres://db.example:5432/shop' });
    expect(find(registered, 'meshwright.dev/v1alpha1 ExternalService shop/pay').inputs.spec.host).toBe(
      'api.pay.example',
    );
    expect(find(registered, 'meshwright.dev/v1alpha1 Mesh shop').inputs.spec.trustDomain).toBe('shop.example');
    const settings = find(registered, 'v1 ConfigMap shop/settings').inputs;
    expect(settings.metadata.labels).toEqual({ release: 'blue' });
    expect(settings.data.plain).toBe('a');
    expect(JSON.parse(settings.data.json)).toEqual({ motd: 'say "hi"' });
    expect(JSON.stringify(registered)).not.toMatch(/late-0x|-9\d{15}/);
  });

  it('make the trust domain of the component, too', async () => {
    const { outputs } = await deploy(
      () => new MeshComponent('shop', oneService({ trustDomain: later('late.example') })),
    );
    expect([...outputs.values()][0]?.trustDomain).toBe('late.example');
  });

  it('cannot decide what there is', async () => {
    const run = () =>
      new MeshComponent('shop', {
        program: (app) => {
          new Mesh(app, 'shop', { trustDomain: 'shop.example' });
          const chart = new Chart(app, 'charts', { namespace: 'shop' });
          new Service(chart, 'web', { name: text(later('web')), port: http(amount(later(80))), image: 'web' });
        },
      });
    await expect(deploy(run)).rejects.toThrow(
      /^shop has 3 mistakes, and nothing of it was made:\n {2}MESH0120 charts\/web: name decides .*\n {2}MESH0120 charts\/web: serviceAccount decides .*\n {2}MESH0120 charts\/web: targetPort decides /,
    );
  });
});

describe('a mesh without words of cdk8s', () => {
  it("puts services into namespaces, one of which may have the mesh's name", async () => {
    const { registered } = await deploy(
      () =>
        new MeshComponent('shop', {
          mesh: { trustDomain: 'shop.example' },
          services: (namespace) => {
            const web = new Service(namespace('shop'), 'web', { port: http(3000), image: 'web' });
            web.calls(new Service(namespace('other'), 'api', { port: http(3000), image: 'api' }));
            web.calls(new Service(namespace('shop'), 'cart', { port: http(8080), image: 'cart' }));
          },
        }),
    );
    const edges = objectsOf(registered).filter(({ inputs }) => inputs.kind === 'Edge');
    expect(edges.map(({ inputs }) => inputs.metadata.namespace)).toEqual(['shop', 'shop']);
    expect(find(registered, 'v1 Service other/api').inputs.spec.ports).toHaveLength(1);
    expect(find(registered, 'meshwright.dev/v1alpha1 Mesh shop').inputs.metadata.name).toBe('shop');
  });
});

describe('mistakes', () => {
  it('are told all at once, and nothing is made', async () => {
    const { result, registered } = await deploy((): unknown => {
      try {
        new MeshComponent('shop', {
          program: (app) => {
            new Mesh(app, 'shop', { trustDomain: 'shop.example' });
            const chart = new Chart(app, 'charts', { namespace: 'shop' });
            new Service(chart, 'web', { port: http(3000) });
            new Service(chart, 'api', { port: http(3000) });
          },
        });
        return undefined;
      } catch (error) {
        return error;
      }
    });
    expect(pulumi.RunError.isInstance(result)).toBe(true);
    expect((result as Error).message).toBe(
      [
        'shop has 2 mistakes, and nothing of it was made:',
        '  MESH0009 charts/api: service api has no pods; give an `image` or a `deployment`, or versions that have one',
        '  MESH0009 charts/web: service web has no pods; give an `image` or a `deployment`, or versions that have one',
      ].join('\n'),
    );
    expect(registered).toEqual([]);
  });

  it.each([
    [
      'no mesh',
      () => {},
      "shop has a mistake, and nothing of it was made:\n  there is no mesh; declare one: new Mesh(app, 'shop', { trustDomain: 'shop.example' })",
    ],
    [
      'an object twice',
      (app: App) => {
        new Mesh(app, 'shop', { trustDomain: 'shop.example' });
        const chart = new Chart(app, 'charts', { namespace: 'shop' });
        for (const id of ['a', 'b'])
          new ApiObject(chart, id, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' } });
      },
      'shop has a mistake, and nothing of it was made:\n  v1 Pod shop/x is declared more than once',
    ],
    [
      'a mistake of another construct',
      (app: App) => {
        new Mesh(app, 'shop', { trustDomain: 'shop.example' });
        app.node.addValidation({ validate: () => ['it is Friday'] });
      },
      'shop has a mistake, and nothing of it was made:\n  [] it is Friday',
    ],
    [
      'a program that has to be waited for',
      async () => {},
      'shop: the program is asynchronous, and its promise would not be waited for; await what takes time before the component is made, and declare the mesh without await',
    ],
  ])('%s', async (_, program, message) => {
    await expect(deploy(() => new MeshComponent('shop', { program }))).rejects.toMatchObject({
      message,
      __pulumiRunError: true,
    });
  });
});

describe('options of the component', () => {
  it('reach every object: provider, protection, and what it depends on', async () => {
    const { registered } = await deploy(() => {
      const provider = new k8s.Provider('cluster', { context: 'here' });
      const database = new pulumi.ComponentResource('test:index:Database', 'database');
      const schema = new k8s.core.v1.ConfigMap('schema', {}, { parent: database, provider });
      return new MeshComponent('shop', oneService(), { provider, protect: true, dependsOn: [database, schema] });
    });
    const schema = registered.find(({ name }) => name === 'schema');
    const made = registered.filter(({ name }) => name.startsWith('shop:'));
    expect(made.length).toBeGreaterThan(30);
    for (const one of made) {
      expect([one.name, one.provider, one.protect]).toEqual([
        one.name,
        'urn:pulumi:stack::project::pulumi:providers:kubernetes::cluster::cluster-id',
        true,
      ]);
      expect(schema?.ended).toBeLessThan(one.after);
    }
  });
});

function oneService(mesh: { readonly trustDomain: pulumi.Input<string> } = { trustDomain: 'shop.example' }) {
  return {
    mesh: mesh as { trustDomain: string },
    services: (namespace: (name: string) => Chart) => {
      new Service(namespace('storefront'), 'web', { port: http(3000), image: 'web' });
    },
  };
}

/** A value that is not known when the program runs. */
function later<T>(value: T): pulumi.Output<T> {
  return pulumi.output(new Promise<T>((resolve) => setImmediate(() => resolve(value)))) as pulumi.Output<T>;
}

function known<T>(value: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => value.apply(resolve));
}

function objectsOf(registered: readonly Registered[]): readonly Registered[] {
  return registered.filter(({ inputs }) => inputs.kind !== undefined);
}

/** `apiVersion Kind namespace/name`. */
function find(registered: readonly Registered[], object: string): Registered {
  const found = objectsOf(registered).find(({ inputs: { apiVersion, kind, metadata } }) =>
    [metadata.namespace, undefined].some(
      (namespace) => `${apiVersion} ${kind} ${namespace ? `${namespace}/` : ''}${metadata.name}` === object,
    ),
  );
  if (!found) throw new Error(`no ${object} was registered`);
  return found;
}

function urnOf({ type, name }: Registered): string {
  return `urn:pulumi:stack::project::meshwright:index:MeshComponent$${type}::${name}`;
}

function differences(a: Deployment<unknown>, b: Deployment<unknown>): readonly string[] {
  const inputs = ({ registered }: Deployment<unknown>) =>
    new Map(registered.map((one) => [`${one.type} ${one.name}`, JSON.stringify(one.inputs)]));
  const [before, after] = [inputs(a), inputs(b)];
  return [...new Set([...before.keys(), ...after.keys()])].filter((key) => before.get(key) !== after.get(key));
}

function byKey(objects: readonly Manifest[]): { readonly [key: string]: Manifest } {
  return Object.fromEntries(objects.map((object) => [manifestKey(object), object]));
}
