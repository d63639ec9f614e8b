import { type GrpcMatch, type HttpMatch, matchesAnyPath, type PathMatch, type ValueMatch } from '../../model';
import type { Route } from '../types';

export type RouteMatch = NonNullable<Route['match']>;
export type HeaderMatcher = NonNullable<RouteMatch['headers']>[number];

/** One match of a rule in Envoy's form. https://www.envoyproxy.io/docs/envoy/v1.40.0/api-v3/config/route/v3/route_components.proto */
export function routeMatch(match: HttpMatch | GrpcMatch): RouteMatch {
  return isGrpcMatch(match) ? grpcMatch(match) : httpMatch(match);
}

export function isGrpcMatch(match: HttpMatch | GrpcMatch): match is GrpcMatch {
  return !('query' in match);
}

function httpMatch(match: HttpMatch): RouteMatch {
  const headers = [...(match.method === undefined ? [] : [methodMatcher(match.method)]), ...match.headers.map(header)];
  return {
    ...pathMatch(matchesAnyPath(match) ? undefined : match.path),
    ...(headers.length > 0 && { headers }),
    ...(match.query.length > 0 && {
      queryParameters: match.query.map((one) => ({ name: one.name, stringMatch: stringMatch(one) })),
    }),
  };
}

/** The path of a gRPC call is `/<service>/<method>`. https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md */
function grpcMatch({ service, method, headers }: GrpcMatch): RouteMatch {
  return {
    ...pathMatch(grpcPath({ service, method })),
    grpc: {},
    ...(headers.length > 0 && { headers: headers.map(header) }),
  };
}

export function grpcPath({ service, method }: Omit<GrpcMatch, 'headers'>): PathMatch | undefined {
  if (service !== undefined) {
    return method === undefined
      ? { kind: 'prefix', path: `/${service}` }
      : { kind: 'exact', path: `/${service}/${method}` };
  }
  return method === undefined ? undefined : { kind: 'regex', pattern: `/[^/]+/${literal(method)}` };
}

/** Envoy matches a path without its query. Whole segments are a kind of their own, which `/` and a slash at the end are no part of. */
function pathMatch(path: PathMatch | undefined): RouteMatch {
  switch (path?.kind) {
    case undefined:
      return { prefix: '/' };
    case 'exact':
      return { path: path.path };
    case 'prefix': {
      const segments = withoutSlash(path.path);
      return segments === '' ? { prefix: '/' } : { pathSeparatedPrefix: segments };
    }
    case 'regex':
      return { safeRegex: { regex: path.pattern } };
  }
}

export function withoutSlash(path: string): string {
  return path.replace(/\/+$/, '');
}

export function methodMatcher(method: string): HeaderMatcher {
  return { name: ':method', stringMatch: { exact: method } };
}

function header(match: ValueMatch): HeaderMatcher {
  const name = match.name.toLowerCase();
  return { name: name === 'host' ? ':authority' : name, stringMatch: stringMatch(match) };
}

function stringMatch(match: ValueMatch): NonNullable<HeaderMatcher['stringMatch']> {
  return match.kind === 'exact' ? { exact: match.value } : { safeRegex: { regex: match.pattern } };
}

/**
 * What holds where both matches do. Envoy has one place for a path: what the other says of it is asked of the header `:path`, which
 * carries the query too.
 */
export function both(match: RouteMatch, other: HttpMatch): RouteMatch {
  const { headers = [], queryParameters = [], ...path } = httpMatch(other);
  const asked = matchesAnyPath(other) || other.path === undefined ? [] : [pathHeader(other.path)];
  const isAny = match.prefix === '/';
  const { prefix, ...rest } = match;
  const allHeaders = [...(match.headers ?? []), ...headers, ...(isAny ? [] : asked)];
  const allParameters = [...(match.queryParameters ?? []), ...queryParameters];
  return {
    ...rest,
    ...(isAny ? path : { ...(prefix !== undefined && { prefix }) }),
    ...(allHeaders.length > 0 && { headers: allHeaders }),
    ...(allParameters.length > 0 && { queryParameters: allParameters }),
  };
}

function pathHeader(path: PathMatch): HeaderMatcher {
  const regex =
    path.kind === 'regex'
      ? `(?:${path.pattern})`
      : `${literal(withoutSlash(path.path))}${path.kind === 'prefix' ? '(?:/[^?]*)?' : path.path.endsWith('/') ? '/' : ''}`;
  return { name: ':path', stringMatch: { safeRegex: { regex: `${regex}(?:\\?.*)?` } } };
}

/** A text as a regular expression (RE2) that matches it alone. */
export function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
