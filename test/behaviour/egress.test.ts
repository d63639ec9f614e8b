import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ExternalService, Model } from '../../lib/model';
import { type Authority, authority } from '../support/envoy/authority';
import { edge, egressGateway, externalService, model, workload } from '../support/model-builder';
import type { Backend, BackendOptions } from './harness/backend';
import { grpcBackend } from './harness/grpc';
import { httpBackend } from './harness/http-backend';
import { send } from './harness/http-client';
import { Mesh } from './harness/mesh';
import { freePort } from './harness/ports';
import { tcpBackend } from './harness/tcp-backend';
import { overTcp } from './harness/tcp-client';

/** Hosts outside that are declared: as they are, by the application's own TLS, by TLS that the proxy makes, and through an egress gateway. */

const web = workload('web');
const outside = { addresses: ['127.0.0.1'] };

let root: Authority;
let another: Authority;
let running: Mesh;
const hosts: { [name: string]: Backend } = {};
let declared: readonly ExternalService[] = [];

function mesh(via?: string): Model {
  const externalServices = declared.map((one) => ({ ...one, ...(via === undefined ? {} : { via }) }));
  return model({
    workloads: [web],
    externalServices,
    edges: externalServices.map((one) => edge(web, one)),
    egressGateways: [egressGateway('way-out')],
  });
}

function host(name: string): Backend {
  const found = hosts[name];
  if (!found) throw new Error(`there is no host ${name}`);
  return found;
}

beforeAll(async () => {
  root = authority('of the world');
  another = authority('another of the world');
  const start = async (name: string, make: (options: BackendOptions) => Promise<Backend>, over: object = {}) => {
    hosts[name] = await make({ instance: name, service: name, port: await freePort(), ...over });
    return { ...outside, host: `${name}.example`, port: hosts[name].options.port };
  };
  const originate = { kind: 'originate', trustedCa: 'partners' } as const;
  declared = [
    externalService('plain', { ...(await start('plain', httpBackend)), protocol: 'http', tls: { kind: 'none' } }),
    externalService('secure', {
      ...(await start('secure', httpBackend, { tls: root.issue('secure.example') })),
      protocol: 'http',
      tls: originate,
    }),
    externalService('modern', {
      ...(await start('modern', httpBackend, { http2: true, tls: root.issue('modern.example') })),
      protocol: 'http2',
      tls: originate,
    }),
    externalService('renamed', {
      ...(await start('renamed', httpBackend, { tls: root.issue('real.example') })),
      protocol: 'http',
      tls: { ...originate, serverName: 'real.example' },
    }),
    externalService('impostor', {
      ...(await start('impostor', httpBackend, { tls: another.issue('impostor.example') })),
      protocol: 'http',
      tls: originate,
    }),
    externalService('misnamed', {
      ...(await start('misnamed', httpBackend, { tls: root.issue('other.example') })),
      protocol: 'http',
      tls: originate,
    }),
    externalService('unknown', {
      ...(await start('unknown', httpBackend, { tls: root.issue('unknown.example') })),
      protocol: 'http',
      tls: { kind: 'originate' },
    }),
    externalService('grpc', { ...(await start('grpc', grpcBackend)), protocol: 'grpc', tls: { kind: 'none' } }),
    externalService('passed', { ...(await start('passed', tcpBackend, { tls: root.issue('passed.example') })) }),
    externalService('bytes', { ...(await start('bytes', tcpBackend)), protocol: 'tcp', tls: { kind: 'none' } }),
  ];
  running = await Mesh.start(mesh(), { authorities: { 'shop/partners': root.certificate } });
});
afterAll(async () => {
  await running?.stop();
  await Promise.all(Object.values(hosts).map((one) => one.close()));
  root?.remove();
  another?.remove();
});
beforeEach(() => {
  for (const one of Object.values(hosts)) one.received.splice(0);
});

for (const via of [undefined, 'way-out']) {
  describe(via === undefined ? 'a host outside' : 'a host outside, through an egress gateway', () => {
    beforeAll(() => running.apply(mesh(via)));

    it('is called in plain text, by its own name', async () => {
      const { received } = await running.call('web', 'plain.example', {
        path: '/a?b=c',
        headers: { 'x-team': 'blue' },
      });
      expect(received).toMatchObject({
        instance: 'plain',
        path: '/a?b=c',
        host: `plain.example:${host('plain').options.port}`,
      });
      expect(received?.headers).toMatchObject({ 'x-team': 'blue' });
      expect(
        Object.keys(received?.headers ?? {}).filter((name) => /^x-(envoy|meshwright|forwarded-client)/.test(name)),
      ).toEqual([]);
    });

    it('is called over TLS that the proxy makes, with a root that is declared', async () => {
      for (const name of ['secure', 'modern', 'renamed']) {
        const { status, received } = await running.call('web', `${name}.example`);
        expect([name, status, received?.instance]).toEqual([name, 200, name]);
      }
      expect(host('modern').received[0]?.httpVersion).toBe('2.0');
    });

    it('is not called where its certificate is by another root, of another name, or by a root that nobody has declared', async () => {
      for (const name of ['impostor', 'misnamed', 'unknown']) {
        expect((await running.call('web', `${name}.example`)).status, name).toBe(503);
        expect(host(name).received, name).toEqual([]);
      }
    });

    it('is called by gRPC', async () => {
      const answer = await running.grpc('web', 'grpc.example', { method: 'Chat', messages: ['a', 'b'] });
      expect(answer).toMatchObject({ code: 0, messages: ['grpc: a', 'grpc: b'] });
    });

    it('is called over TLS of the application’s own, which nobody opens', async () => {
      const tls = { serverName: 'passed.example', ca: root.certificate };
      const heard = await overTcp({ port: running.upstream('web', 'passed.example'), tls }, ['one'], 2);
      expect(heard).toEqual(['hello from passed', 'passed: one']);
      expect(host('passed').received[0]?.host).toBe('passed.example');
    });

    it('is called over TCP, and may speak first', async () => {
      const heard = await overTcp({ port: running.upstream('web', 'bytes.example') }, ['one'], 2);
      expect(heard).toEqual(['hello from bytes', 'bytes: one']);
    });
  });
}

describe('an egress gateway', () => {
  it('is passed by what goes through it, and by nothing else', async () => {
    const requests = async () =>
      running.statistic('way-out-egress', /^cluster\.outbound\|.*\|plain\.upstream_rq_total$/);
    await running.apply(mesh());
    const before = await requests();
    expect((await running.call('web', 'plain.example')).status).toBe(200);
    expect(await requests()).toBe(before);
    await running.apply(mesh('way-out'));
    const joined = await requests();
    expect((await running.call('web', 'plain.example')).status).toBe(200);
    expect(await requests()).toBe(joined + 1);
  });

  it('lets out whom an edge allows, and refuses others', async () => {
    await running.apply(mesh('way-out'));
    const where = { port: running.listener('way-out-egress', 15_100) };
    const stranger = await running.certificates.certify({
      identity: { namespace: 'shop', serviceAccount: 'stranger' },
    });
    const serverName = running.egressServerName('plain.example');
    const tls = { ...stranger, ca: running.certificates.trust, verifyName: false, serverName };
    const { status } = await send({ ...where, tls }, { version: 'HTTP/2', host: 'plain.example' });
    expect(status).toBe(403);
    expect(host('plain').received).toEqual([]);
    await expect(send(where, { host: 'plain.example' })).rejects.toThrow();
  });
});
