import type { DurationText, HttpMethod, Protocol, Value } from '../model';
import type { ValueMap } from './declaration';
import type { GrpcMatcher, HttpMatcher } from './match';
import type { RetryOptions } from './resilience';
import type { Service, Version } from './service';
import type { Workload } from './workload';

/** Where a route may lead: a version of the service it belongs to, or another service as a whole. */
export type Destination<Name extends string, P extends Protocol> = Version<Name> | Service<string, P>;

/** One of several destinations. */
export interface Split<Name extends string, P extends Protocol> {
  readonly to: Destination<Name, P>;
  /**
   * Share of the requests in percent; all of a route sum to 100.
   * @default - what the others leave
   */
  readonly weight?: number;
}

/** One of several destinations, with changes for those requests alone. */
export interface HttpSplit<Name extends string, P extends Protocol> extends Split<Name, P> {
  /** @default - none */
  readonly requestHeaders?: HeaderChangeOptions;
  /** @default - none */
  readonly responseHeaders?: HeaderChangeOptions;
}

interface AnyRouteOptions {
  /**
   * Name of the route's object, after the service's.
   * @default - made from what it matches
   */
  readonly name?: string;
  /**
   * Port of the service that the route is for, by number or name.
   * @default - the only port of a fitting protocol
   */
  readonly port?: number | string;
}

/** What routes of requests have in common. */
export interface RequestRouteOptions<Name extends string, P extends Protocol> extends AnyRouteOptions {
  /**
   * Callers whose requests the route is for.
   * @default - every caller
   */
  readonly from?: readonly (Service | Workload)[];
  /**
   * Where the requests go.
   * @default - to the service itself
   */
  readonly to?: Destination<Name, P> | readonly HttpSplit<Name, P>[];
  /** Changes of the request's headers. @default - none */
  readonly requestHeaders?: HeaderChangeOptions;
  /** Changes of the response's headers. @default - none */
  readonly responseHeaders?: HeaderChangeOptions;
  /** Where copies of the requests go; their answers are thrown away. @default - nowhere */
  readonly mirror?: MirrorOptions<Name, P> | readonly MirrorOptions<Name, P>[];
  /** Time for a whole request, retries included; `0s` for no limit. @default - the edge's */
  readonly timeout?: DurationText;
  /** What is tried again. @default - the edge's */
  readonly retries?: RetryOptions;
  /** Keeps the requests of a session on one instance. @default - requests are spread one by one */
  readonly sessionAffinity?: SessionAffinityOptions;
  /** Delays and failures on purpose. @default - none */
  readonly fault?: FaultOptions;
  /** How many requests are let through. @default - all */
  readonly rateLimit?: RateLimitOptions;
}

/** A route of HTTP requests. */
export interface HttpRouteOptions<Name extends string, P extends Protocol> extends RequestRouteOptions<Name, P> {
  /** What requests the route is for; of a list one must match. @default - every request */
  readonly match?: HttpMatcher | readonly HttpMatcher[];
  /** Changes of path and host. @default - none */
  readonly rewrite?: RewriteOptions;
  /** Sends the caller elsewhere instead of forwarding. @default - the request is forwarded */
  readonly redirect?: RedirectOptions;
  /** Answers at once instead of forwarding. @default - the request is forwarded */
  readonly respond?: RespondOptions;
  /** Which web pages of other origins may use the answers. @default - CORS is left to the application */
  readonly cors?: CorsOptions;
}

/** A route of gRPC calls. */
export interface GrpcRouteOptions<Name extends string> extends RequestRouteOptions<Name, 'grpc'> {
  /** What calls the route is for; of a list one must match. @default - every call */
  readonly match?: GrpcMatcher | readonly GrpcMatcher[];
}

/** A route of TLS connections, by the server name the client asks for. */
export interface TlsRouteOptions<Name extends string> extends AnyRouteOptions {
  /** Server names the route is for. @default - every name */
  readonly serverNames?: readonly string[];
  readonly to: Destination<Name, 'tls'> | readonly Split<Name, 'tls'>[];
}

