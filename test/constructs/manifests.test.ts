import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Include } from 'cdk8s';
import { http, Manifests } from 'meshwright';
import { diagnosticsOf } from 'meshwright/testing';
import { afterAll, expect, it } from 'vitest';
import { declared, failure, program } from './program';

const folder = mkdtempSync(join(tmpdir(), 'meshwright-manifests-'));
afterAll(() => rmSync(folder, { recursive: true }));

const file = join(folder, 'app.yaml');
writeFileSync(
  file,
  `
apiVersion: v1
kind: Service
metadata: { name: shop }
spec: { selector: { app: shop }, ports: [ { name: http, port: 80, targetPort: 8080 } ] }
---
apiVersion: v1
kind: Service
metadata: { name: shop-outside }
spec: { type: LoadBalancer, selector: { app: shop }, ports: [ { port: 80, targetPort: 8080 } ] }
---
apiVersion: v1
kind: Service
metadata: { name: cache }
spec: { selector: { app: cache }, ports: [ { name: tcp-redis, port: 6379 } ] }
---
apiVersion: v1
kind: Service
metadata: { name: unnamed }
spec: { selector: { app: unnamed }, ports: [ { port: 9080 } ] }
---
${deployment('shop-v1', 'shop', 'shop-account', 'v1')}
---
${deployment('shop-v2', 'shop', 'shop-account', 'v2')}
---
${deployment('cache', 'cache')}
---
${deployment('unnamed', 'unnamed')}
---
${deployment('loader', 'loader')}
`,
);

it('adopts services and what stands behind them', () => {
  const model = declared((chart) => {
    const published = new Manifests(chart, 'published', { file });
    const { shop, cache } = published.services('shop', 'cache');
    shop.calls(cache);
    shop.addVersion('v1');
    shop.addVersion('v2');
    published.service('unnamed', { port: http(9080) });
    published.workload('loader').calls(shop, { timeout: '1s' });
  });
  expect(model.services).toEqual([
    {
      namespace: 'team',
      name: 'cache',
      serviceAccount: 'cache',
      selector: { app: 'cache' },
      ports: [{ name: 'tcp-redis', port: 6379, targetPort: 6379, protocol: 'tcp' }],
      versions: [],
      headless: false,
    },
    {
      namespace: 'team',
      name: 'shop',
      serviceAccount: 'shop-account',
      selector: { app: 'shop' },
      ports: [{ name: 'http', port: 80, targetPort: 8080, protocol: 'http' }],
      versions: [
        { name: 'v1', selector: { app: 'shop', 'meshwright.dev/version': 'v1' } },
        { name: 'v2', selector: { app: 'shop', 'meshwright.dev/version': 'v2' } },
      ],
      headless: false,
    },
    {
      namespace: 'team',
      name: 'unnamed',
      serviceAccount: 'unnamed',
      selector: { app: 'unnamed' },
      ports: [{ name: 'http', port: 9080, targetPort: 9080, protocol: 'http' }],
      versions: [],
      headless: false,
    },
  ]);
  expect(model.edges.map((edge) => `${edge.from.serviceAccount} ${edge.to.name}:${edge.port}`)).toEqual([
    'loader shop:80',
    'shop-account cache:6379',
  ]);
});

it('takes an Include that is there already', () => {
  const model = declared((chart) => {
    const include = new Include(chart, 'include', { url: file });
    new Manifests(chart, 'published', { include }).service('cache');
  });
  expect(model.services.map((service) => service.name)).toEqual(['cache']);
});

it('warns of a Service that leads past the mesh', () => {
  const app = program((chart) => {
    const published = new Manifests(chart, 'published', { file });
    published.service('shop');
    published.service('cache');
  });
  expect(diagnosticsOf(app).filter((diagnostic) => diagnostic.code === 'MESH0013')).toEqual([
    {
      code: 'MESH0013',
      level: 'warning',
      at: 'team/published',
      message: 'Service shop-outside leads past the mesh to pods of shop-v1, shop-v2: its callers are refused',
      fix: 'let them in through a Gateway, or adopt it too',
    },
  ]);
});

it('names what there is when something is not', () => {
  const app = program((chart) => {
    const published = new Manifests(chart, 'published', { file });
    published.service('shp');
    published.workload('loadr');
    published.service('unnamed');
  });
  expect(failure(app)).toEqual(
    expect.arrayContaining([
      '[team/published] MESH0010 the manifests hold no Service "shp"; name one of cache, shop, shop-outside, unnamed',
      '[team/published] MESH0011 the manifests hold no workload "loadr"; name one of cache, loader, shop-v1, shop-v2, unnamed',
      '[team/published/unnamed] MESH0008 nothing says what is spoken on port 9080 (port-9080) of Service unnamed; declare it: { port: http(9080, { port: 9080 }) }, or one of http2, grpc, tls, tcp and udp',
    ]),
  );
});

function deployment(name: string, app: string, serviceAccount?: string, version?: string): string {
  const labels = `{ app: ${app}${version ? `, version: ${version}` : ''} }`;
  const account = serviceAccount ? `serviceAccountName: ${serviceAccount}, ` : '';
  return `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec: { selector: { matchLabels: ${labels} }, template: { metadata: { labels: ${labels} }, spec: { ${account}containers: [ { name: main, image: "x:1" } ] } } }`;
}
