import type { Cors, HttpMatch } from '../../model';
import { any, extension } from '../any';
import { seconds } from '../seconds';
import type { HttpFilter, Messages, Route } from '../types';
import { literal, methodMatcher, type RouteMatch } from './match';

const name = 'envoy.filters.http.cors';

/** The filter does nothing but where a route says so. */
export const corsFilter: HttpFilter = extension(name, 'envoy.extensions.filters.http.cors.v3.Cors', {});

export function corsOfRoute(cors: Cors): NonNullable<Route['typedPerFilterConfig']> {
  return { [name]: any('envoy.extensions.filters.http.cors.v3.CorsPolicy', corsPolicy(cors)) };
}

function corsPolicy(cors: Cors): Messages['envoy.extensions.filters.http.cors.v3.CorsPolicy'] {
  const list = (key: string, values: readonly string[]) => (values.length > 0 ? { [key]: values.join(', ') } : {});
  return {
    allowOriginStringMatch: cors.allowOrigins.map(originMatch),
    ...list('allowMethods', cors.allowMethods),
    ...list('allowHeaders', cors.allowHeaders),
    ...list('exposeHeaders', cors.exposeHeaders),
    maxAge: seconds(Math.floor(cors.maxAge / 1_000) * 1_000).replace('s', ''),
    ...(cors.allowCredentials && { allowCredentials: true }),
    // A question of a browser from elsewhere is answered here too: the application must not be the one that says yes.
    forwardNotMatchingPreflights: false,
  };
}

/** An origin; a `*` in it stands for one label or more of a host. */
function originMatch(
  origin: string,
): NonNullable<Messages['envoy.extensions.filters.http.cors.v3.CorsPolicy']['allowOriginStringMatch']>[number] {
  if (origin === '*') return { safeRegex: { regex: '.*' } };
  if (!origin.includes('*')) return { exact: origin };
  return { safeRegex: { regex: origin.split('*').map(literal).join('[^/]+') } };
}

/**
 * The preflight of what a match is for: a browser asks by OPTIONS and without the headers of the request that it is about, so a match
 * by method or header would not see it. Absent where the match sees it anyway.
 * https://fetch.spec.whatwg.org/#cors-preflight-request
 */
export function preflightMatch(match: HttpMatch, own: RouteMatch): RouteMatch | undefined {
  if (match.method === undefined && match.headers.length === 0) return undefined;
  return {
    ...own,
    headers: [
      methodMatcher('OPTIONS'),
      { name: 'origin', presentMatch: true },
      match.method === undefined
        ? { name: 'access-control-request-method', presentMatch: true }
        : { name: 'access-control-request-method', stringMatch: { exact: match.method } },
    ],
  };
}
