import { existsSync, readFileSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, processesWith, root, Up } from './running';

const program = join(root, 'test/stacks/programs/small');
let one: Up;
let other: Up;

beforeAll(async () => {
  one = new Up(program);
  other = new Up(program);
  await Promise.all([one.ready(), other.ready()]);
});
afterAll(() => {
  for (const up of [one, other]) up.signal('SIGKILL');
});

describe('a mesh without a command for any service', () => {
  it('is stood in for by servers that say so', async () => {
    const { status, body } = await ask(one.entrance, '/cart?x=1', {
      headers: { host: 'small.example', 'x-mine': 'yes' },
    });
    expect([status, JSON.parse(body)]).toEqual([
      200,
      expect.objectContaining({
        standsInFor: 'team/front',
        note: 'an echo server stands in for team/front; say how it runs on this machine by its `local`',
        method: 'GET',
        path: '/cart?x=1',
        headers: expect.objectContaining({ 'x-mine': 'yes' }),
      }),
    ]);
    expect(one.output).toMatch(/team\/front .* ready \(echo server\)/);
    expect(one.output).toMatch(/team\/job \(calls only\) .* ready \(no command\)/);
  });

  it('runs what ends once, as the caller that it is', async () => {
    await one.stateIs(({ pods }) => pods.some(({ name, state }) => name === 'once-0' && state === 'its work is done'));
    // It was tried again where it came before its upstream was there, as a Job is; once done it is not.
    expect(readFileSync(one.pod('once-0').logs[0] ?? '', 'utf8').match(/team\/front answers \/once\n/g)).toHaveLength(
      1,
    );
  });

  it('answers gRPC with what it is, and is healthy', async () => {
    const at = one.pod('front-0').upstreams.find(({ name }) => name === 'cart')?.at ?? 0;
    expect(await grpc(at, '/shop.Cart/Get')).toEqual({
      status: '12',
      message:
        'an echo server stands in for team/cart; say how it runs on this machine by its `local` (asked for /shop.Cart/Get)',
      bytes: '',
    });
    expect(await grpc(at, '/grpc.health.v1.Health/Check')).toMatchObject({ status: '0', bytes: '00000000020801' });
  });

  it('speaks first over TCP, and gives back what it gets', async () => {
    const at = one.pod('job-0').upstreams.find(({ name }) => name === 'store')?.at ?? 0;
    expect(await firstLines(at, 'ping\n', 2)).toEqual([
      'an echo server stands in for team/store; say how it runs on this machine by its `local`',
      'ping',
    ]);
  });
});

describe('two meshes of one program', () => {
  it('run beside each other, and one that is killed leaves nothing', async () => {
    expect(one.entrance).not.toBe(other.entrance);
    const answers = await Promise.all(
      [one, other].map((up) => ask(up.entrance, '/', { headers: { host: 'small.example' } })),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    const { folder } = one;
    expect(processesWith(folder).length).toBeGreaterThan(4);
    one.signal('SIGKILL');
    await one.exited;
    while (existsSync(folder) || processesWith(folder).length > 0);
    expect((await ask(other.entrance, '/', { headers: { host: 'small.example' } })).status).toBe(200);
    other.signal('SIGTERM');
    expect(await other.exited).toBe(0);
  });
});

function grpc(
  port: number,
  path: string,
): Promise<{ readonly status: unknown; readonly message: string; readonly bytes: string }> {
  return new Promise((resolve, reject) => {
    const session = connectHttp2(`http://127.0.0.1:${port}`);
    session.once('error', reject);
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    let answer: { readonly [name: string]: unknown } = {};
    const parts: Buffer[] = [];
    for (const event of ['response', 'trailers'] as const) {
      stream.on(event, (headers: { readonly [name: string]: unknown }) => {
        answer = { ...answer, ...headers };
      });
    }
    stream.on('data', (part: Buffer) => parts.push(part));
    stream.once('error', reject);
    stream.once('end', () => {
      session.close();
      const message = decodeURIComponent(String(answer['grpc-message'] ?? ''));
      resolve({ status: answer['grpc-status'], message, bytes: Buffer.concat(parts).toString('hex') });
    });
    stream.end(Buffer.from([0, 0, 0, 0, 0]));
  });
}

function firstLines(port: number, sent: string, count: number): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(sent));
    socket.once('error', reject);
    socket.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      const lines = text.split('\n');
      if (lines.length <= count) return;
      socket.destroy();
      resolve(lines.slice(0, count));
    });
  });
}
