import { Duration, type HttpAction, Late, type Rewrite, type RouteParent, type RuleActions } from '../../../model';
import { duration, type Json, type Reader, shown } from '../shape';
import { backendsJson, backendsOf, type Endpoint, ownBackend } from './backends';
import type { RouteContext } from './context';
import { corsJson } from './cors';
import { extensionJson, filtersOf, mirrorJson, type RuleFilters, redirectJson, rewriteJson } from './filters';
import { headerFiltersJson } from './header-filters';
import { joinRetries, splitRetries } from './retries';
import type { FilterRewrite, RouteFilter } from './route-filter';

/** A rule of either kind of route that sees requests, without its matches. */
export interface Rule extends RuleActions {
  readonly action: HttpAction;
}

/** A rule in Gateway API's words, and what they lack. */
export interface EncodedRule {
  readonly filters: readonly Json[];
  readonly fields: { readonly [field: string]: Json };
  readonly extension: RouteFilter;
}

/** The fields of a rule, for a kind of route. */
export function encodeRule(
  rule: Rule,
  kind: 'http' | 'grpc',
  parents: readonly RouteParent[],
  namespace: string,
): EncodedRule {
  const { action, rewrite, cors, retries, timeout, from, sessionAffinity, fault, rateLimit } = rule;
  const http = kind === 'http';
  const own = ownBackend(parents);
  const standardRewrite = http && rewrite ? rewriteSaid(rewrite) : undefined;
  const standardCors = http && cors ? corsJson(cors) : undefined;
  const split = http && retries ? splitRetries(retries) : { filter: retries };
  const unsaidRewrite = rewrite && rewriteUnsaid(rewrite, standardRewrite);
  const timeouts = {
    ...(http && timeout !== undefined ? { request: Duration.format(timeout) } : {}),
    ...(split.backendRequest === undefined ? {} : { backendRequest: split.backendRequest }),
  };
  const backends = action.kind === 'forward' ? backendsJson(action.backends, own, namespace) : [];
  return {
    filters: [
      ...headerFiltersJson(rule),
      ...(standardRewrite ? [rewriteJson(standardRewrite)] : []),
      ...(action.kind === 'redirect' ? [redirectJson(action)] : []),
      ...(standardCors ? [{ type: 'CORS', cors: standardCors }] : []),
      ...(rule.mirrors ?? []).map((mirror) => mirrorJson(mirror, namespace)),
    ],
    fields: {
      ...(backends.length > 0 ? { backendRefs: backends } : {}),
      ...(Object.keys(timeouts).length > 0 ? { timeouts } : {}),
      ...(split.retry === undefined ? {} : { retry: split.retry }),
    },
    extension: {
      ...(from === undefined ? {} : { from }),
      ...(unsaidRewrite ? { rewrite: unsaidRewrite } : {}),
      ...(cors && !standardCors ? { cors } : {}),
      ...(!http && timeout !== undefined ? { timeout } : {}),
      ...(split.filter === undefined ? {} : { retries: split.filter }),
      ...(sessionAffinity === undefined ? {} : { sessionAffinity }),
      ...(fault === undefined ? {} : { fault }),
      ...(rateLimit === undefined ? {} : { rateLimit }),
      ...(action.kind === 'respond' ? { respond: answerOf(action) } : {}),
      ...(action.kind === 'forward' && action.backends.length === 0 && !own ? { forwardToParent: true } : {}),
    },
  };
}

/** The filters of a rule, with that which holds the rest. */
export function filtersJson({ filters, extension }: EncodedRule, name: string): readonly Json[] {
  return Object.keys(extension).length > 0 ? [...filters, extensionJson(name)] : filters;
}

function answerOf({ status, body }: { readonly status: number; readonly body?: string }): RouteFilter['respond'] {
  return { status, ...(body === undefined ? {} : { body }) };
}

/** What of a rewrite an HTTPRoute can say: no regular expression, and no port in a host. */
function rewriteSaid({ path, host }: Rewrite): Rewrite | undefined {
  const said = {
    ...(path === undefined || path.kind === 'regex' ? {} : { path }),
    ...(host === undefined || !isHostname(host) ? {} : { host }),
  };
  return Object.keys(said).length > 0 || (path === undefined && host === undefined) ? said : undefined;
}

/** The rest; a gRPC call has no path to rewrite. */
function rewriteUnsaid({ path, host }: Rewrite, said: Rewrite | undefined): FilterRewrite | undefined {
  const rest = {
    ...(path?.kind === 'regex' ? { regex: { pattern: path.pattern, substitution: path.substitution } } : {}),
    ...(host === undefined || said?.host !== undefined ? {} : { host }),
  };
  return said && Object.keys(rest).length === 0 ? undefined : rest;
}

function rewriteOf(said: Rewrite | undefined, rest: FilterRewrite | undefined): Rewrite | undefined {
  if (!said && !rest) return undefined;
  const path = rest?.regex ? ({ kind: 'regex', ...rest.regex } as const) : said?.path;
  const host = rest?.host ?? said?.host;
  return { ...(path ? { path } : {}), ...(host === undefined ? {} : { host }) };
}

