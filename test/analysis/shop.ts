import { Identity, type Model, Ref } from '../../lib/model';
import { edge, gateway, gatewayRoute, model, port, service, version, workload } from '../support/model-builder';

/**
 * A mesh without mistakes, in which there is one of everything that rules look at: HTTP, gRPC and TCP, versions, a caller
 * that is not called, a way in.
 *
 *     public (gateway) ─▶ web ─▶ reviews (v1, v2) ─▶ ratings (gRPC) ─▶ database (TCP)
 *                                   ▲
 *                          nightly (workload)
 */
export const web = service('web', { ports: [port('http', 3000)] });
export const reviews = service('reviews', { versions: [version('v1'), version('v2')] });
export const ratings = service('ratings', { ports: [port('grpc', 9000)] });
export const database = service('database', { ports: [port('tcp', 5432)] });
export const nightly = workload('nightly');
export const publicGateway = gateway('public');

export const webToReviews = edge(web, reviews);
export const reviewsToRatings = edge(reviews, ratings);
export const ratingsToDatabase = edge(ratings, database);

const base = model({
  services: [web, reviews, ratings, database],
  workloads: [nightly],
  edges: [webToReviews, reviewsToRatings, ratingsToDatabase, edge(nightly, reviews)],
  gateways: [publicGateway],
  routes: [gatewayRoute(publicGateway, web)],
});

/** The mesh with other parts in it; each takes the place of the one it has the name of. */
export function shop(parts: Partial<Model> = {}): Model {
  return {
    ...base,
    ...parts,
    services: merged(base.services, parts.services, Ref.key),
    workloads: merged(base.workloads, parts.workloads, Ref.key),
    edges: merged(base.edges, parts.edges, (one) => `${Identity.key(one.from)} ${Ref.key(one.to)} ${one.port}`),
    gateways: merged(base.gateways, parts.gateways, Ref.key),
    routes: merged(base.routes, parts.routes, (route) => `${route.kind} ${Ref.key(route)}`),
  };
}

/** The mesh with more parts in it, beside those of the same name. */
export function shopWith(parts: Partial<Model>): Model {
  const lists = Object.entries(parts).map(([list, more]) => [
    list,
    [...(base[list as keyof Model] as readonly unknown[]), ...(more as readonly unknown[])],
  ]);
  return { ...base, ...Object.fromEntries(lists) };
}

function merged<T>(list: readonly T[], more: readonly T[] | undefined, key: (item: T) => string): readonly T[] {
  const items = new Map(list.map((item) => [key(item), item]));
  for (const item of more ?? []) items.set(key(item), item);
  return [...items.values()];
}
