import type {
  Cors,
  Fault,
  FaultStatus,
  GlobalRateLimit,
  Identity,
  LocalRateLimit,
  Model,
  RateLimit,
  RateLimitDescriptor,
  RespondAction,
  Retries,
  Rewrite,
  SessionAffinity,
} from '../../../model';
import { names, Ref } from '../../../model';
import type { Manifest } from '../../manifest';
import { object, refOf } from '../object';
import type { Observed } from '../observed';
import { identity, serviceReference } from '../parts/reference';
import { attempts, budget, conditionsName, retryConditionList, retryFields, statusList } from '../parts/resilience';
import {
  choice,
  duration,
  fields,
  flag,
  integer,
  list,
  listed,
  nothing,
  oneOf,
  optional,
  percent,
  port,
  required,
  type Shape,
  single,
  text,
  token,
  variant,
} from '../shape';

/** What Gateway API's routes cannot say of a rule; it refers here by an ExtensionRef. */
export interface RouteFilter {
  readonly from?: readonly Identity[];
  readonly rewrite?: FilterRewrite;
  readonly cors?: Cors;
  readonly timeout?: number;
  readonly retries?: FilterRetries;
  readonly sessionAffinity?: SessionAffinity;
  readonly fault?: Fault;
  readonly rateLimit?: RateLimit;
  readonly respond?: Omit<RespondAction, 'kind'>;
  readonly forwardToParent?: boolean;
}

/** A path as a whole or its prefix is replaced by the route itself. */
export interface FilterRewrite {
  readonly regex?: Omit<Extract<NonNullable<Rewrite['path']>, { readonly kind: 'regex' }>, 'kind'>;
  readonly host?: string;
}

/** What a route says itself is not said here. */
export interface FilterRetries extends Omit<Partial<Retries>, 'backoff'> {
  readonly backoff?: { readonly base?: number; readonly max?: number };
}

const unsigned = 4_294_967_295;

const rewrite: Shape<FilterRewrite> = fields<FilterRewrite>({
  regex: optional(
    fields<NonNullable<FilterRewrite['regex']>>({
      pattern: required(text({ maxLength: 1_024 }), 'RE2, looked for in the path without its query.'),
      substitution: required(
        text({ minLength: 0, maxLength: 1_024 }),
        'What is put in place of each match; \\1 is its first group.',
      ),
    }),
    'What a regular expression matches in the path is replaced. Absent: nothing.',
  ),
  host: optional(
    text({ maxLength: 259 }),
    'Host of the request, with a port where it must have one. Absent: it stays.',
  ),
});

const word = text({ maxLength: 256 });

const cors: Shape<Cors> = fields<Cors>({
  allowOrigins: required(
    list(text({ maxLength: 253 }), { maxItems: 64 }),
    'Origins whose pages may use the answers: https://shop.example, https://*.shop.example or *.',
  ),
  allowMethods: listed(list(word, { maxItems: 64 }), 'Methods they may use. Absent: those that need no leave.'),
  allowHeaders: listed(list(word, { maxItems: 64 }), 'Headers they may send. Absent: those that need no leave.'),
  exposeHeaders: listed(
    list(word, { maxItems: 64 }),
    'Headers of the answer that they may see. Absent: those that need no leave.',
  ),
  allowCredentials: required(flag, 'Whether they may send cookies and the like.'),
  maxAge: required(duration, 'How long a browser keeps the leave.'),
});

const retries: Shape<FilterRetries> = fields<FilterRetries>({
  attempts: optional(attempts, retryFields.attempts),
  on: optional(retryConditionList, retryFields.on, conditionsName),
  statuses: optional(statusList, retryFields.statuses),
  perTryTimeout: optional(duration, retryFields.perTryTimeout),
  backoff: optional(
    fields<NonNullable<FilterRetries['backoff']>>(
      {
        base: optional(duration, "Longest first pause. Absent: the route's."),
        max: optional(duration, 'Longest pause of all. Absent: ten times the base.'),
      },
      {
        rule: '!has(self.base) || !has(self.max) || duration(self.base) <= duration(self.max)',
        message: 'max must not be shorter than base',
      },
    ),
    retryFields.backoff,
  ),
  budget: optional(budget, retryFields.budget),
});

const sessionAffinity: Shape<SessionAffinity> = oneOf<SessionAffinity>({
  cookie: variant(
    fields<Omit<Extract<SessionAffinity, { readonly kind: 'cookie' }>, 'kind'>>({
      name: required(token, 'Its name.'),
      ttl: optional(duration, 'How long a browser keeps it. Absent: until it is closed.'),
    }),
    'A cookie that the proxy sets.',
  ),
  header: variant(single('name', token), 'A header that the proxy sets in the response, and the caller sends back.'),
});

const faultStatus = oneOf<FaultStatus>({
  http: variant(single('status', integer({ minimum: 200, maximum: 599 })), 'Status of HTTP.'),
  grpc: variant(single('status', integer({ minimum: 1, maximum: 16 })), 'Status of gRPC.'),
});

