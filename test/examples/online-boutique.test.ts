import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decode } from '../../lib/kubernetes/declared';
import type { Manifest } from '../../lib/kubernetes/manifest';
import { manifestProblems } from '../support/manifests';
import { elsewhere, find, objectsOf, published, root, type Synthesized, synthesize } from './synthesized';

const file = published('online-boutique.yaml');
if (!file) console.warn('skipped: the published manifests of Online Boutique do not lie beside this checkout');

describe.skipIf(!file)('examples/online-boutique', () => {
  const original = file ? objectsOf(readFileSync(file, 'utf8')) : [];
  let made: Promise<Synthesized> | undefined;
  const once = () => {
    made ??= synthesize('online-boutique', file ?? '');
    return made;
  };
  const workloads = (objects: readonly Manifest[]) => objects.filter((object) => object.kind === 'Deployment');

  it('can be read on one screen', () => {
    expect(readFileSync(join(root, 'examples/online-boutique/main.ts'), 'utf8').split('\n').length).toBeLessThan(80);
  });

  it('gives objects that a cluster takes, and that read back as a mesh', async () => {
    const { objects } = await once();
    expect(manifestProblems(objects, { elsewhere })).toEqual([]);
    expect(decode(objects).problems).toEqual([]);
  });

  it('keeps what was published', async () => {
    const { objects } = await once();
    for (const object of original) {
      const now = find(objects, object.kind, object.metadata.name, 'online-boutique');
      expect(now.metadata.labels).toMatchObject(object.metadata.labels ?? {});
      if (object.kind !== 'Deployment') continue;
      const { template } = object.spec;
      expect(now.spec.selector).toEqual(object.spec.selector);
      expect(now.spec.template.metadata.labels).toMatchObject(template.metadata.labels);
      for (const [index, container] of template.spec.containers.entries()) {
        const kept = now.spec.template.spec.containers[index];
        expect({
          image: kept.image,
          name: kept.name,
          args: kept.args,
          readinessProbe: kept.readinessProbe,
          livenessProbe: kept.livenessProbe,
          resources: kept.resources,
        }).toEqual({
          image: container.image,
          name: container.name,
          args: container.args,
          readinessProbe: container.readinessProbe,
          livenessProbe: container.livenessProbe,
          resources: container.resources,
        });
      }
    }
  });

  it('gives each of the twelve workloads and the candidate a sidecar, and no webhook', async () => {
    const { objects } = await once();
    const meshed = workloads(objects).filter(
      (object) => object.metadata.namespace === 'online-boutique' && !object.metadata.name.endsWith('-gateway'),
    );
    expect(meshed.map((object) => object.metadata.name).sort()).toEqual([
      'adservice',
      'cartservice',
      'checkoutservice',
      'currencyservice',
      'emailservice',
      'frontend',
      'loadgenerator',
      'paymentservice',
      'productcatalogservice',
      'productcatalogservice-next',
      'recommendationservice',
      'redis-cart',
      'shippingservice',
    ]);
    for (const object of meshed) {
      expect(object.spec.template.spec.initContainers[0]).toMatchObject({
        name: 'meshwright-proxy',
        restartPolicy: 'Always',
      });
    }
    expect(objects.filter((object) => /Webhook/.test(object.kind))).toEqual([]);
  });

  it('tells the frontend where to find the service whose port it has itself', async () => {
    const { objects } = await once();
    const { env } = find(objects, 'Deployment', 'frontend').spec.template.spec.containers[0];
    const addresses = Object.fromEntries(env.map((one: { name: string; value: string }) => [one.name, one.value]));
    expect(addresses).toMatchObject({
      RECOMMENDATION_SERVICE_ADDR: 'recommendationservice:18080',
      CART_SERVICE_ADDR: 'cartservice:7070',
      PORT: '8080',
    });
  });

  it('allows exactly the declared calls', async () => {
    const { objects } = await once();
    const allowed = objects
      .filter((object) => object.kind === 'AccessPolicy')
      .flatMap((object) => {
        const { model } = decode(objects);
        const policy = model?.accessPolicies.find((one) => one.name === object.metadata.name);
        return (policy?.rules ?? []).flatMap((rule) =>
          rule.from.map(
            (from) => `${from.kind === 'identity' ? from.serviceAccount : from.kind} -> ${policy?.service}`,
          ),
        );
      });
    expect(allowed.sort()).toEqual([
      'cartservice -> redis-cart',
      'checkoutservice -> cartservice',
      'checkoutservice -> currencyservice',
      'checkoutservice -> emailservice',
      'checkoutservice -> paymentservice',
      'checkoutservice -> productcatalogservice',
      'checkoutservice -> shippingservice',
      'frontend -> adservice',
      'frontend -> cartservice',
      'frontend -> checkoutservice',
      'frontend -> currencyservice',
      'frontend -> productcatalogservice',
      'frontend -> recommendationservice',
      'frontend -> shippingservice',
      'loadgenerator -> frontend',
      'public-gateway -> frontend',
      'recommendationservice -> productcatalogservice',
    ]);
  });

  it('adds what the edges need: an identity for Redis, versions of the catalog, a canary, a gateway, dashboards', async () => {
    const { objects } = await once();
    expect(find(objects, 'Deployment', 'redis-cart').spec.template.spec.serviceAccountName).toBe('redis-cart');
    find(objects, 'ServiceAccount', 'redis-cart');
    expect(find(objects, 'Service', 'productcatalogservice-next').spec.selector).toMatchObject({
      'meshwright.dev/version': 'next',
    });
    expect(find(objects, 'Deployment', 'productcatalogservice-next').spec.template.spec.containers[0].image).toMatch(
      /:v0\.10\.7$/,
    );
    find(objects, 'Canary', 'catalog-next');
    find(objects, 'Gateway', 'public');
    const dashboards = objects.filter(
      (object) => object.kind === 'ConfigMap' && object.metadata.labels?.grafana_dashboard === '1',
    );
    expect(dashboards.length).toBeGreaterThanOrEqual(12);
  });

  it('warns of the published Service that leads past the mesh', async () => {
    const { warnings } = await once();
    expect(warnings).toEqual([
      'warning: MESH0013 online-boutique/published: Service frontend-external leads past the mesh to pods of frontend: its callers are refused; let them in through a Gateway, or adopt it too',
    ]);
  });
});
