/** How the path of a request is matched. Exact beats prefix, a longer prefix beats a shorter one, a regex comes last. */
export type PathMatch =
  | { readonly kind: 'exact'; readonly path: string }
  /** By whole segments: `/foo` matches `/foo` and `/foo/bar`, not `/foobar`. */
  | { readonly kind: 'prefix'; readonly path: string }
  /** RE2 over the whole path without its query. */
  | { readonly kind: 'regex'; readonly pattern: string };

/** A header (name without regard to case) or a query parameter, by its value. */
export type ValueMatch =
  | { readonly kind: 'exact'; readonly name: string; readonly value: string }
  /** RE2 over the whole value; `.*` matches whenever it is present. */
  | { readonly kind: 'regex'; readonly name: string; readonly pattern: string };

export type HttpMethod = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE' | 'CONNECT' | 'OPTIONS' | 'TRACE' | 'PATCH';

/** A request matches when every part that is given matches; a list of matches, when one of them does. */
export interface HttpMatch {
  /** Absent: any path. */
  readonly path?: PathMatch;
  /** Absent: any method. */
  readonly method?: HttpMethod;
  readonly headers: readonly ValueMatch[];
  readonly query: readonly ValueMatch[];
}

/** A gRPC call by service (`shop.ratings.v1.Ratings`), by method (`GetRating`) or both; headers are its metadata. */
export interface GrpcMatch {
  readonly service?: string;
  readonly method?: string;
  readonly headers: readonly ValueMatch[];
}

/** By its path; it may still look at something else. */
export function matchesAnyPath({ path }: HttpMatch): boolean {
  return path === undefined || (path.kind === 'prefix' && path.path === '/');
}

export function matchesEverything(match: HttpMatch): boolean {
  return matchesAnyPath(match) && match.method === undefined && match.headers.length === 0 && match.query.length === 0;
}
