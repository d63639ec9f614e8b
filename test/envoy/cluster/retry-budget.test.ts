import { describe, expect, it } from 'vitest';
import { configurationOf } from '../../../lib/envoy';
import type { Retries } from '../../../lib/model';
import { contextOf } from '../../support/envoy/contexts';
import * as build from '../../support/model-builder';

const web = build.service('web');
const reviews = build.service('reviews');
const publicGateway = build.gateway('public');

const retries = (percent: number, minConcurrency: number): Retries => ({
  attempts: 1,
  budget: { percent, minConcurrency },
});

function budgetOf(
  proxy: 'web' | 'gateway',
  declared: { readonly edge?: Retries; readonly rule?: Retries; readonly ofGateway?: Retries },
) {
  const { edge, rule, ofGateway } = declared;
  const toReviews = build.gatewayRoute(publicGateway, reviews);
  const mesh = build.model({
    services: [web, reviews],
    edges: [build.edge(web, reviews, edge ? { retries: edge } : {})],
    gateways: [publicGateway],
    routes: [
      // What the rule does not match, the edge is about.
      build.httpRoute(reviews, [build.httpRule({ matches: [build.prefix('/x')], ...(rule && { retries: rule }) })]),
      { ...toReviews, rules: toReviews.rules.map((one) => ({ ...one, ...(ofGateway && { retries: ofGateway }) })) },
    ],
  });
  const { clusters } = configurationOf(
    proxy === 'web'
      ? contextOf(mesh, { kind: 'sidecar', member: { kind: 'service', ...build.ref(web) } })
      : contextOf(mesh, { kind: 'gateway', ...build.ref(publicGateway) }),
  );
  const cluster = clusters.find(({ name }) => name === 'outbound|80||shop|reviews');
  return cluster?.circuitBreakers?.thresholds?.[0]?.retryBudget;
}

describe('the retry budget of a cluster', () => {
  it('is the mesh’s where nothing is said', () => {
    const usual = { budgetPercent: { value: 20 }, minRetryConcurrency: 3 };
    expect(budgetOf('web', {})).toEqual(usual);
    expect(budgetOf('gateway', { edge: retries(50, 9), rule: retries(60, 8) })).toEqual(usual);
  });

  it('is that of the edge, or of the rules that lead there', () => {
    expect(budgetOf('web', { edge: retries(10, 1) })).toEqual({ budgetPercent: { value: 10 }, minRetryConcurrency: 1 });
    expect(budgetOf('web', { rule: retries(5, 1) })).toEqual({ budgetPercent: { value: 5 }, minRetryConcurrency: 1 });
    expect(budgetOf('gateway', { ofGateway: retries(40, 5) })).toEqual({
      budgetPercent: { value: 40 },
      minRetryConcurrency: 5,
    });
  });

  it('is as much as any of them says', () => {
    expect(budgetOf('web', { edge: retries(10, 9), rule: retries(30, 2) })).toEqual({
      budgetPercent: { value: 30 },
      minRetryConcurrency: 9,
    });
  });
});
