import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AccessSource, Model, MutualTls } from '../../lib/model';
import { accessPolicy, accessRule, edge, model, port, prefix, service, workload } from '../support/model-builder';
import { callGrpc } from './harness/grpc';
import { type ClientTls, type Request, send } from './harness/http-client';
import { Mesh } from './harness/mesh';
import { overTcp } from './harness/tcp-client';

/** Connections that no sidecar of the mesh has made: what a stranger in the network meets. */

const web = workload('web');
const catalog = service('catalog');
const ratings = service('ratings', { ports: [port('grpc')] });
const store = service('store', { ports: [port('tcp', 5432)] });

function mesh(mutualTls: MutualTls = 'strict', parts: Partial<Model> = {}): Model {
  return model({
    services: [catalog, ratings, store].map((one) => ({ ...one, mutualTls })),
    workloads: [web],
    edges: [edge(web, catalog), edge(web, ratings), edge(web, store)],
    ...parts,
  });
}

let running: Mesh;
beforeAll(async () => {
  running = await Mesh.start(mesh());
});
afterAll(() => running?.stop());
beforeEach(() => running.reset());

/** Straight to the sidecar of whom is called, with a certificate of the tester's choice. */
async function overTls(tls: ClientTls, request: Request = {}) {
  const options = {
    ca: running.certificates.trust,
    verifyName: false,
    serverName: 'catalog.shop.svc.cluster.local',
    ...tls,
  };
  return send({ ...running.inbound('catalog'), tls: options }, { version: 'HTTP/2', ...request });
}

const arrived = () => running.backend('catalog').received.length;

describe('over mutual TLS', () => {
  it('whoever is declared to call is let in', async () => {
    const { status, received } = await overTls(
      await running.certificates.certify({ identity: running.identity('web') }),
    );
    expect(status).toBe(200);
    expect(received?.headers['x-forwarded-client-cert']).toMatch(/sa\/web$/);
  });

  it('an undeclared call is answered with 403 that names the missing edge', async () => {
    const stranger = { namespace: 'shop', serviceAccount: 'stranger' };
    const { status, text } = await overTls(await running.certificates.certify({ identity: stranger }));
    expect(status).toBe(403);
    expect(text).toContain('spiffe://shop.example/ns/shop/sa/stranger may not call catalog.shop');
    expect(text).toContain('no edge allows it');
    expect(text).toContain('calls(catalog)');
    expect(arrived()).toBe(0);
  });

  it('a caller without an edge is let in by a rule that allows it: by namespace or identity, path and method', async () => {
    const requests = [{ kind: 'http', ...prefix('/open', { method: 'GET' }) } as const];
    const sources: readonly AccessSource[] = [
      { kind: 'namespace', namespace: 'other' },
      { kind: 'identity', namespace: 'other', serviceAccount: 'stranger' },
    ];
    const certificate = (namespace: string) =>
      running.certificates.certify({ identity: { namespace, serviceAccount: 'stranger' } });
    for (const source of sources) {
      await running.apply(
        mesh('strict', {
          accessPolicies: [accessPolicy(catalog, { rules: [accessRule({ from: [source], requests })] })],
        }),
      );
      const status = async (namespace: string, path: string, method = 'GET') =>
        (await overTls(await certificate(namespace), { path, method })).status;
      expect(await status('other', '/open/x')).toBe(200);
      expect(await status('other', '/open/x', 'POST')).toBe(403);
      expect(await status('other', '/closed')).toBe(403);
      expect(await status('third', '/open/x')).toBe(403);
      // Its edge still allows all.
      expect((await running.call('web', 'catalog', { path: '/closed' })).status).toBe(200);
    }
    await running.apply(mesh());
  });

  it('a caller without a certificate is refused', async () => {
    await expect(overTls({})).rejects.toThrow();
    expect(arrived()).toBe(0);
  });

  it('a certificate of another trust domain is refused, though the same root has signed it', async () => {
    const certificate = await running.certificates.certify({ spiffeId: 'spiffe://other.example/ns/shop/sa/web' });
    await expect(overTls(certificate)).rejects.toThrow();
    expect(arrived()).toBe(0);
  });

  it('a certificate of the same name by another root is refused', async () => {
    const certificate = await running.certificates.certify({ identity: running.identity('web'), root: 'another' });
    await expect(overTls(certificate)).rejects.toThrow();
    expect(arrived()).toBe(0);
  });

  it('an expired certificate is refused', async () => {
    const certificate = await running.certificates.certify({ identity: running.identity('web'), expired: true });
    await expect(overTls(certificate)).rejects.toThrow();
    expect(arrived()).toBe(0);
  });

  it('a server’s certificate of the mesh is no caller’s', async () => {
    const certificate = await running.certificates.certify({ host: 'web.shop' });
    await expect(overTls(certificate)).rejects.toThrow();
    expect(arrived()).toBe(0);
  });

  it('a caller refuses a server of another identity', async () => {
    // The instance that catalog's callers are led to is one of the store: right root, right trust domain, wrong name.
    const refused = /^cluster\.outbound\|80\|\|shop\|catalog\.ssl\.fail_verify_san$/;
    const before = await running.statistic('web', refused);
    const [endpoint] = running.source.state.endpoints.get('service shop/catalog:80') ?? [];
    if (!endpoint) throw new Error('catalog has no endpoint');
    running.source.setEndpoints('service shop/catalog:80', [
      { ...endpoint, port: running.inbound('store', 5432).port },
    ]);
    await running.settled();
    expect((await running.call('web', 'catalog')).status).toBe(503);
    expect(await running.statistic('web', refused)).toBeGreaterThan(before);
    await running.apply(mesh());
    expect((await running.call('web', 'catalog')).status).toBe(200);
  });
});