function isHostname(host: string): boolean {
  return Late.is(host) || /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(host);
}

/** Reads the fields of a rule but its matches; those of another kind of route have been refused before. */
export function decodeRule(
  rule: { readonly [field: string]: Json },
  reader: Reader,
  routeKind: 'HTTPRoute' | 'GRPCRoute',
  parents: readonly RouteParent[],
  context: RouteContext,
): Rule {
  const [filters, timeout, sessionAffinity] = reader.all<unknown>([
    () => filtersOf(rule.filters, reader.at('filters'), routeKind, context),
    () => timeoutOf(rule.timeouts, reader.at('timeouts')),
    () => sessionOf(rule.sessionPersistence, reader.at('sessionPersistence')),
  ]) as [RuleFilters, number | undefined, RuleActions['sessionAffinity']];
  const { extension, mirrors, requestHeaders, responseHeaders } = filters;
  const [action, retries] = reader.all<unknown>([
    () => actionOf(rule, filters, reader, routeKind, ownBackend(parents), context),
    () => joinRetries(rule, extension.retries, context.mesh.defaults.retries, reader),
  ]) as [HttpAction, RuleActions['retries']];
  const actions: Rule = {
    action,
    from: extension.from,
    rewrite: rewriteOf(filters.rewrite, extension.rewrite),
    requestHeaders,
    responseHeaders,
    mirrors: mirrors.length > 0 ? mirrors : undefined,
    cors: filters.cors ?? extension.cors,
    timeout: timeout ?? extension.timeout,
    retries,
    sessionAffinity: sessionAffinity ?? extension.sessionAffinity,
    fault: extension.fault,
    rateLimit: extension.rateLimit,
  };
  return Object.fromEntries(Object.entries(actions).filter(([, value]) => value !== undefined)) as unknown as Rule;
}

function actionOf(
  rule: { readonly [field: string]: Json },
  { redirect, extension }: RuleFilters,
  reader: Reader,
  routeKind: string,
  own: Endpoint | undefined,
  context: RouteContext,
): HttpAction {
  const references = reader.at('backendRefs').items(rule.backendRefs);
  const ways = [
    redirect && 'a RequestRedirect',
    extension.respond && '`respond` in its RouteFilter',
    extension.forwardToParent && '`forwardToParent` in its RouteFilter',
    references.length > 0 && 'backendRefs',
  ].filter(Boolean);
  if (ways.length > 1) return reader.fail(`must say one thing of where requests go, got ${ways.join(' and ')}`);
  if (redirect) return redirect;
  if (extension.respond) return { kind: 'respond', ...extension.respond };
  if (extension.forwardToParent) return { kind: 'forward', backends: [] };
  if (references.length > 0) {
    return { kind: 'forward', backends: backendsOf(references, own, reader.at('backendRefs'), routeKind, context) };
  }
  if (routeKind === 'GRPCRoute') return reader.at('backendRefs').fail('are missing: requests go nowhere');
  // "If there are also no filters specified that would result in a response being sent, a HTTP 500 status code is returned."
  // https://gateway-api.sigs.k8s.io/reference/spec/#httprouterule
  return { kind: 'respond', status: 500 };
}

function timeoutOf(json: Json, reader: Reader): number | undefined {
  const given = reader.fields(json);
  reader.only(given, ['request', 'backendRequest']);
  return given.request === undefined ? undefined : duration.decode(given.request, reader.at('request'));
}

/** Only in the experimental channel. https://gateway-api.sigs.k8s.io/geps/gep-1619/ */
function sessionOf(json: Json, reader: Reader): RuleActions['sessionAffinity'] {
  if (json === undefined) return undefined;
  const given = reader.fields(json);
  const { type = 'Cookie', absoluteTimeout } = given;
  if (type === 'Header') {
    reader.only(given, ['type', 'header']);
    const header = reader.at('header');
    return { kind: 'header', name: header.at('name').text(header.fields(given.header).name) };
  }
  if (type !== 'Cookie') return reader.at('type').fail(`must be Cookie or Header, got ${shown(type)}`);
  reader.only(given, ['type', 'cookie', 'absoluteTimeout']);
  const at = reader.at('cookie');
  const cookie = at.fields(given.cookie);
  const { lifetimeType = 'Session', path = '/' } = cookie;
  if (path !== '/') at.at('path').fail(`must be "/", got ${shown(path)}`);
  const name = at.at('name').text(cookie.name);
  if (lifetimeType === 'Permanent') {
    return { kind: 'cookie', name, ttl: duration.decode(absoluteTimeout, reader.at('absoluteTimeout')) };
  }
  if (absoluteTimeout !== undefined) {
    reader
      .at('absoluteTimeout')
      .fail('is not supported for a cookie that ends with the browser; let its lifetimeType be Permanent');
  }
  return { kind: 'cookie', name };
}
