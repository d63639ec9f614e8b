import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AccessPolicy, AccessRule, Edge, Model, RequestMatch } from '../../lib/model';
import {
  accessPolicy,
  accessRule,
  edge,
  httpMatch,
  model,
  port,
  prefix,
  service,
  workload,
} from '../support/model-builder';
import { type Case, type Exchange, provenOnEnvoy } from './harness/case';
import type { GrpcCall } from './harness/grpc';
import { Mesh } from './harness/mesh';
import { overTcp } from './harness/tcp-client';

/** Who may call what: edges, rules of allow and deny, and rules that only watch. */

const web = workload('web');
const report = workload('report');
const foreign = workload('foreign', { namespace: 'other' });
const catalog = service('catalog');
const ratings = service('ratings', { ports: [port('grpc')] });
const store = service('store', { ports: [port('tcp', 5432)] });

function mesh(
  rules: readonly AccessRule[],
  over: { readonly edge?: Partial<Edge>; readonly of?: typeof catalog; readonly policy?: Partial<AccessPolicy> } = {},
): Model {
  return model({
    services: [catalog, ratings, store],
    workloads: [web, report, foreign],
    edges: [
      edge(web, catalog, over.edge),
      edge(report, catalog),
      edge(foreign, catalog),
      edge(web, ratings),
      edge(report, ratings),
      edge(web, store),
      edge(report, store),
    ],
    accessPolicies: rules.length > 0 ? [accessPolicy(over.of ?? catalog, { rules, ...over.policy })] : [],
  });
}

const deny = (over: Partial<AccessRule>) => accessRule({ action: 'deny', ...over });
const http = (over: Parameters<typeof httpMatch>[0]): RequestMatch => ({ kind: 'http', ...httpMatch(over) });
const underPath = (path: string): RequestMatch => ({ kind: 'http', ...prefix(path) });

const ok: Exchange['outcome'] = { status: 200, reaches: 'catalog' };
const refused: Exchange['outcome'] = { status: 403, headers: { 'x-instance': null } };

function of(from: string, path: string, outcome: Exchange['outcome'], method = 'GET', headers = {}): Exchange {
  const to = from === 'foreign' ? 'catalog.shop' : 'catalog';
  return { from, to, request: { path, method, headers }, outcome };
}

const cases: readonly Case[] = [
  {
    name: 'what is declared as an edge is allowed, with nothing more said',
    model: mesh([]),
    exchanges: [of('web', '/', ok), of('report', '/', ok, 'DELETE'), of('foreign', '/', ok)],
  },
  {
    name: 'a deny beats the edge: by identity',
    model: mesh([deny({ from: [{ kind: 'identity', namespace: 'shop', serviceAccount: 'report' }] })]),
    exchanges: [of('web', '/', ok), of('report', '/', refused), of('foreign', '/', ok)],
  },
  {
    name: 'a deny by namespace',
    model: mesh([deny({ from: [{ kind: 'namespace', namespace: 'other' }] })]),
    exchanges: [of('web', '/', ok), of('report', '/', ok), of('foreign', '/', refused)],
  },
  {
    name: 'a deny by address, with an identity or without',
    model: mesh([deny({ from: [{ kind: 'address', cidr: '127.0.0.0/8' }] })]),
    exchanges: [of('web', '/', refused), of('foreign', '/', refused)],
  },
  {
    name: 'a deny by address of nobody who is here',
    model: mesh([deny({ from: [{ kind: 'address', cidr: '10.0.0.0/8' }] })]),
    exchanges: [of('web', '/', ok)],
  },
  {
    name: 'a deny by path, which cannot be walked around',
    model: mesh([deny({ requests: [underPath('/admin')] })]),
    exchanges: [
      of('web', '/shop', ok),
      of('web', '/administration', ok),
      of('web', '/admin', refused),
      of('web', '/admin/users?a=b', refused),
      of('web', '//admin', refused),
      of('web', '/%61dmin', refused),
      of('web', '/x/../admin', refused),
      of('web', '/%2Fadmin', refused),
    ],
  },
  {
    name: 'a deny by method',
    model: mesh([deny({ requests: [http({ method: 'DELETE' })] })]),
    exchanges: [of('web', '/', ok), of('web', '/', ok, 'POST'), of('web', '/', refused, 'DELETE')],
  },
  {
    name: 'a deny by header and by query',
    model: mesh([
      deny({
        requests: [
          http({ headers: [{ kind: 'exact', name: 'x-debug', value: '1' }] }),
          http({ query: [{ kind: 'regex', name: 'cmd', pattern: '.*' }] }),
        ],
      }),
    ]),
    exchanges: [
      of('web', '/', ok),
      of('web', '/', ok, 'GET', { 'x-debug': '0' }),
      of('web', '/', refused, 'GET', { 'x-debug': '1' }),
      of('web', '/?cmd=ls', refused),
    ],
  },
  {
    name: 'a deny of all that it names together, and of no less',
    model: mesh([
      deny({
        from: [{ kind: 'identity', namespace: 'shop', serviceAccount: 'web' }],
        requests: [http({ path: { kind: 'exact', path: '/secret' }, method: 'GET' })],
      }),
    ]),
    exchanges: [
      of('web', '/secret', refused),
      of('web', '/secret', ok, 'POST'),
      of('web', '/open', ok),
      of('report', '/secret', ok),
    ],
  },
  {
    name: 'a deny of a port that is not this one',
    model: mesh([deny({ ports: [81] })]),
    exchanges: [of('web', '/', ok)],
  },
  {
    name: 'a deny of this port',
    model: mesh([deny({ ports: [80] })]),
    exchanges: [of('web', '/', refused)],
  },
  {
    name: 'a rule in shadow denies nothing',
    model: mesh([deny({ shadow: true, requests: [underPath('/admin')] })]),
    exchanges: [of('web', '/', ok), of('web', '/admin', ok)],
  },
  {
    name: 'an edge that is part of the service alone: what it does not name is refused, and says so',
    model: mesh([], { edge: { only: [http({ path: { kind: 'prefix', path: '/items' }, method: 'GET' })] } }),
    exchanges: [
      of('web', '/items/1', ok),
      of('web', '/items/1', { ...refused, text: /spiffe:\/\/shop\.example\/ns\/shop\/sa\/web.*catalog/ }, 'PUT'),
      of('web', '/other', { ...refused, text: /spiffe:\/\/shop\.example\/ns\/shop\/sa\/web.*catalog/ }),
      of('report', '/other', ok),
    ],
  },
];

