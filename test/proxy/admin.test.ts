import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { model } from '../support/model-builder';
import { until } from '../support/wait';
import { type Serving, startServing } from './serving';

/** What may come to a port that others can reach. */

let serving: Serving;
beforeAll(async () => {
  serving = await startServing(model());
});
afterAll(() => serving.close());

/** All that comes back to these bytes, until the other side closes. */
async function raw(bytes: string | Buffer): Promise<string> {
  const socket = await opened();
  socket.write(bytes);
  return ending(socket);
}

async function opened(): Promise<Socket> {
  const socket = connect(serving.controlPlane.adminPort, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

async function ending(socket: Socket): Promise<string> {
  const parts: Buffer[] = [];
  socket.on('data', (part: Buffer) => parts.push(part));
  if (!socket.closed) await once(socket, 'close');
  return Buffer.concat(parts).toString('utf8');
}

const get = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${more}\r\n`;

describe('the admin server', () => {
  it('answers at its paths and nowhere else', async () => {
    expect(await raw(get('/healthz'))).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\nok\n$/);
    expect(await raw(get('/proxies'))).toContain('"proxies": []');
    const strange = [
      '/',
      '/proxies/',
      '/proxies/shop',
      '/proxies/shop/web-0',
      '/proxies/a/b/c',
      '/metrics/',
      '//metrics',
      '/%',
      '/..%2f..%2fetc/passwd',
    ];
    for (const path of strange) expect(await raw(get(path)), path).toMatch(/^HTTP\/1\.1 404 /);
    expect(await raw(get('/healthz?and=more'))).toMatch(/^HTTP\/1\.1 200 /);
    const head = await raw('HEAD /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*content-length: 3\r\n[\s\S]*\r\n\r\n$/);
  });

  it('is for reading alone', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE']) {
      const answer = await raw(`${method} /healthz HTTP/1.1\r\nhost: x\r\n\r\n`);
      expect(answer, method).toMatch(/^HTTP\/1\.1 405 [\s\S]*allow: GET, HEAD\r\n/);
    }
    // A tunnel is not even answered.
    expect(await raw('CONNECT x:80 HTTP/1.1\r\nhost: x\r\n\r\n')).toBe('');
    expect(await raw(get('/healthz', 'content-length: 9\r\n'))).toMatch(/^HTTP\/1\.1 413 /);
    expect(await raw(get('/healthz', 'transfer-encoding: chunked\r\n'))).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('closes what is no request, and what is too long for one', async () => {
    expect(await raw('\u0016\u0003\u0001 this is TLS \r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
    expect(await raw('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
    expect(await raw(Buffer.alloc(100_000, 'a'))).toMatch(/^HTTP\/1\.1 400 |^$/);
    expect(await raw(get(`/${'a'.repeat(20_000)}`))).toMatch(/^HTTP\/1\.1 400 |^$/);
    expect(await raw(get('/healthz', `x-long: ${'a'.repeat(20_000)}\r\n`))).toMatch(/^HTTP\/1\.1 400 |^$/);
  });

  it('waits for nobody who does not end a request, and others notice nothing', async () => {
    const slow = await Promise.all(Array.from({ length: 40 }, () => opened()));
    for (const socket of slow) socket.write('GET /healthz HTTP/1.1\r\n');
    const began = performance.now();
    expect(await raw(get('/healthz'))).toMatch(/^HTTP\/1\.1 200 /);
    expect(performance.now() - began).toBeLessThan(1_000);
    await Promise.all(slow.map(ending));
    expect(performance.now() - began).toBeLessThan(10_000);
  }, 20_000);

  it('holds no more connections than it can', async () => {
    const many = await Promise.all(Array.from({ length: 200 }, () => opened()));
    const endings = many.map(ending);
    await until('the others to be closed', () => many.filter(({ closed }) => !closed).length <= 64, {
      patience: 3_000,
    });
    for (const socket of many) socket.destroy();
    await Promise.all(endings);
    expect(await raw(get('/healthz'))).toMatch(/^HTTP\/1\.1 200 /);
  });
});
