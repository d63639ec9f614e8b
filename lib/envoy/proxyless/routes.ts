import { noSuchBackend } from '../route';
import { literal } from '../route/match';
import type { Route } from '../types';

type RouteMatch = NonNullable<Route['match']>;
type RouteAction = NonNullable<Route['route']>;

/**
 * As much of a route as gRPC's clients carry out: where a call goes, for how long, what is tried again and what its instance is
 * chosen by. Changes of headers and of paths, copies, and waiting times of single tries they do not know; faults and limits
 * of a rule are enforced by the callee's proxy, which finds the rule by itself. Absent: no call of gRPC meets the route.
 *
 * Some clients refuse all routes for one that answers by itself, and all wait a quarter of a minute for a cluster that is not
 * there. What leads nowhere leads to the cluster `nobody`, which has no instances: the call fails with UNAVAILABLE, at once.
 *
 * https://github.com/grpc/proposal/blob/master/A28-xds-traffic-splitting-and-routing.md
 */
export function grpcRoute({ name, match, route }: Route, nobody: string): Route | undefined {
  const met = match && grpcMatch(match);
  if (!met) return undefined;
  return {
    ...(name !== undefined && { name }),
    match: met,
    route: route ? grpcAction(route, (name) => (name === noSuchBackend ? nobody : name)) : { cluster: nobody },
  };
}

/** Names of clusters that a route leads to. */
export function clustersOfRoute({ route }: Route): readonly string[] {
  const { cluster, weightedClusters } = route ?? {};
  return [...(cluster ? [cluster] : []), ...(weightedClusters?.clusters ?? []).map(({ name = '' }) => name)];
}

/**
 * A call of gRPC is a POST, has no query and no cookies; by which name it was made, its client does not compare. Some clients take a
 * condition that they do not know for fulfilled, so what cannot hold is left out here.
 */
function grpcMatch({
  headers = [],
  queryParameters = [],
  cookies = [],
  grpc: _,
  pathSeparatedPrefix,
  ...path
}: RouteMatch): RouteMatch | undefined {
  const own = headers.filter(({ name = '' }) => !name.startsWith(':'));
  const holds = headers.every((header) => own.includes(header) || isPost(header));
  if (!holds || queryParameters.length > 0 || cookies.length > 0) return undefined;
  return {
    ...path,
    ...(pathSeparatedPrefix !== undefined && { safeRegex: { regex: `${literal(pathSeparatedPrefix)}(?:/.*)?` } }),
    ...(own.length > 0 && { headers: own }),
  };
}

function isPost({ name, stringMatch }: NonNullable<RouteMatch['headers']>[number]): boolean {
  return name === ':method' && stringMatch?.exact === 'POST';
}

function grpcAction(
  { cluster, weightedClusters, timeout, retryPolicy, hashPolicy = [] }: RouteAction,
  found: (cluster: string) => string,
): RouteAction {
  const hashed = hashPolicy.filter(({ header }) => header);
  return {
    ...(cluster !== undefined && { cluster: found(cluster) }),
    ...(weightedClusters && {
      weightedClusters: {
        clusters: (weightedClusters.clusters ?? []).map(({ name = '', weight = 0 }) => ({ name: found(name), weight })),
      },
    }),
    // The deadline of a call, where it has none or a later one.
    // https://github.com/grpc/proposal/blob/master/A31-xds-timeout-support-and-config-selector.md
    ...(timeout !== undefined && { maxStreamDuration: { grpcTimeoutHeaderMax: timeout } }),
    ...grpcRetries(retryPolicy),
    ...(hashed.length > 0 && { hashPolicy: hashed }),
  };
}

/** https://github.com/grpc/proposal/blob/master/A44-xds-retry.md */
function grpcRetries(policy: RouteAction['retryPolicy']): Pick<RouteAction, 'retryPolicy'> {
  const { retryOn = '', numRetries, retryBackOff } = policy ?? {};
  const statuses = retryOn.split(',').filter((condition) => retriedStatuses.has(condition));
  if (statuses.length === 0) return {};
  return {
    retryPolicy: {
      retryOn: statuses.join(','),
      ...(numRetries !== undefined && { numRetries }),
      ...(retryBackOff && { retryBackOff }),
    },
  };
}

/** All that clients know. A call that has not left the client they try again whatever is declared. */
const retriedStatuses: ReadonlySet<string> = new Set([
  'cancelled',
  'deadline-exceeded',
  'internal',
  'resource-exhausted',
  'unavailable',
]);