provenOnEnvoy('access over HTTP', {}, cases);

const call = (service: string, method: GrpcCall['method'] = 'Once'): GrpcCall => ({
  service,
  method,
  messages: ['hello'],
});

provenOnEnvoy('access to a service of gRPC', {}, [
  {
    name: 'is refused with a status of gRPC, by service and method',
    model: mesh([deny({ requests: [{ kind: 'grpc', service: 'shop.v1.Other', method: 'Once', headers: [] }] })], {
      of: ratings,
    }),
    exchanges: [
      { from: 'web', to: 'ratings', grpc: call('shop.v1.Echo'), outcome: { reaches: 'ratings' } },
      { from: 'web', to: 'ratings', grpc: call('shop.v1.Other', 'Many'), outcome: { reaches: 'ratings' } },
      // PERMISSION_DENIED. https://grpc.io/docs/guides/status-codes/
      { from: 'web', to: 'ratings', grpc: call('shop.v1.Other'), outcome: { code: 7 } },
    ],
  },
  {
    name: 'is refused by identity',
    model: mesh([deny({ from: [{ kind: 'identity', namespace: 'shop', serviceAccount: 'report' }] })], { of: ratings }),
    exchanges: [
      { from: 'web', to: 'ratings', grpc: call('shop.v1.Echo'), outcome: { reaches: 'ratings' } },
      { from: 'report', to: 'ratings', grpc: call('shop.v1.Echo'), outcome: { code: 7 } },
    ],
  },
]);

describe('access', () => {
  let running: Mesh;
  beforeAll(async () => {
    running = await Mesh.start(mesh([]));
  });
  afterAll(() => running?.stop());
  beforeEach(() => running.reset());

  it('over TCP is refused by closing the connection, before the application hears of it', async () => {
    const heard = (caller: string) => overTcp({ port: running.upstream(caller, 'store') }, [], 1).catch(() => []);
    expect(await heard('web')).toEqual(['hello from store-0']);
    await running.apply(
      mesh([deny({ from: [{ kind: 'identity', namespace: 'shop', serviceAccount: 'report' }] })], { of: store }),
    );
    expect(await heard('web')).toEqual(['hello from store-0']);
    const before = running.backend('store').received.length;
    expect(await heard('report')).toEqual([]);
    expect(running.backend('store').received.length).toBe(before);
  });

  it('that is revoked is refused from then on, and drops no other request', async () => {
    await running.apply(mesh([]));
    const slow = running.call('web', 'catalog', { reply: { delay: 1_000 } });
    await running.apply(mesh([deny({ from: [{ kind: 'identity', namespace: 'shop', serviceAccount: 'report' }] })]));
    expect((await running.call('report', 'catalog')).status).toBe(403);
    expect((await slow).status).toBe(200);
    await running.apply(mesh([]));
    expect((await running.call('report', 'catalog')).status).toBe(200);
  });

  it('counts what a rule in shadow would have denied', async () => {
    await running.apply(mesh([deny({ shadow: true, requests: [underPath('/admin')] })]));
    const denied = /rbac\..*shadow_denied$|rbac\.shadow_denied$/;
    const before = await running.statistic('catalog', denied);
    for (const path of ['/', '/admin', '/admin/x'])
      expect((await running.call('web', 'catalog', { path })).status).toBe(200);
    expect((await running.statistic('catalog', denied)) - before).toBe(2);
  });

  it('tells the application who calls, and nothing that the caller has made up', async () => {
    await running.apply(mesh([]));
    const forged = { 'x-forwarded-client-cert': 'URI=spiffe://shop.example/ns/shop/sa/admin' };
    const { received } = await running.call('web', 'catalog', { headers: forged });
    expect(received?.headers['x-forwarded-client-cert']).toMatch(/URI=spiffe:\/\/shop\.example\/ns\/shop\/sa\/web$/);
    expect(received?.headers['x-forwarded-client-cert']).not.toContain('admin');
  });
});