const fault: Shape<Fault> = fields<Fault>({
  delay: optional(
    fields<NonNullable<Fault['delay']>>({
      duration: required(duration, 'How long the request is held back.'),
      percent: required(percent, 'Share of the requests, in percent.'),
    }),
    'Absent: none.',
  ),
  abort: optional(
    fields<NonNullable<Fault['abort']>>({
      status: required(faultStatus, 'What the caller gets.'),
      percent: required(percent, 'Share of the requests, in percent.'),
    }),
    'Absent: none.',
  ),
});

const localRateLimit: Shape<LocalRateLimit> = fields<LocalRateLimit>({
  requests: required(integer({ minimum: 1, maximum: unsigned }), 'How many are let through.'),
  per: required(duration, 'In which time.'),
  burst: optional(
    integer({ minimum: 0, maximum: unsigned }),
    'Requests that may come at once beyond the rate. Absent: none.',
  ),
});

const descriptor: Shape<RateLimitDescriptor> = oneOf<RateLimitDescriptor>({
  value: variant(
    fields<Omit<Extract<RateLimitDescriptor, { readonly kind: 'value' }>, 'kind'>>({
      key: required(word, 'Its key.'),
      value: required(text({ maxLength: 1_024 }), 'Its value.'),
    }),
    'A fixed value.',
  ),
  header: variant(
    fields<Omit<Extract<RateLimitDescriptor, { readonly kind: 'header' }>, 'kind'>>({
      key: required(word, 'Its key.'),
      header: required(token, 'Name of the header.'),
    }),
    'Value of a header.',
  ),
  sourceAddress: variant(nothing, 'Address of the caller.'),
  sourceIdentity: variant(nothing, 'SPIFFE ID of the caller.'),
});

const globalRateLimit: Shape<GlobalRateLimit> = fields<GlobalRateLimit>({
  service: required(serviceReference, 'Rate limit service: envoy.service.ratelimit.v3.'),
  port: required(port, 'Its port.'),
  domain: required(text({ maxLength: 256 }), 'Domain of its configuration.'),
  descriptors: required(list(descriptor, { minItems: 1, maxItems: 16 }), 'What is counted, together.'),
  onFailure: required(
    choice<GlobalRateLimit['onFailure']>({ allow: 'Allow', deny: 'Deny' }),
    'What happens when the service cannot be asked.',
  ),
});

const rateLimit: Shape<RateLimit> = fields<RateLimit>({
  local: optional(localRateLimit, 'Counted by each instance for itself. Absent: not limited.'),
  global: optional(globalRateLimit, 'Counted by a rate limit service for all instances together. Absent: not limited.'),
});

export const routeFilterSpec: Shape<RouteFilter> = fields<RouteFilter>(
  {
    from: optional(
      list(identity, { maxItems: 256 }),
      'The rule is only for requests of these callers. Absent: of any.',
    ),
    rewrite: optional(rewrite, "Changes of path and host that the route's own URLRewrite cannot say."),
    cors: optional(
      cors,
      "Which web pages of other origins may use the answers, where the route's own CORS cannot say it.",
    ),
    timeout: optional(
      duration,
      "Time for a whole request, for a GRPCRoute, which has none of its own. Absent: the edge's. 0s: no limit.",
    ),
    retries: optional(retries, "What is tried again, beside what the route's own retry says. Absent: the edge's."),
    sessionAffinity: optional(
      sessionAffinity,
      'Keeps the requests of a session on one instance, for as long as it lives. Absent: they are spread one by one.',
    ),
    fault: optional(fault, 'Delays and failures on purpose, before the request reaches the application. Absent: none.'),
    rateLimit: optional(rateLimit, 'How many requests are let through. Absent: all.'),
    respond: optional(
      fields<Omit<RespondAction, 'kind'>>({
        status: required(integer({ minimum: 200, maximum: 599 }), 'Status of the answer.'),
        body: optional(text({ minLength: 0, maxLength: 4_096 }), 'Its body. Absent: none.'),
      }),
      'Answered by the proxy itself.',
    ),
    forwardToParent: optional(
      flag,
      'True: requests go to the very Service and port they were sent to, for a route of several. It needs no backendRefs.',
    ),
  },
  {
    rule: '!(has(self.respond) && has(self.forwardToParent) && self.forwardToParent)',
    message: 'respond and forwardToParent exclude each other: a request is answered here or sent on',
  },
);

export function routeFilterObject(model: Model, at: Ref, filter: RouteFilter): Manifest {
  return object(model, [names.apiVersion, 'RouteFilter'], at, { spec: routeFilterSpec.encode(filter, at) });
}

/** Every RouteFilter that can be read, by its {@link Ref.key}. */
export function decodeRouteFilters(observed: Observed): ReadonlyMap<string, RouteFilter> {
  return new Map(
    observed.readAll(observed.own('RouteFilter'), (manifest, reader): [string, RouteFilter] => [
      Ref.key(refOf(manifest)),
      routeFilterSpec.decode(manifest.spec, reader.at('spec')),
    ]),
  );
}
