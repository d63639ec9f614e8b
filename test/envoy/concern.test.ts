import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concern, MeshProxy } from '../../lib/envoy';
import { canonical, type Model, withImpliedAccess } from '../../lib/model';
import { arbitraryModel } from '../support/arbitraries/model';
import { proxiesOf } from '../support/envoy/proxies';
import {
  backend,
  edge,
  gateway,
  gatewayRoute,
  httpRoute,
  httpRule,
  model,
  ref,
  service,
} from '../support/model-builder';

const web = service('web');
const reviews = service('reviews');
const ratings = service('ratings');
const limiter = service('limiter');
const sidecar = (of: { readonly namespace: string; readonly name: string }): MeshProxy => ({
  kind: 'sidecar',
  member: { kind: 'service', ...ref(of) },
});
const names = (parts: readonly { readonly name: string }[]) => parts.map(({ name }) => name);

describe('what concerns a proxy', () => {
  const ratingsToo = httpRoute(reviews, [
    httpRule({ action: { kind: 'forward', backends: [backend(ratings)] }, fault: { abort: aborts() } }),
  ]);
  const mesh = model({
    services: [web, reviews, ratings, limiter],
    edges: [edge(web, reviews), edge(limiter, ratings)],
    routes: [ratingsToo],
  });

  it('of a caller: its edges, what they lead to, and none of the rights of others', () => {
    const part = concern(mesh, sidecar(web));
    expect(names(part.services)).toEqual(['ratings', 'reviews', 'web']);
    expect(part.edges).toEqual([mesh.edges[0]]);
    expect(part.routes).toEqual([ratingsToo]);
    expect(part.accessPolicies).toEqual([]);
  });

  it('of one that is called: its callers as rights, edges of which it does not know, and the faults that lead to it', () => {
    const part = concern(mesh, sidecar(ratings));
    expect(names(part.services)).toEqual(['ratings']);
    expect(part.edges).toEqual([]);
    expect(names(part.accessPolicies)).toEqual(['ratings-callers']);
    expect(part.accessPolicies[0]?.rules.map(({ from }) => from)).toEqual([
      [{ kind: 'identity', namespace: 'shop', serviceAccount: 'limiter' }],
      [{ kind: 'identity', namespace: 'shop', serviceAccount: 'web' }],
    ]);
    expect(part.routes).toEqual([ratingsToo]);
    expect(withImpliedAccess(part)).toBe(part);
  });

  it('of one that counts requests for others: who asks it, those included that a route leads to and that enforce its limits', () => {
    const global = { service: ref(limiter), port: 80, domain: 'd', descriptors: [], onFailure: 'allow' } as const;
    const limited = httpRoute(reviews, [
      httpRule({ action: { kind: 'forward', backends: [backend(ratings)] }, rateLimit: { global } }),
    ]);
    const whole = model({ ...mesh, edges: [edge(web, reviews)], routes: [limited] });
    const [policy] = concern(whole, sidecar(limiter)).accessPolicies;
    const callers = policy?.rules.flatMap(({ from }) =>
      from.map((one) => ('serviceAccount' in one ? one.serviceAccount : '')),
    );
    expect(callers).toEqual(['ratings', 'reviews', 'web']);
    expect(names(concern(whole, sidecar(ratings)).services)).toEqual(['limiter', 'ratings']);
  });

  it('of a gateway: its routes and where they lead', () => {
    const front = gateway('front');
    const other = gateway('other');
    const whole = model({
      ...mesh,
      gateways: [front, other],
      routes: [gatewayRoute(front, web), gatewayRoute(other, ratings)],
    });
    const part = concern(whole, { kind: 'gateway', ...ref(front) });
    expect(part.gateways).toEqual([front]);
    expect(names(part.routes)).toEqual(['front-web']);
    expect(names(part.services)).toEqual(['web']);
    expect(part.edges).toEqual([]);
  });

  it('keeps the objects of the model, so that they are known again', () => {
    const part = concern(mesh, sidecar(web));
    expect(part.services[2]).toBe(web);
    expect(part.edges[0]).toBe(mesh.edges[0]);
  });

  it('of one whose service is not there: the mesh alone', () => {
    const part = concern(mesh, sidecar({ namespace: 'shop', name: 'gone' }));
    expect(part).toEqual(model({ mesh: mesh.mesh }));
  });
});

describe('whatever the mesh is', () => {
  it('what concerns a proxy of the part that concerns it is that part', () => {
    fc.assert(
      fc.property(arbitraryModel(), (mesh) => {
        for (const proxy of proxiesOf(mesh)) {
          const part = concern(mesh, proxy);
          expect(concern(part, proxy), MeshProxy.key(proxy)).toEqual(part);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('what is elsewhere changes nothing, and the order of declarations neither', () => {
    fc.assert(
      fc.property(arbitraryModel(), arbitraryModel(), (mesh, other) => {
        const both = withAll(mesh, elsewhere(other));
        for (const proxy of proxiesOf(mesh)) {
          const part = concern(mesh, proxy);
          expect(concern(canonical(both), proxy), MeshProxy.key(proxy)).toEqual(part);
          expect(concern(reversed(both), proxy), MeshProxy.key(proxy)).toEqual(part);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('takes time for the part alone: ten thousand services, each with a proxy', () => {
    const services = Array.from({ length: 10_000 }, (_, index) => service(`s${index}`));
    const whole = model({
      services,
      edges: services.flatMap((from, index) =>
        [1, 2, 3, 4, 5].flatMap((step) => edge(from, services[(index + step) % services.length] ?? from)),
      ),
    });
    const began = performance.now();
    const parts = services.map((one) => concern(whole, sidecar(one)).services.length);
    // Looking at all of the mesh for each would take minutes.
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(new Set(parts)).toEqual(new Set([6]));
  });
});

function aborts() {
  return { status: { kind: 'http', status: 503 }, percent: 10 } as const;
}

/** The same mesh in namespaces that no other has. */
function elsewhere(mesh: Model): Model {
  return JSON.parse(
    JSON.stringify(mesh, (key, value) => (key === 'namespace' && typeof value === 'string' ? `other-${value}` : value)),
  ) as Model;
}

function withAll(mesh: Model, other: Model): Model {
  const lists = Object.entries(other).filter(([key]) => key !== 'mesh') as [Exclude<keyof Model, 'mesh'>, object[]][];
  const both = lists.map(([key, list]) => [key, [...mesh[key], ...list]]);
  return { ...mesh, ...Object.fromEntries(both) };
}

function reversed(mesh: Model): Model {
  const lists = Object.entries(mesh).map(([key, list]) => [key, Array.isArray(list) ? [...list].reverse() : list]);
  return Object.fromEntries(lists) as Model;
}
