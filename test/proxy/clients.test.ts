import { afterEach, describe, expect, it } from 'vitest';
import { controlPlaneMetrics } from '../../lib/dashboards';
import type { Model } from '../../lib/model';
import type { ControlPlaneOptions } from '../../proxy/control-plane';
import { resourceTypes } from '../../proxy/xds';
import { canary, edge, gateway, gatewayRoute, listener, model, service, version } from '../support/model-builder';
import { until } from '../support/wait';
import { type Serving, sidecarOf, startServing } from './serving';

/** What clients of xDS get that a test plays by hand. */

const web = service('web', { versions: [version('v1'), version('v2')] });
const api = service('api');
const front = gateway('front', {
  listeners: [listener({ name: 'https', port: 443, protocol: 'https', tls: { kind: 'secret', name: 'site' } })],
});
const mesh = model({
  services: [web, api],
  edges: [edge(web, api)],
  gateways: [front],
  routes: [gatewayRoute(front, api)],
  canaries: [canary(web)],
});
const webPod = { namespace: 'shop', name: 'web-0' };
const frontPod = { namespace: 'shop', name: 'front-gateway-0' };
const pair = (name: string) => ({ certificateChain: `chain of ${name}`, privateKey: `key of ${name}` });

const { secret, cluster, endpoints, listener: listeners } = resourceTypes;

let serving: Serving | undefined;
afterEach(() => serving?.close());

async function started(
  given: Model | undefined = mesh,
  over: Partial<Pick<ControlPlaneOptions, 'patience'>> = {},
): Promise<Serving> {
  serving = await startServing(given, over);
  serving.source.setProxy(webPod, sidecarOf(web));
  serving.source.setProxy(frontPod, {
    proxy: { kind: 'gateway', namespace: 'shop', name: 'front' },
    binding: { kind: 'pod', applicationPorts: [] },
  });
  return serving;
}