/** A route of TCP connections. */
export interface TcpRouteOptions<Name extends string> extends AnyRouteOptions {
  readonly to: Destination<Name, 'tcp'> | readonly Split<Name, 'tcp'>[];
}

/** What a route may say, by the protocol of the port it is for. */
export type RouteProps<Name extends string, P extends Protocol> = P extends 'grpc'
  ? GrpcRouteOptions<Name>
  : P extends 'http' | 'http2'
    ? HttpRouteOptions<Name, P>
    : P extends 'tls'
      ? TlsRouteOptions<Name>
      : P extends 'tcp'
        ? TcpRouteOptions<Name>
        : never;

export interface HeaderChangeOptions {
  /** Replaces whatever stands under the name. @default - none */
  readonly set?: ValueMap;
  /** Adds a value beside those under the name. @default - none */
  readonly add?: ValueMap;
  /** @default - none */
  readonly remove?: readonly string[];
}

export interface RewriteOptions {
  /** The whole path, what the route's prefix matched, or a regex (RE2) and what to put in its place (`\1`). @default - unchanged */
  readonly path?:
    | { readonly full: string }
    | { readonly prefix: string }
    | { readonly regex: string; readonly with: string };
  /** @default - unchanged */
  readonly host?: Value<string>;
}

export interface RedirectOptions {
  /** @default - that of the request */
  readonly scheme?: 'http' | 'https';
  /** @default - that of the request */
  readonly host?: Value<string>;
  /** @default - that of the scheme */
  readonly port?: number;
  /** @default - that of the request */
  readonly path?: { readonly full: string } | { readonly prefix: string };
  /** @default 302 */
  readonly status?: 301 | 302 | 303 | 307 | 308;
}

export interface RespondOptions {
  readonly status: number;
  /** @default - none */
  readonly body?: Value<string>;
}

export interface MirrorOptions<Name extends string, P extends Protocol> {
  readonly to: Destination<Name, P>;
  /** Share of the requests that is copied. @default 100 */
  readonly percent?: number;
}

export interface CorsOptions {
  /** `https://shop.example`, `https://*.shop.example`, or `*`. */
  readonly allowOrigins: readonly string[];
  /** @default - GET, HEAD and POST */
  readonly allowMethods?: readonly HttpMethod[];
  /** @default - those that need no leave */
  readonly allowHeaders?: readonly string[];
  /** @default - those that need no leave */
  readonly exposeHeaders?: readonly string[];
  /** @default false */
  readonly allowCredentials?: boolean;
  /** How long a browser keeps the answer. @default 5s */
  readonly maxAge?: DurationText;
}

export type SessionAffinityOptions =
  | { readonly cookie: string /** @default - until the browser is closed */; readonly ttl?: DurationText }
  | { readonly header: string };

export interface FaultOptions {
  /** @default - none */
  readonly delay?: { readonly duration: DurationText /** @default 100 */; readonly percent?: number };
  /** @default - none */
  readonly abort?: ({ readonly status: number } | { readonly grpcStatus: number }) & {
    /** @default 100 */ readonly percent?: number;
  };
}

export interface RateLimitOptions {
  /** Counted by each instance for itself. @default - not limited */
  readonly local?: {
    readonly requests: number;
    readonly per: DurationText /** @default - none */;
    readonly burst?: number;
  };
  /** Counted for all instances together by a rate limit service. @default - not limited */
  readonly global?: GlobalRateLimitOptions;
}

export interface GlobalRateLimitOptions {
  /** Service that speaks Envoy's rate limit protocol over gRPC. */
  readonly service: Service<string, 'grpc'>;
  readonly domain: string;
  /** What is counted: a fixed value, a header, the caller's address or identity. */
  readonly descriptors: readonly RateLimitDescriptorOptions[];
  /** What happens when the service cannot be asked. @default allow */
  readonly onFailure?: 'allow' | 'deny';
}

export type RateLimitDescriptorOptions =
  | { readonly key: string; readonly value: string }
  | { readonly key: string; readonly header: string }
  | 'source-address'
  | 'source-identity';
