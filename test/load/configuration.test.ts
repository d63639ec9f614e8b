import { afterAll, beforeAll, describe, it } from 'vitest';
import { defaults, type HttpRule, type Model } from '../../lib/model';
import { Mesh } from '../behaviour/harness/mesh';
import {
  accessPolicy,
  accessRule,
  edge,
  httpRule,
  mesh,
  prefix,
  service,
  trafficPolicy,
} from '../support/model-builder';
import { account, accountAtEnd } from './account';
import { again, caseTimeout } from './duration';
import { catalog, type Shop, shop, split, twoOfEach, web } from './shop';
import { loadOf, type SteadyLoad } from './steady-load';

/** What is declared changes while requests flow, through a sidecar and through a gateway: none of them fails. */

let running: Mesh;
beforeAll(async () => {
  running = await Mesh.start(shop(), twoOfEach);
});
afterAll(() => running?.stop());
accountAtEnd();

/** Requests flow; the mesh becomes one after the other, each of which is used before the next. */
async function changing(what: string, least: number, meshes: (round: number) => Shop): Promise<void> {
  await running.apply(shop());
  const loads = bothWays();
  const rounds = await again(least, async (round) => {
    await running.apply(shop(meshes(round)));
    await Promise.all(loads.map((load) => load.more(20)));
  });
  for (const load of loads) await load.stop();
  account(what, `${rounds} changes`, loads, 500);
}

function bothWays(): readonly SteadyLoad[] {
  return [
    loadOf(running.upstream('web', 'catalog'), { host: 'catalog', connections: 6 }),
    loadOf(running.listener('public-gateway', 80), { host: 'shop.example', connections: 6 }),
  ];
}

describe('no request fails while', () => {
  it('the weights of a split change', { timeout: caseTimeout }, () =>
    changing('weights', 100, (round) => ({ rules: [split((round * 7) % 101)] })),
  );

  it('rules come and go: matches, timeouts, retries, headers, mirrors', { timeout: caseTimeout }, () =>
    changing('rules', 100, (round) => ({ rules: rulesOf(round) })),
  );

  it('who may call what changes, but not for those who call', { timeout: caseTimeout }, () =>
    changing('access policies', 50, (round) => ({
      over: (model) => ({ ...model, accessPolicies: policiesOf(round) }),
    })),
  );

  it('services and calls come and go beside it', { timeout: caseTimeout }, () =>
    changing('services', 6, (round) => ({ over: (model) => (round % 2 === 0 ? withReviews(model) : model) })),
  );

  it('clusters change: load balancing, limits, timeouts', { timeout: caseTimeout }, () =>
    changing('clusters', 50, (round) => ({
      over: (model) => ({ ...model, trafficPolicies: [trafficPolicy(catalog, settings[round % settings.length])] }),
    })),
  );

  it('listeners change: what is logged and traced, who may come in plain text', { timeout: caseTimeout }, () =>
    changing('listeners', 20, (round) => ({
      over: (model) => ({ ...model, mesh: meshes[round % meshes.length] ?? model.mesh }),
    })),
  );
});

function rulesOf(round: number): readonly HttpRule[] {
  const extra = [
    httpRule({ matches: [prefix(`/elsewhere-${round}`)], action: { kind: 'respond', status: 404 } }),
    httpRule({ ...split(50), timeout: 5_000 + round }),
    httpRule({ ...split(100), matches: [prefix('/')], retries: { attempts: round % 4 } }),
    httpRule({
      ...split(20),
      responseHeaders: { set: [{ name: 'x-round', value: String(round) }], add: [], remove: [] },
    }),
    httpRule({ ...split(80), mirrors: [{ service: catalog, version: 'v2', port: 80, percent: 10 }] }),
  ];
  return [...extra.slice(round % extra.length), split(50)];
}

const policiesOf = (round: number) => [
  accessPolicy(catalog, {
    rules: [
      accessRule({ from: [{ kind: 'namespace', namespace: `elsewhere-${round}` }] }),
      accessRule({
        action: 'deny',
        from: [{ kind: 'identity', namespace: 'shop', serviceAccount: `banned-${round}` }],
      }),
      accessRule({ action: 'deny', shadow: true, requests: [{ kind: 'http', ...prefix('/') }] }),
    ].slice(round % 3),
  }),
];

function withReviews(model: Model): Model {
  const reviews = service('reviews');
  return {
    ...model,
    services: [...model.services, reviews],
    edges: [...model.edges, edge(web, reviews), edge(reviews, catalog)],
  };
}

const settings = [
  {},
  { loadBalancing: { kind: 'leastRequest' } },
  { limits: { maxConnections: 200 } },
  { connection: { timeout: 2_000 } },
  { outlierDetection: { consecutive5xx: 7 } },
  { loadBalancing: { kind: 'ringHash', by: [{ kind: 'header', name: 'x-user' }] } },
] as const;

const { telemetry } = defaults;
const meshes = [
  mesh(),
  mesh({ telemetry: { ...telemetry, accessLog: { ...telemetry.accessLog, filter: { minStatus: 500 } } } }),
  mesh({ mutualTls: 'permissive' }),
  mesh({ telemetry: { ...telemetry, accessLog: { enabled: false } } }),
];