describe('a proxy', () => {
  it('waits until the source knows what it is of, and is served then', async () => {
    serving = await startServing(undefined);
    const { source, connect, page } = serving;
    const client = await connect(webPod, 'web');
    client.subscribe(cluster);
    const waits = (what: string) =>
      until(`it to wait for ${what}`, async () => (await page('/problems')).includes(`it waits for ${what}`));
    await waits('the pod shop/web-0 to be seen');
    expect(await page('/readyz')).toBe('no mesh can be read yet\n');
    source.setProxy(webPod, sidecarOf(web));
    await waits('a mesh that can be read');
    expect(client.call.waiting).toBe(0);
    source.setModel(mesh);
    expect([...(await client.take()).resources.keys()]).toContain('outbound|80||shop|api');
    expect(await page('/readyz')).toBe('ready\n');
  });

  it('is refused when it has waited in vain, and when it runs as another than is declared', async () => {
    const { connect } = await started(mesh, { patience: 50 });
    const unknown = await connect({ namespace: 'shop', name: 'nobody' }, 'web');
    unknown.subscribe(cluster);
    expect(await unknown.call.ending()).toEqual({
      http: 200,
      status: '7',
      message: 'has waited 50 ms for the pod shop/nobody to be seen',
    });
    const wrong = await connect(webPod, 'api');
    wrong.subscribe(cluster);
    expect((await wrong.call.ending()).message).toBe(
      'has waited 50 ms for the pod shop/web-0 to run as shop/web, as the mesh has it, and not as shop/api',
    );
  });

  it('gets the secrets that its configuration names, and no other whatever it asks for', async () => {
    const { source, connect, authority } = await started();
    source.setCertificate({ namespace: 'shop', name: 'site' }, pair('site'));
    const sidecar = await connect(webPod, 'web');
    sidecar.subscribe(secret, ['identity', 'trust', 'certificate|shop|site']);
    const own = await sidecar.take();
    expect([...own.resources.keys()].sort()).toEqual(['identity', 'trust']);
    expect(own.removed).toEqual(['certificate|shop|site']);
    expect(own.resources.get('trust')).toMatchObject({
      validationContext: { trustedCa: { inlineString: authority.trustBundle } },
    });
    const door = await connect(frontPod, 'front-gateway');
    door.subscribe(secret, ['certificate|shop|site']);
    expect((await door.take()).resources.get('certificate|shop|site')).toMatchObject({
      tlsCertificate: { privateKey: { inlineString: 'key of site' } },
    });
    source.setCertificate({ namespace: 'shop', name: 'site' }, pair('the next site'));
    expect((await door.take()).resources.get('certificate|shop|site')).toMatchObject({
      tlsCertificate: { certificateChain: { inlineString: 'chain of the next site' } },
    });
    expect(sidecar.call.waiting).toBe(0);
  });

  it('learns of a secret that comes later, which is a problem until then', async () => {
    const { source, connect, page } = await started();
    const door = await connect(frontPod, 'front-gateway');
    door.subscribe(secret, ['certificate|shop|site']);
    expect((await door.take()).removed).toEqual(['certificate|shop|site']);
    expect(await page('/problems')).toContain('a secret is missing');
    source.setCertificate({ namespace: 'shop', name: 'site' }, pair('site'));
    expect((await door.take()).resources.size).toBe(1);
    expect(JSON.parse(await page('/problems'))).toEqual({ problems: [] });
  });

  it('learns of new endpoints alone when endpoints change', async () => {
    const { source, connect } = await started();
    const client = await connect(webPod, 'web');
    client.subscribe(cluster);
    await client.take();
    client.subscribe(endpoints, ['outbound|80||shop|api']);
    await client.take();
    source.setEndpoints('service shop/api:80', [{ address: '10.0.0.1', port: 15_100, meshed: true, state: 'ready' }]);
    const news = await client.take();
    expect(news.typeUrl).toBe(endpoints);
    expect(JSON.stringify([...news.resources])).toContain('10.0.0.1');
    const metrics = await until('the acknowledgement', async () => {
      const text = await serving?.page('/metrics');
      return text?.includes('meshwright_push_duration_seconds_count 1\n') && text;
    });
    expect(metrics).toContain('meshwright_push_duration_seconds_bucket{le="+Inf"} 1\n');
  });

  it('that refuses keeps what it had; it is reported by name and reason, and counted', async () => {
    const { source, connect, page, lines } = await started();
    const client = await connect(webPod, 'web');
    client.subscribe(listeners);
    const first = await client.take();
    expect([...first.resources.keys()]).not.toContain('readiness');
    source.setModel({ ...mesh, edges: [edge(web, api, { at: 9_999 })] });
    client.refuse(await client.next(), 'I do not like it');
    await until('the refusal', async () => (await page('/problems')).includes('I do not like it'));
    const { problems } = JSON.parse(await page('/problems'));
    expect(problems[0]).toMatchObject({ kind: 'refused by a proxy', pod: 'shop/web-0', type: 'Listener' });
    expect(lines.find(({ message }) => message === 'a proxy refuses its configuration')).toMatchObject({
      level: 'warn',
      proxy: 'shop/web-0',
      of: 'sidecar/service/shop/web',
      reason: 'I do not like it',
    });
    const metrics = await page('/metrics');
    expect(metrics).toContain('meshwright_config_rejected_total{proxy_namespace="shop",proxy_service="web"} 1\n');
    expect(metrics).toContain('meshwright_proxies_refusing{proxy_namespace="shop",proxy_service="web"} 1\n');
  });

  it('and all that there is to know of it are the metrics that dashboards ask for, by name, type and labels', async () => {
    const { source, connect, page } = await started();
    const client = await connect(webPod, 'web');
    client.subscribe(listeners);
    client.refuse(await client.next(), 'no');
    source.setRollout(web, { candidatePercent: 25, mirrorPercent: 0 });
    await until('the refusal', async () => (await page('/metrics')).includes('config_rejected_total{'));
    const text = await page('/metrics');
    const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => `${name} ${type}`);
    expect(types.sort()).toEqual(
      Object.values(controlPlaneMetrics)
        .map(({ name, type }) => `${name} ${type}`)
        .sort(),
    );
    for (const { name, type, labels } of Object.values(controlPlaneMetrics)) {
      const suffix = type === 'histogram' ? '(?:_bucket|_sum|_count)' : '';
      const found = [...text.matchAll(new RegExp(`^${name}${suffix}(?:\\{(.*)\\})? (\\S+)$`, 'gm'))];
      // What can be reached past a sidecar is seen by whoever looks from outside of the pods.
      if (name !== controlPlaneMetrics.bypassPossible.name) expect(found, name).not.toEqual([]);
      for (const [, pairs = '', value] of found) {
        const names = [...pairs.matchAll(/(\w+)="/g)].map(([, label]) => label).filter((label) => label !== 'le');
        expect(names, name).toEqual(labels);
        expect(Number(value), name).not.toBeNaN();
      }
    }
    expect(text).toContain('meshwright_canary_weight_percent{canary_namespace="shop",canary="web"} 25\n');
  });
});
