import type { Duration } from './duration';
import type { Retries } from './edge';
import { type GrpcMatch, type HttpMatch, matchesAnyPath, matchesEverything } from './match';
import type { Identity, Ref } from './ref';

/** Where requests to a service, or through a gateway, go: one Gateway API route object. */
export type Route = HttpRoute | GrpcRoute | TlsRoute | TcpRoute;

interface RouteBase {
  readonly namespace: string;
  readonly name: string;
  readonly parents: readonly RouteParent[];
}

/** What a route is attached to: a Service and port for calls inside the mesh, a Gateway and listener for ingress. */
export type RouteParent =
  | ({ readonly kind: 'service'; readonly port: number } & Ref)
  | ({ readonly kind: 'gateway'; readonly listener?: string } & Ref);

export interface HttpRoute extends RouteBase {
  readonly kind: 'http';
  /** Absent hosts: the parent's. */
  readonly hostnames: readonly string[];
  readonly rules: readonly HttpRule[];
}

export interface GrpcRoute extends RouteBase {
  readonly kind: 'grpc';
  readonly hostnames: readonly string[];
  readonly rules: readonly GrpcRule[];
}

/** By server name, without opening TLS. */
export interface TlsRoute extends RouteBase {
  readonly kind: 'tls';
  readonly hostnames: readonly string[];
  readonly backends: readonly Backend[];
}

export interface TcpRoute extends RouteBase {
  readonly kind: 'tcp';
  readonly backends: readonly Backend[];
}

export interface HttpRule extends RuleActions {
  /** One of them must match. Empty: every request. */
  readonly matches: readonly HttpMatch[];
  readonly action: HttpAction;
}

export interface GrpcRule extends RuleActions {
  readonly matches: readonly GrpcMatch[];
  readonly action: ForwardAction;
}

export type HttpAction = ForwardAction | RedirectAction | RespondAction;

export interface ForwardAction {
  readonly kind: 'forward';
  /** Weights are percentages and sum to 100. Empty: the service the route belongs to. */
  readonly backends: readonly Backend[];
}

export interface RedirectAction {
  readonly kind: 'redirect';
  readonly scheme?: 'http' | 'https';
  readonly host?: string;
  readonly port?: number;
  readonly path?: { readonly kind: 'full' | 'prefix'; readonly value: string };
  readonly status: 301 | 302 | 303 | 307 | 308;
}

/** Answered by the proxy itself. */
export interface RespondAction {
  readonly kind: 'respond';
  readonly status: number;
  readonly body?: string;
}

/** What a rule does beside sending the request somewhere. */
export interface RuleActions {
  /** Only requests of these callers. Absent: of any. */
  readonly from?: readonly Identity[];
  readonly rewrite?: Rewrite;
  readonly requestHeaders?: HeaderChanges;
  readonly responseHeaders?: HeaderChanges;
  readonly mirrors?: readonly Mirror[];
  readonly cors?: Cors;
  /** Whole request. Absent: the edge's. Zero: no limit. */
  readonly timeout?: Duration;
  /** Absent: the edge's. */
  readonly retries?: Retries;
  readonly sessionAffinity?: SessionAffinity;
  readonly fault?: Fault;
  readonly rateLimit?: RateLimit;
}

export interface Backend {
  readonly service: Ref;
  /** A version of the service. Absent: all of them. */
  readonly version?: string;
  /** Port of the service. */
  readonly port: number;
  /** Share of the requests in percent. */
  readonly weight: number;
  readonly requestHeaders?: HeaderChanges;
  readonly responseHeaders?: HeaderChanges;
}

export interface Rewrite {
  readonly path?:
    | { readonly kind: 'full'; readonly value: string }
    /** Replaces what the rule's prefix matched. */
    | { readonly kind: 'prefix'; readonly value: string }
    /** RE2; the substitution refers to groups as `\1`. */
    | { readonly kind: 'regex'; readonly pattern: string; readonly substitution: string };
  readonly host?: string;
}

export interface HeaderChanges {
  readonly set: readonly HeaderValue[];
  readonly add: readonly HeaderValue[];
  readonly remove: readonly string[];
}

export interface HeaderValue {
  readonly name: string;
  readonly value: string;
}

/** A copy of the request is sent here too; its answer is thrown away. */
export interface Mirror {
  readonly service: Ref;
  readonly version?: string;
  readonly port: number;
  /** Share of the requests that is copied, in percent: 0 to 100. */
  readonly percent: number;
}

export interface Cors {
  /** `https://shop.example`, `https://*.shop.example` or `*`. */
  readonly allowOrigins: readonly string[];
  readonly allowMethods: readonly string[];
  readonly allowHeaders: readonly string[];
  readonly exposeHeaders: readonly string[];
  readonly allowCredentials: boolean;
  readonly maxAge: Duration;
}

/** Requests of one session go to one instance, for as long as it lives, whatever else is added or removed. */
export type SessionAffinity =
  | { readonly kind: 'cookie'; readonly name: string /** Absent: a session cookie. */; readonly ttl?: Duration }
  | { readonly kind: 'header'; readonly name: string };

/** Delays and failures on purpose, before the request reaches the application. */
export interface Fault {
  readonly delay?: { readonly duration: Duration; readonly percent: number };
  readonly abort?: { readonly status: FaultStatus; readonly percent: number };
}

export type FaultStatus =
  | { readonly kind: 'http'; readonly status: number }
  | { readonly kind: 'grpc'; readonly status: number };

export interface RateLimit {
  /** Counted by each instance for itself. */
  readonly local?: LocalRateLimit;
  /** Counted by a rate limit service for all instances together. */
  readonly global?: GlobalRateLimit;
}

export interface LocalRateLimit {
  readonly requests: number;
  readonly per: Duration;
  /** Requests that may come at once beyond the rate. Absent: none. */
  readonly burst?: number;
}

/** Envoy's rate limit service (`envoy.service.ratelimit.v3`). */
export interface GlobalRateLimit {
  readonly service: Ref;
  readonly port: number;
  readonly domain: string;
  readonly descriptors: readonly RateLimitDescriptor[];
  /** What happens when the service cannot be asked: `allow` lets the request pass. */
  readonly onFailure: 'allow' | 'deny';
}

export type RateLimitDescriptor =
  | { readonly kind: 'value'; readonly key: string; readonly value: string }
  | { readonly kind: 'header'; readonly key: string; readonly header: string }
  | { readonly kind: 'sourceAddress' }
  | { readonly kind: 'sourceIdentity' };

/**
 * The prefix `/` is any path, and a single match of everything is none: Kubernetes' API server writes the one where the other
 * was left out. Where a rule replaces the prefix that was matched, it keeps saying which.
 */
export function canonicalRoute(route: Route): Route {
  return route.kind === 'http' ? { ...route, rules: route.rules.map(canonicalRule) } : route;
}

function canonicalRule(rule: HttpRule): HttpRule {
  const { matches, rewrite, action } = rule;
  const [only] = matches;
  if (matches.length === 1 && only && matchesEverything(only)) return { ...rule, matches: [] };
  const replacesPrefix =
    rewrite?.path?.kind === 'prefix' || (action.kind === 'redirect' && action.path?.kind === 'prefix');
  if (replacesPrefix || !matches.some((match) => match.path && matchesAnyPath(match))) return rule;
  return {
    ...rule,
    matches: matches.map((match) => {
      const { path: _, ...rest } = match;
      return matchesAnyPath(match) ? rest : match;
    }),
  };
}
