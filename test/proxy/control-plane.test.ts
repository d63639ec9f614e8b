import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { send } from '../behaviour/harness/http-client';
import { Mesh } from '../behaviour/harness/mesh';
import { backend, edge, httpRoute, httpRule, model, prefix, service, version } from '../support/model-builder';
import { until } from '../support/wait';

/** Two real Envoys, that speak mutual TLS with certificates of the control plane, which changes what they do while they work. */

const catalog = service('catalog', { versions: [version('v1'), version('v2')] });
const web = service('web');
const calls = model({ services: [catalog, web], edges: [edge(web, catalog)] });
const instances = { catalog: [{ version: 'v1' }, { version: 'v2' }] };

let mesh: Mesh;
beforeAll(async () => {
  mesh = await Mesh.start(calls, { instances });
});
afterAll(() => mesh.stop());

describe('the control plane, with real proxies', () => {
  it('brings them to serve: a request goes from sidecar to sidecar, and each knows the other by its certificate', async () => {
    const { status, received } = await mesh.call('web', 'catalog', { path: '/items' });
    expect(status).toBe(200);
    expect(received?.headers['x-forwarded-client-cert']).toContain('URI=spiffe://shop.example/ns/shop/sa/web');
    expect(await mesh.statistic('web', /^cluster\.outbound\|80\|\|shop\|catalog\.ssl\.handshake$/)).toBeGreaterThan(0);
  });

  it('shows what each has: its state and configuration, no key', async () => {
    const admin = (path: string) => page(mesh, path);
    expect(await admin('/readyz')).toBe('ready\n');
    const { proxies } = JSON.parse(await admin('/proxies'));
    expect(proxies).toHaveLength(3);
    expect(proxies[0]).toMatchObject({ settled: true, protocol: 'delta', types: { Listener: { subscribed: 'all' } } });
    const shown = await admin('/proxies/shop/web-0/config');
    expect(shown).toContain('outbound|80||shop|catalog');
    expect(shown).toContain('BEGIN CERTIFICATE');
    expect(shown).toContain('[redacted]');
    expect(shown).not.toContain('PRIVATE KEY');
    const configuration = JSON.parse(shown);
    expect(Object.keys(configuration).sort()).toEqual(
      expect.arrayContaining(['Cluster', 'ClusterLoadAssignment', 'Listener', 'RouteConfiguration', 'Secret']),
    );
    expect(JSON.stringify(configuration)).not.toContain('not known here');
    const metrics = await admin('/metrics');
    expect(metrics).toContain('meshwright_proxies_connected 3\n');
    expect(metrics).toMatch(/meshwright_proxies_out_of_sync\{proxy_namespace="shop",proxy_service="web"\} 0\n/);
    expect(JSON.parse(await admin('/problems'))).toEqual({ problems: [] });
  });

  it('changes a route, and no request fails', async () => {
    const steady = requests();
    const toSecond = httpRule({
      matches: [prefix('/items')],
      action: { kind: 'forward', backends: [backend(catalog, { version: 'v2' })] },
    });
    await mesh.apply({ ...calls, routes: [httpRoute(catalog, [toSecond])] });
    expect(await steady.failures()).toEqual([]);
    const { received } = await mesh.call('web', 'catalog', { path: '/items' });
    expect(received?.version).toBe('v2');
    await mesh.apply(calls);
  });

  it('changes endpoints, and no request fails', async () => {
    const steady = requests();
    await mesh.apply(calls, { instances: { catalog: [{ version: 'v1' }, { version: 'v2' }, { version: 'v2' }] } });
    await until('the new instance to be called', async () => {
      const { received } = await mesh.call('web', 'catalog', { path: '/items' });
      return received?.instance === 'catalog-v2-1';
    });
    await mesh.apply(calls, { instances: { catalog: [{ version: 'v2' }] } });
    expect(await steady.failures()).toEqual([]);
    const { received } = await mesh.call('web', 'catalog', { path: '/items' });
    expect(received?.version).toBe('v2');
  });

  it('takes the right to call away: the next request is answered with the edge that is missing, others fail in nothing', async () => {
    const other = service('other');
    const services = [...calls.services, other];
    await mesh.apply({ ...calls, services, edges: [edge(web, catalog), edge(other, catalog)] });
    const { cert, key } = await mesh.certificates.certify({ identity: mesh.identity('other') });
    const tls = { cert, key, ca: mesh.certificates.trust, verifyName: false };
    const ask = () => send({ ...mesh.inbound('catalog-v2-0'), tls }, { host: 'catalog', version: 'HTTP/2' });
    expect((await ask()).status).toBe(200);
    const steady = requests();
    await mesh.apply({ ...calls, services });
    const { status, text } = await ask();
    expect({ status, text }).toEqual({
      status: 403,
      text: expect.stringContaining('other may not call catalog.shop'),
    });
    expect(await steady.failures()).toEqual([]);
  });

  it('goes away and comes back, and nothing is sent that was there', async () => {
    const steady = requests();
    await mesh.certificates.restart();
    await mesh.settled();
    expect(await steady.failures()).toEqual([]);
  });
});

/** Requests one after the other, until some more have followed what was done meanwhile. */
function requests() {
  const statuses: number[] = [];
  let enough = Number.POSITIVE_INFINITY;
  const running = (async () => {
    while (statuses.length < enough) statuses.push((await mesh.call('web', 'catalog', { path: '/items' })).status);
  })();
  return {
    failures: async () => {
      enough = statuses.length + 20;
      await running;
      return statuses.filter((status) => status !== 200);
    },
  };
}

async function page({ certificates }: Mesh, path: string): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${certificates.adminPort}${path}`);
  return response.text();
}
