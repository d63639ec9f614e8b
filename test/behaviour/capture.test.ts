import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { proxyUser } from '../../lib/kubernetes/running';
import { envoyPath } from '../support/envoy/tools';

/** Transparent capture in pods of real network namespaces ({@link ./harness/captured-pods}), both directions. */

/** A network of its own, and processes of its own: with the first of them all others end. */
const namespaces = ['--net', '--pid', '--fork', '--kill-child', '--mount-proc'];

const lacking = [
  ...(process.getuid?.() === 0 ? [] : ['root, for network namespaces']),
  ...['nft', 'ip', 'setpriv', 'unshare', 'nsenter'].filter((program) => spawnSync('which', [program]).status !== 0),
  ...(spawnSync('unshare', [...namespaces, 'nft', 'list', 'ruleset']).status === 0 ? [] : ['nftables of the kernel']),
  ...(spawnSync('unshare', [...namespaces, 'ip', 'link', 'add', 'bridge', 'type', 'bridge']).status === 0
    ? []
    : ['bridges of the kernel']),
  ...(spawnSync('setpriv', ['--reuid', String(proxyUser), '--clear-groups', 'test', '-x', envoyPath()]).status === 0
    ? []
    : ['an Envoy that another user may run']),
];

describe.skipIf(lacking.length > 0)(
  `transparent capture${lacking.length > 0 ? ` (lacks ${lacking.join(', ')})` : ''}`,
  () => {
    let answers: {
      readonly [what: string]: { readonly status?: number; readonly text?: string; readonly heard?: string };
    } = {};

    beforeAll(async () => {
      const program = resolve(__dirname, 'harness/captured-pods.ts');
      const pods = spawn('unshare', [...namespaces, process.execPath, '--import', 'tsx', program], {
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const [out, err] = [pods.stdout, pods.stderr].map((stream) => {
        const parts: Buffer[] = [];
        stream.on('data', (part: Buffer) => parts.push(part));
        return () => Buffer.concat(parts).toString('utf8');
      });
      const killed = () => pods.kill('SIGKILL');
      process.once('exit', killed);
      await once(pods, 'close');
      process.off('exit', killed);
      expect(err?.()).toBe('');
      answers = JSON.parse(out?.() ?? '');
    }, 60_000);

    it('takes what the application sends to the address of a service to that service, over mutual TLS', () => {
      const answer = answers['web to the address of the service'];
      expect(answer?.status).toBe(200);
      expect(JSON.parse(answer?.text ?? '')).toMatchObject({
        port: 8080,
        caller: expect.stringMatching(/URI=spiffe:\/\/shop\.example\/ns\/shop\/sa\/web$/),
        host: 'catalog',
      });
    });

    it('refuses what is not declared, and says so where it can', () => {
      for (const what of ['web to another port of the service', 'web to what it has not declared']) {
        expect(answers[what], what).toMatchObject({
          status: 403,
          text: expect.stringContaining('declare it: web.calls('),
        });
      }
    });

    it('carries a server that speaks first', () => {
      expect(answers['web to a server that speaks first']).toEqual({ heard: 'hello from 5432' });
    });

    it('refuses what comes in plain text where mutual TLS is strict', () => {
      expect(answers['a neighbour to the application']).toMatchObject({
        status: 403,
        text: expect.stringContaining('catalog'),
      });
      expect(answers['a neighbour to the server that speaks first']?.heard).toBe('');
    });

    it('accepts it where mutual TLS is permissive', () => {
      const answer = answers['a neighbour, while plain text is accepted'];
      expect(answer?.status).toBe(200);
      expect(JSON.parse(answer?.text ?? '')).toMatchObject({ port: 8080, caller: 'unknown' });
      expect(answers['a neighbour to the server that speaks first, while plain text is accepted']).toEqual({
        heard: 'hello from 5432',
      });
    });

    it('lets pass what is declared to stay outside, and nothing else', () => {
      expect(answers['a neighbour to a port that stays outside']).toEqual({ heard: 'hello from 7001' });
      expect(answers['a neighbour to a port that nobody has declared']?.heard ?? '').toBe('');
    });

    it('leaves probes of the kubelet alone', () => {
      const answer = answers['the kubelet to the port that it probes'];
      expect(JSON.parse(answer?.text ?? '{}')).toMatchObject({ port: 8080, caller: 'unknown' });
    });
  },
);