describe('in plain text', () => {
  it('is refused where mutual TLS is strict: 403, with how to declare the call', async () => {
    await running.apply(mesh('strict'));
    const { status, text } = await send(running.inbound('catalog'));
    expect(status).toBe(403);
    expect(text).toContain('catalog');
    expect(text).toMatch(/calls\(catalog\)/);
    expect(arrived()).toBe(0);
  });

  it('is refused where mutual TLS is strict, by HTTP/2 too', async () => {
    const { status, text } = await send(running.inbound('catalog'), { version: 'HTTP/2' });
    expect([status, text.includes('catalog')]).toEqual([403, true]);
  });

  it('is refused where mutual TLS is strict: gRPC with its own status', async () => {
    const { code } = await callGrpc(running.inbound('ratings'), { method: 'Once', messages: ['hello'] });
    expect(code).toBe(7);
    expect(running.backend('ratings').received).toEqual([]);
  });

  it('is refused where mutual TLS is strict: TCP by closing the connection', async () => {
    // Who says nothing is waited for: only its first bytes tell TLS from plain text.
    expect(await overTcp(running.inbound('store', 5432), ['hello'], 1).catch(() => [])).toEqual([]);
    expect(running.backend('store').received).toEqual([]);
  });

  it('is accepted where mutual TLS is permissive, beside callers with sidecars', async () => {
    await running.apply(mesh('permissive'));
    const { status, received } = await send(running.inbound('catalog'));
    expect(status).toBe(200);
    expect(received?.headers).not.toHaveProperty('x-forwarded-client-cert');
    expect((await running.call('web', 'catalog')).received?.headers['x-forwarded-client-cert']).toMatch(/sa\/web$/);
    expect((await callGrpc(running.inbound('ratings'), { method: 'Once', messages: ['hello'] })).code).toBe(0);
    // A database speaks first: nothing comes from its caller by which TLS could be told from plain text.
    expect(await overTcp(running.inbound('store', 5432), [], 1)).toEqual(['hello from store-0']);
    expect(
      (
        await overTls(
          await running.certificates.certify({ identity: { namespace: 'shop', serviceAccount: 'stranger' } }),
        )
      ).status,
    ).toBe(403);
  });

  it('is accepted where mutual TLS is permissive, unless a rule denies the address', async () => {
    const policy = accessPolicy(catalog, {
      rules: [accessRule({ action: 'deny', from: [{ kind: 'address', cidr: '127.0.0.1/32' }] })],
    });
    await running.apply(mesh('permissive', { accessPolicies: [policy] }));
    expect((await send(running.inbound('catalog'))).status).toBe(403);
  });

  it('is accepted of callers outside that are declared, by namespace or by address, and of them alone', async () => {
    const from = (source: Parameters<typeof accessRule>[0]) =>
      mesh('strict', { accessPolicies: [accessPolicy(catalog, { rules: [accessRule(source)] })] });
    await running.apply(from({ from: [{ kind: 'outside', namespace: 'ingress' }] }), {
      podAddresses: { ingress: ['127.0.0.1'] },
    });
    expect((await send(running.inbound('catalog'))).status).toBe(200);
    await running.apply(mesh('strict'), { podAddresses: { ingress: ['10.1.2.3'] } });
    await running.apply(from({ from: [{ kind: 'outside', namespace: 'ingress' }] }));
    expect((await send(running.inbound('catalog'))).status).toBe(403);

    await running.apply(from({ from: [{ kind: 'address', cidr: '127.0.0.1/32' }] }));
    expect((await send(running.inbound('catalog'))).status).toBe(200);
    await running.apply(from({ from: [{ kind: 'address', cidr: '10.0.0.0/8' }] }));
    expect((await send(running.inbound('catalog'))).status).toBe(403);
  });

  it('an instance without a sidecar is called where mutual TLS is permissive, and not where it is strict', async () => {
    const instances = { catalog: [{ name: 'catalog-plain', sidecar: false }] };
    await running.apply(mesh('permissive'), { instances });
    expect((await running.call('web', 'catalog')).received?.instance).toBe('catalog-plain');
    await running.apply(mesh('strict'));
    expect((await running.call('web', 'catalog')).status).toBe(503);
  });
});
