import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Rollout } from '../../lib/envoy';
import type { CanaryStrategy, Model } from '../../lib/model';
import {
  backend,
  canary,
  edge,
  gateway,
  gatewayRoute,
  httpMatch,
  httpRoute,
  httpRule,
  model,
  service,
  version,
  workload,
} from '../support/model-builder';
import { until } from '../support/wait';
import type { Request } from './harness/http-client';
import { send } from './harness/http-client';
import { Mesh } from './harness/mesh';
import { plausibleCounts } from './harness/share';

/** A new version takes over: where a rollout stands decides who meets it. */

const web = workload('web');
const catalog = service('catalog', { versions: [version('v1'), version('v2')] });
const front = gateway('front');

const weighted = (sticky = false): CanaryStrategy => ({ kind: 'weighted', steps: [25, 50], interval: 60_000, sticky });

function mesh(strategy: CanaryStrategy, parts: Partial<Model> = {}): Model {
  return model({
    services: [catalog],
    workloads: [web],
    edges: [edge(web, catalog)],
    canaries: [canary(catalog, { strategy })],
    gateways: [front],
    ...parts,
    routes: [gatewayRoute(front, catalog), ...(parts.routes ?? [])],
  });
}

let running: Mesh;
beforeAll(async () => {
  running = await Mesh.start(mesh(weighted()));
});
afterAll(() => running?.stop());
beforeEach(() => running.reset());

async function at(strategy: CanaryStrategy, rollout: Rollout | undefined, parts: Partial<Model> = {}) {
  await running.apply(mesh(strategy, parts), { rollouts: rollout ? { 'shop/catalog': rollout } : {} });
}

async function candidates(requests: number, request: Request = {}): Promise<number> {
  const answers = await Promise.all(Array.from({ length: requests }, () => running.call('web', 'catalog', request)));
  expect(answers.map(({ status }) => status)).toEqual(Array(requests).fill(200));
  return answers.filter(({ received }) => received?.version === 'v2').length;
}

async function expectShare(percent: number): Promise<void> {
  const requests = 300;
  const { least, most } = plausibleCounts(requests, percent);
  const found = await candidates(requests);
  expect(found).toBeGreaterThanOrEqual(least);
  expect(found).toBeLessThanOrEqual(most);
}

describe('a canary', () => {
  it('is met by nobody before its rollout has begun', async () => {
    await at(weighted(), undefined);
    expect(await candidates(50)).toBe(0);
  });

  it('is met by its share, within what a fair coin gives, then by everybody, and by nobody after a rollback', async () => {
    await at(weighted(), { candidatePercent: 25, mirrorPercent: 0 });
    await expectShare(25);
    await at(weighted(), { candidatePercent: 50, mirrorPercent: 0 });
    await expectShare(50);
    await at(weighted(), { candidatePercent: 100, mirrorPercent: 0 });
    expect(await candidates(50)).toBe(50);
    await at(weighted(), { candidatePercent: 0, mirrorPercent: 0 });
    expect(await candidates(50)).toBe(0);
  });

  it('is met through a gateway likewise', async () => {
    await at(weighted(), { candidatePercent: 100, mirrorPercent: 0 });
    expect((await send({ port: running.listener('front-gateway', 80) })).received?.instance).toBe('catalog-v2-0');
    await at(weighted(), { candidatePercent: 0, mirrorPercent: 0 });
    expect((await send({ port: running.listener('front-gateway', 80) })).received?.instance).toBe('catalog-v1-0');
  });

  it('is met where a route leads to the service, and not where it leads to a version', async () => {
    const rules = [
      httpRule({
        matches: [httpMatch({ path: { kind: 'prefix', path: '/fixed' } })],
        action: { kind: 'forward', backends: [backend(catalog, { version: 'v1' })] },
      }),
      httpRule(),
    ];
    await at(weighted(), { candidatePercent: 100, mirrorPercent: 0 }, { routes: [httpRoute(catalog, rules)] });
    expect(await candidates(10, { path: '/fixed' })).toBe(0);
    expect(await candidates(10)).toBe(10);
  });

  it('is met again by who has met it, where it is sticky', async () => {
    await at(weighted(true), { candidatePercent: 50, mirrorPercent: 0 });
    const meeting = async () => {
      const { headers, received } = await running.call('web', 'catalog');
      return { cookie: headers['set-cookie']?.split(';')[0] ?? '', version: received?.version };
    };
    const met = await until('a caller that has met the candidate', async () => {
      const one = await meeting();
      return one.version === 'v2' && one;
    });
    expect(met.cookie).not.toBe('');
    await at(weighted(true), { candidatePercent: 1, mirrorPercent: 0 });
    expect(await candidates(20, { headers: { cookie: met.cookie } })).toBe(20);
  });

  it('sees copies first, and answers nobody', async () => {
    await at(weighted(), { candidatePercent: 0, mirrorPercent: 100 });
    expect(await candidates(10)).toBe(0);
    const copies = () => running.backend('catalog-v2-0').received.length;
    await until('ten copies', () => copies() >= 10);
    expect(copies()).toBe(10);
  });

  it('of a comparison is met by the requests that match, and by no others', async () => {
    const strategy: CanaryStrategy = {
      kind: 'abTest',
      matches: [httpMatch({ headers: [{ kind: 'exact', name: 'x-beta', value: 'yes' }] })],
      interval: 60_000,
    };
    await at(strategy, { candidatePercent: 0, mirrorPercent: 0 });
    expect(await candidates(10, { headers: { 'x-beta': 'yes' } })).toBe(10);
    expect(await candidates(10, { headers: { 'x-beta': 'no' } })).toBe(0);
    await at(strategy, undefined);
    expect(await candidates(10, { headers: { 'x-beta': 'yes' } })).toBe(0);
    await at(strategy, { candidatePercent: 100, mirrorPercent: 0 });
    expect(await candidates(10)).toBe(10);
  });
});
