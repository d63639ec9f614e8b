import {
  type Duration,
  type GrpcMatch,
  type GrpcRoute,
  type GrpcRule,
  type Hedging,
  type HttpMatch,
  type HttpRoute,
  type HttpRule,
  Identity,
  names,
  Port,
  Ref,
  type RespondAction,
  type Retries,
} from '../../model';
import type { ServiceTarget } from '../cluster/service';
import type { Context } from '../context';
import { isOfGrpc } from '../http/grpc-stats';
import type { HttpFilter, Route } from '../types';
import { corsFilter, corsOfRoute, preflightMatch } from './cors';
import { hashPolicies } from './hash-policies';
import { type Changes, type DeclaredChanges, headerChanges, setHeader } from './header-changes';
import { isGrpcMatch, type RouteMatch, routeMatch } from './match';
import { mirroring } from './mirrors';
import { matchedPrefix, redirection, rewriting } from './paths';
import { comparePrecedence, type Ranked } from './precedence';
import { reachOfPorts } from './reach';
import { patience } from './retries';
import { affinityOfRoute, sessionFilter } from './session-affinity';
import { destination, kept, type Reach, type Variant, variants } from './split';

/** Requests that arrive at one place: calls of a port of a service, or requests to a host of a gateway. */
export interface Requests {
  /** What is declared of them. */
  readonly routes: readonly (HttpRoute | GrpcRoute)[];
  /** Where they go when no rule says so. Absent: what no rule matches is answered with 404. */
  readonly to?: { readonly service: Ref; readonly port: number; readonly instance?: string };
  /** Who makes them: rules for certain callers hold only for these. Absent: callers without an identity. */
  readonly client?: Identity;
  /** What the edge says where a rule does not. */
  readonly timeout?: Duration;
  readonly retries?: Retries;
  readonly hedging?: Hedging;
  /** True for the services that this very proxy stands before. */
  readonly behind?: (service: Ref) => boolean;
  /** The host that they are all for, if there is but one. */
  readonly host?: string;
  /**
   * True where the proxy itself enforces faults and limits of rules, on the routes that are called by the ids of their rules. False: those
   * who are called do, and requests carry the name of their rule to them.
   */
  readonly enforcedHere?: boolean;
}

/** What routes are made of, and what they need beside them. */
export interface RequestRoutes {
  /** In the order in which they are tried. */
  readonly routes: readonly Route[];
  /** Whose clusters they lead to. */
  readonly targets: readonly ServiceTarget[];
  /** Filters without which parts of them would have no effect. */
  readonly filters: readonly HttpFilter[];
}

/** The routes of requests, by the precedence of Gateway API. */
export function requestRoutes(context: Context, requests: Requests): RequestRoutes {
  const rules = requests.routes.flatMap((route) => applicable(route, requests.client));
  const marked = !requests.enforcedHere && rules.some(({ rule }) => rule.fault || rule.rateLimit);
  const made = rules
    .flatMap((applied) => matchesOf(applied.rule).map((match) => ({ ...applied, match })))
    .sort((a, b) => comparePrecedence(ranked(a), ranked(b)))
    .flatMap((applied) => ruleRoutes(context, requests, applied, marked));
  const open = !made.some(({ route }) => matchesEverything(route.match));
  const all = requests.to && open ? [...made, ...restRoutes(context, requests, requests.to, marked)] : made;
  const routes = all.map(({ route }) => route);
  return {
    routes,
    targets: all.flatMap(({ targets }) => targets),
    filters: [corsFilter, sessionFilter].filter(({ name = '' }) =>
      routes.some(({ typedPerFilterConfig = {} }) => name in typedPerFilterConfig),
    ),
  };
}

/** A rule that holds for the caller, and where it stands. */
interface Applied {
  readonly route: HttpRoute | GrpcRoute;
  readonly rule: HttpRule | GrpcRule;
  readonly index: number;
  readonly id: string;
}

interface Made {
  readonly route: Route;
  readonly targets: readonly ServiceTarget[];
}

function applicable(route: HttpRoute | GrpcRoute, client: Identity | undefined): readonly Applied[] {
  const ids = names.ruleIds(route);
  return route.rules
    .map((rule: HttpRule | GrpcRule, index) => ({ route, rule, index, id: ids[index] ?? '' }))
    .filter(
      ({ rule }) => !rule.from || (client && rule.from.some((one) => Identity.key(one) === Identity.key(client))),
    );
}

function matchesOf(rule: HttpRule | GrpcRule): readonly (HttpMatch | GrpcMatch)[] {
  return rule.matches.length > 0 ? rule.matches : [{ headers: [], query: [] }];
}

function ranked({ route, rule, index, match }: Applied & { readonly match: HttpMatch | GrpcMatch }): Ranked {
  return { match, personal: rule.from !== undefined, route, rule: index };
}

function matchesEverything(match: RouteMatch | undefined): boolean {
  return match?.prefix === '/' && Object.keys(match).length === 1;
}

/** One match of a rule: several routes where more of a request decides where it goes. */
function ruleRoutes(
  context: Context,
  requests: Requests,
  { rule, id, match }: Applied & { readonly match: HttpMatch | GrpcMatch },
  marked: boolean,
): readonly Made[] {
  const own = routeMatch(match);
  const config = rule.cors ? corsOfRoute(rule.cors) : {};
  const routes = actions(context, requests, { rule, match, own }).map(({ targets, ...made }) => ({
    route: {
      name: id,
      ...made.route,
      ...withMark(made.changes, marked && made.route.route ? id : undefined),
      ...perFilterConfig({ ...config, ...made.config }),
    },
    targets,
  }));
  const preflight = rule.cors && !isGrpcMatch(match) ? preflightMatch(match, own) : undefined;
  return preflight
    ? [...routes, ...routes.slice(-1).map((last) => ({ ...last, route: { ...last.route, match: preflight } }))]
    : routes;
}

