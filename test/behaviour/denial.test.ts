import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AccessRule } from '../../lib/model';
import { accessPolicy, accessRule, edge, identity, model, prefix, service, workload } from '../support/model-builder';
import { until } from '../support/wait';
import { send } from './harness/http-client';
import { Mesh } from './harness/mesh';

/** What a caller reads that was refused: whole texts, because a person acts on them. */

const web = workload('web');
const limited = workload('limited');
const catalog = service('catalog');

const public_ = { kind: 'http', ...prefix('/public') } as const;

function mesh(rules: readonly AccessRule[] = []) {
  return model({
    services: [catalog],
    workloads: [web, limited],
    edges: [edge(web, catalog), edge(limited, catalog, { only: [public_] })],
    accessPolicies: [accessPolicy(catalog, { rules })],
  });
}

let running: Mesh;
beforeAll(async () => {
  running = await Mesh.start(mesh());
});
afterAll(() => running?.stop());

const callers = 'spiffe://shop.example/ns/shop/sa';

describe('the answer to a call that is refused', () => {
  it('by a rule names the request', async () => {
    await running.apply(
      mesh([
        accessRule({
          action: 'deny',
          from: [{ kind: 'identity', ...identity(web) }],
          requests: [{ kind: 'http', ...prefix('/admin') }],
        }),
      ]),
    );
    const { status, text, headers } = await running.call('web', 'catalog', { path: '/admin/users?secret=1' });
    expect([status, text, headers['content-type'], headers['x-meshwright-decision']]).toEqual([
      403,
      `${callers}/web may not call catalog.shop: a rule denies GET /admin/users to it\n`,
      'text/plain; charset=UTF-8',
      'rbac_access_denied_matched_policy[deny-0]',
    ]);
  });

  it('because the edge is for other requests says so', async () => {
    await running.apply(mesh());
    expect((await running.call('limited', 'catalog', { path: '/public/x' })).status).toBe(200);
    const { status, text } = await running.call('limited', 'catalog', { path: '/private', method: 'POST' });
    expect([status, text]).toEqual([
      403,
      `${callers}/limited may not call catalog.shop: its edge is not for POST /private; widen it: limited.calls(catalog)\n`,
    ]);
  });

  it('in plain text says what is spoken here, and how the call is declared', async () => {
    const { status, text, headers } = await send(running.inbound('catalog-0'), { host: 'catalog' });
    expect([status, text, headers['x-meshwright-decision']]).toEqual([
      403,
      'catalog.shop speaks mutual TLS only, and this call came in plain text: no edge of its caller leads here; declare it: <caller>.calls(catalog)\n',
      'plain-text',
    ]);
    expect(await running.statistic('catalog', /^http\.inbound\|8080\.rq_direct_response$/)).toBe(1);
  });

  it('is none where the rule is only counted; the log tells whom it would have refused', async () => {
    await running.apply(
      mesh([accessRule({ action: 'deny', shadow: true, requests: [{ kind: 'http', ...prefix('/admin') }] })]),
    );
    for (const path of ['/admin/x', '/other']) {
      expect((await running.call('web', 'catalog', { path, headers: { connection: 'close' } })).status).toBe(200);
    }
    const logged = () =>
      running
        .proxy('catalog')
        .accessLog()
        .filter(({ status }) => status === 200);
    await until('the log to tell', async () => logged().length > 0);
    expect(logged()).toEqual([
      expect.objectContaining({
        path: '/admin/x',
        caller: `${callers}/web`,
        callee: 'catalog.shop',
        shadow: 'deny-0',
        route: 'shop/catalog',
      }),
    ]);
  });
});
