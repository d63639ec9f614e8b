import { describe, expect, it } from 'vitest';
import { configText, podsNamed } from '../../../stacks/local/config';
import { watchesLacking } from '../../../stacks/local/file-watches';
import { requireNode } from '../../../stacks/local/node-version';
import { progressLine, progressOn } from '../../../stacks/local/progress';
import type { PodState, RunState } from '../../../stacks/local/run-state';
import { entryCommand, tableOf, whereToLook } from '../../../stacks/local/table';

const pod = (one: Partial<PodState> & Pick<PodState, 'name' | 'of' | 'kind'>): PodState => ({
  namespace: 'team',
  ports: [],
  upstreams: [],
  state: 'ready',
  ready: true,
  logs: [],
  restarts: 0,
  ...one,
});

const pods: readonly PodState[] = [
  pod({ name: 'mail', of: 'mail', kind: 'standIn', ports: [{ port: 443, protocol: 'http', at: 20_009 }] }),
  pod({
    name: 'reviews-v1-0',
    of: 'reviews',
    kind: 'service',
    version: 'v1',
    identity: 'spiffe://m/ns/team/sa/reviews',
    ports: [
      { port: 80, protocol: 'http', at: 20_001 },
      { port: 9000, protocol: 'grpc', at: 20_002 },
    ],
    state: 'its process has died',
    restarts: 2,
    adminSocket: '/run/reviews-v1-0/admin.sock',
  }),
  pod({ name: 'public-gateway-0', of: 'public', kind: 'gateway', ports: [{ port: 80, protocol: '', at: 8080 }] }),
];

describe('the table', () => {
  it('shows each instance, ways in first', () => {
    expect(tableOf({ pods })).toEqual([
      '                       version  port       address          identity                       state',
      'team/public (gateway)           80         127.0.0.1:8080                                  ready',
      'team/reviews           v1       80 http    127.0.0.1:20001  spiffe://m/ns/team/sa/reviews  its process has died, 2 restarts',
      '                                9000 grpc  127.0.0.1:20002',
      'team/mail (stand-in)            443 http   127.0.0.1:20009                                 ready',
    ]);
  });

  it('tells where to look', () => {
    const state: RunState = {
      process: { pid: 1 },
      mesh: 'm',
      program: '/p/main.ts',
      trustDomain: 'm',
      admin: 'http://127.0.0.1:20002',
      logs: '/run/logs',
      pods,
      entrances: [{ gateway: 'team/public', protocol: 'http', host: 'shop.example', port: 80, at: 8080 }],
      groups: [],
    };
    expect(whereToLook(state, undefined)).toEqual([
      "gateway team/public   curl -H 'host: shop.example' http://127.0.0.1:8080/",
      'what each proxy has   http://127.0.0.1:20002/proxies',
      'metrics, problems     http://127.0.0.1:20002/metrics  http://127.0.0.1:20002/problems',
      "an Envoy's own pages  curl --unix-socket /run/reviews-v1-0/admin.sock http://envoy/",
      'logs                  /run/logs (gone when it ends)',
    ]);
  });

  it('gives a command for every kind of entrance', () => {
    const entrance = { gateway: 'team/public', port: 443, at: 8443 };
    expect(entryCommand({ ...entrance, protocol: 'https', host: '*.shop.example' }, '/ca.crt')).toBe(
      'curl --cacert /ca.crt --connect-to ::127.0.0.1:8443 https://any.shop.example:443/',
    );
    expect(entryCommand({ ...entrance, protocol: 'tcp' }, undefined)).toBe('nc 127.0.0.1 8443');
    expect(entryCommand({ ...entrance, protocol: 'http' }, undefined)).toBe('curl http://127.0.0.1:8443/');
  });
});

describe('config', () => {
  it('finds proxies by service, version, pod and namespace', () => {
    const found = (of: string) => podsNamed(of, pods).map(({ name }) => name);
    for (const of of ['reviews', 'team/reviews', 'reviews-v1', 'reviews-v1-0'])
      expect(found(of)).toEqual(['reviews-v1-0']);
    for (const of of ['other/reviews', 'mail', 'review']) expect(found(of)).toEqual([]);
  });

  it('shows one kind or all', () => {
    const sent = { Listener: [{ name: 'in', resource: { name: 'in' } }], Cluster: [] };
    expect(configText(sent, 'listeners')).toBe('listeners:\n  - name: in\n');
    expect(configText(sent, 'all')).toBe(
      'listeners:\n  - name: in\nroutes: []\nclusters: []\nendpoints: []\nsecrets: []\nextensions: []\n',
    );
  });
});

it('an Envoy without file watches is told of with the command that helps', () => {
  const words =
    '[critical][assert] assert failure: inotify_fd_ >= 0. Details: Consider increasing value of fs.inotify.max_user_watches and/or fs.inotify.max_user_instances via sysctl';
  expect(watchesLacking(['a', words, '#0 UNKNOWN'])).toContain('sudo sysctl -w fs.inotify.max_user_instances=1024');
  expect(watchesLacking(['a'])).toBeUndefined();
});

describe('progress', () => {
  it('is a bar on a terminal and a few lines elsewhere', () => {
    expect(progressLine('Envoy', 9_000_000, 36_000_000)).toBe('Envoy  [#####...............]  25 %  9.0 of 36.0 MB');
    const written: string[] = [];
    const output = { write: (text: string) => written.push(text) };
    const progress = progressOn(output, 'Envoy');
    for (let done = 0; done <= 200; done++) progress.at(done, 100);
    expect(written).toHaveLength(11);
    expect(written.at(-1)).toContain('100 %');
  });
});

it('an old Node is told what to install', () => {
  expect(() => requireNode('20.18.3')).toThrow(
    'this is Node.js 20.18.3, and 20.19.0 or newer is needed; install it: https://nodejs.org/en/download',
  );
  for (const version of ['20.19.0', '22.1.0', '24.0.0']) expect(() => requireNode(version)).not.toThrow();
});
