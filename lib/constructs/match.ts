import type {
  GrpcMatch as GrpcMatchModel,
  HttpMatch,
  HttpMethod,
  PathMatch as PathMatchModel,
  RequestMatch,
  ValueMatch,
} from '../model';

/** Part of a request that is looked at. Several at once: {@link allOf}; a list of them: one must match. */
export interface HttpMatcher {
  readonly path?: PathMatchModel;
  readonly method?: HttpMethod;
  readonly headers?: readonly ValueMatch[];
  readonly query?: readonly ValueMatch[];
}

/** Part of a gRPC call that is looked at. */
export interface GrpcMatcher {
  readonly service?: string;
  readonly method?: string;
  readonly headers?: readonly ValueMatch[];
}

/** By path. Exact beats prefix, a longer prefix beats a shorter one, a regex comes last. */
export const PathMatch = {
  exact: (path: string) => ({ path: { kind: 'exact', path } }) as const,
  /** By whole segments: `/foo` matches `/foo/bar`, not `/foobar`. */
  prefix: (path: string) => ({ path: { kind: 'prefix', path } }) as const,
  /** RE2 over the whole path. */
  regex: (pattern: string) => ({ path: { kind: 'regex', pattern } }) as const,
};

/** By a header, whose name is compared without regard to case; for gRPC by a metadata key. */
export const HeaderMatch = {
  exact: (name: string, value: string) => ({ headers: [{ kind: 'exact', name: name.toLowerCase(), value }] }) as const,
  /** RE2 over the whole value. */
  regex: (name: string, pattern: string) =>
    ({ headers: [{ kind: 'regex', name: name.toLowerCase(), pattern }] }) as const,
  prefix: (name: string, prefix: string) =>
    ({ headers: [{ kind: 'regex', name: name.toLowerCase(), pattern: `${escapeRegex(prefix)}.*` }] }) as const,
  present: (name: string) => ({ headers: [{ kind: 'regex', name: name.toLowerCase(), pattern: '.*' }] }) as const,
};

/** By a query parameter. */
export const QueryMatch = {
  exact: (name: string, value: string) => ({ query: [{ kind: 'exact', name, value }] }) as const,
  /** RE2 over the whole value. */
  regex: (name: string, pattern: string) => ({ query: [{ kind: 'regex', name, pattern }] }) as const,
  present: (name: string) => ({ query: [{ kind: 'regex', name, pattern: '.*' }] }) as const,
};

/** By method. */
export const MethodMatch = {
  is: (method: HttpMethod) => ({ method }) as const,
  get: { method: 'GET' } as const,
  post: { method: 'POST' } as const,
  put: { method: 'PUT' } as const,
  delete: { method: 'DELETE' } as const,
};

/** By gRPC service and method. */
export const GrpcMatch = {
  /** Every method of a service: `shop.ratings.v1.Ratings`. */
  service: (service: string) => ({ service }) as const,
  method: (service: string, method: string) => ({ service, method }) as const,
};

/** All of the parts must match. What two parts say of one thing, the later one says. */
export function allOf(...parts: readonly HttpMatcher[]): HttpMatcher;
export function allOf(...parts: readonly GrpcMatcher[]): GrpcMatcher;
export function allOf(...parts: readonly object[]): HttpMatcher | GrpcMatcher {
  const merged: { headers?: ValueMatch[]; query?: ValueMatch[] } = {};
  for (const part of parts as readonly HttpMatcher[]) {
    const headers = [...(merged.headers ?? []), ...(part.headers ?? [])];
    const query = [...(merged.query ?? []), ...(part.query ?? [])];
    Object.assign(merged, part, headers.length > 0 ? { headers } : {}, query.length > 0 ? { query } : {});
  }
  return merged;
}

export function toHttpMatch(matcher: HttpMatcher): HttpMatch {
  return {
    ...(matcher.path ? { path: matcher.path } : {}),
    ...(matcher.method ? { method: matcher.method } : {}),
    headers: matcher.headers ?? [],
    query: matcher.query ?? [],
  };
}

export function toGrpcMatch(matcher: GrpcMatcher): GrpcMatchModel {
  return {
    ...(matcher.service ? { service: matcher.service } : {}),
    ...(matcher.method ? { method: matcher.method } : {}),
    headers: matcher.headers ?? [],
  };
}

/** A matcher of either kind: one that names a gRPC service is of gRPC. */
export function toRequestMatch(matcher: HttpMatcher | GrpcMatcher): RequestMatch {
  return 'service' in matcher
    ? { kind: 'grpc', ...toGrpcMatch(matcher) }
    : { kind: 'http', ...toHttpMatch(matcher as HttpMatcher) };
}

function escapeRegex(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
