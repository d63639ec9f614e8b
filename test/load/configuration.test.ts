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
import { accountAtEnd } from './account';
import { again, caseTimeout } from './duration';
import { catalog, type Shop, shop, split, twoOfEach, web } from './shop';
import { become, underLoad } from './traffic';

/** What is declared changes while requests flow, through a sidecar and through a gateway: none of them fails. */

let running: Mesh;
beforeAll(async () => {
  running = await Mesh.start(shop(), { ...twoOfEach, drain: 2 });
});
afterAll(() => running?.stop());
accountAtEnd();

/** How the mesh becomes one after the other: each is used before the next, or they follow on each other's heels. */
type Pace = 'settled' | 'at once';

async function changing(what: string, pace: Pace, least: number, shopOf: (round: number) => Shop): Promise<void> {
  await running.apply(shop());
  await underLoad(running, what, 500, async (flow) => {
    const rounds = await again(least, async (round) => {
      if (pace === 'settled') await running.apply(shop(shopOf(round)));
      else await become(running, shop(shopOf(round)));
      await flow(pace === 'settled' ? 20 : 2);
    });
    await running.settled();
    return `${rounds} changes`;
  });
}

describe('no request fails while', () => {
  it('the weights of a split change', { timeout: caseTimeout }, () =>
    changing('weights', 'at once', 150, (round) => ({ rules: [split((round * 7) % 101)] })),
  );

  it('rules come and go: matches, timeouts, retries, headers, mirrors', { timeout: caseTimeout }, () =>
    changing('rules', 'at once', 150, (round) => ({ rules: rulesOf(round) })),
  );

  it('who may call what changes, but not for those who call', { timeout: caseTimeout }, () =>
    changing('access policies', 'at once', 100, (round) => ({
      over: (model) => ({ ...model, accessPolicies: policiesOf(round) }),
    })),
  );

  it('services and calls come and go beside it', { timeout: caseTimeout }, () =>
    changing('services', 'settled', 4, (round) => ({
      over: (model) => (round % 2 === 0 ? withReviews(model) : model),
    })),
  );

  it('clusters change: load balancing, limits, timeouts', { timeout: caseTimeout }, () =>
    changing('clusters', 'settled', 8, (round) => ({
      over: (model) => ({ ...model, trafficPolicies: [trafficPolicy(catalog, settings[round % settings.length])] }),
    })),
  );

  it('listeners change: what is logged and traced, who may come in plain text', { timeout: caseTimeout }, () =>
    changing('listeners', 'settled', 8, (round) => ({
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