interface Action {
  readonly route: Route;
  readonly changes: Changes;
  readonly config?: NonNullable<Route['typedPerFilterConfig']>;
  readonly targets: readonly ServiceTarget[];
}

function actions(
  context: Context,
  requests: Requests,
  {
    rule,
    match,
    own,
  }: Pick<Applied, 'rule'> & {
    readonly match: HttpMatch | GrpcMatch;
    readonly own: RouteMatch;
  },
): readonly Action[] {
  const { action } = rule;
  const matched = isGrpcMatch(match) ? undefined : matchedPrefix(match);
  switch (action.kind) {
    case 'redirect': {
      const redirect = redirection(action, { matched, host: requests.host });
      return [{ route: { match: own, redirect }, changes: headerChanges(responseOnly(rule)), targets: [] }];
    }
    case 'respond':
      return [
        {
          route: { match: own, directResponse: directResponse(action) },
          changes: headerChanges(responseOnly(rule)),
          targets: [],
        },
      ];
    case 'forward': {
      const reach = reachOf(context, requests);
      const backends = action.backends.length > 0 || !requests.to ? action.backends : [{ ...requests.to, weight: 100 }];
      const divided = variants(context, own, backends, reach);
      const { sessionAffinity: session } = rule;
      return (session?.kind === 'cookie' ? divided.flatMap((variant) => kept(variant, session)) : divided).map(
        (variant) => forwarding(context, requests, { rule, variant, matched }, reach),
      );
    }
  }
}

function forwarding(
  context: Context,
  requests: Requests,
  given: {
    readonly rule: HttpRule | GrpcRule;
    readonly variant: Variant;
    readonly matched: string | undefined;
  },
  reach: Reach,
): Action {
  const { rule, variant, matched } = given;
  const { defaults } = context.model.mesh;
  const { action, changes } = destination(variant.shares, rule);
  const targets = variant.shares.flatMap(({ target }) => target ?? []);
  const grpc = targets.some((target) => isOfGrpc(context.model, target));
  const mirrors = [
    ...(rule.mirrors ?? []).flatMap((mirror) => {
      const target = reach.target(mirror);
      return target ? [{ target, percent: mirror.percent }] : [];
    }),
    ...variant.mirrors,
  ].filter(({ percent }) => percent > 0);
  if (targets.length === 0) return nowhere(variant.match, rule);
  const hedging = requests.hedging;
  return {
    route: {
      match: variant.match,
      route: {
        ...action,
        ...rewriting(rule.rewrite, matched),
        ...patience({
          timeout: rule.timeout ?? requests.timeout ?? (grpc ? 0 : defaults.timeout),
          retries: rule.retries ?? requests.retries ?? defaults.retries,
          ...(hedging && { hedging }),
          grpc,
        }),
        ...mirroring(mirrors),
        ...hashPolicies(context.model, targets),
      },
    },
    changes: headerChanges(changes),
    ...(rule.sessionAffinity && { config: affinityOfRoute(rule.sessionAffinity) }),
    targets: [...targets, ...mirrors.map(({ target }) => target)],
  };
}

/** Gateway API: "the implementation must return 500". https://gateway-api.sigs.k8s.io/reference/spec/#httprouterule */
function nowhere(match: RouteMatch, rule: HttpRule | GrpcRule): Action {
  const body = { inlineString: 'the rule of this request leads to no service that is there\n' };
  return {
    route: { match, directResponse: { status: 500, body } },
    changes: headerChanges(responseOnly(rule)),
    targets: [],
  };
}

/** What no rule is about goes to the service itself. */
function restRoutes(
  context: Context,
  requests: Requests,
  to: NonNullable<Requests['to']>,
  marked: boolean,
): readonly Made[] {
  const reach = reachOf(context, requests);
  const rule: HttpRule = { matches: [], action: { kind: 'forward', backends: [] } };
  return variants(context, { prefix: '/' }, [{ ...to, weight: 100 }], reach).map((variant) => {
    const given = { rule, variant, matched: undefined };
    const { route, changes, targets } = forwarding(context, requests, given, reach);
    return {
      route: { name: Ref.key(to.service), ...route, ...withMark(changes, marked && route.route ? noRule : undefined) },
      targets,
    };
  });
}

/** Tells a callee that rules have been looked at and none of them holds. */
const noRule = 'none';

function withMark(changes: Changes, id: string | undefined): Changes {
  if (id === undefined) return changes;
  return {
    ...changes,
    requestHeadersToAdd: [...(changes.requestHeadersToAdd ?? []), setHeader(names.headers.rule, id)],
  };
}

function perFilterConfig(config: NonNullable<Route['typedPerFilterConfig']>): Route {
  return Object.keys(config).length > 0 ? { typedPerFilterConfig: config } : {};
}

/** An answer of the proxy itself goes nowhere. */
function responseOnly({ responseHeaders }: HttpRule | GrpcRule): DeclaredChanges {
  return responseHeaders ? { responseHeaders } : {};
}

function directResponse({ status, body }: RespondAction): NonNullable<Route['directResponse']> {
  return { status, ...(body !== undefined && body !== '' && { body: { inlineString: body } }) };
}

/** Requests go to ports that speak HTTP; those for one instance to that instance, whatever version it is of. */
function reachOf(context: Context, { behind, to }: Requests): Reach {
  const reach = reachOfPorts(context, ({ protocol }) => Port.isHttp(protocol), behind);
  const instance = to?.instance;
  if (instance === undefined) return reach;
  return {
    divides: () => false,
    target: (backend) => {
      const target = reach.target(backend);
      return target && { ...target, instance };
    },
  };
}
