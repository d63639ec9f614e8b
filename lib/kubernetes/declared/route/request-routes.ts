import {
  type GrpcMatch,
  type GrpcRoute,
  type HttpMatch,
  type HttpRoute,
  type Lookup,
  type Model,
  names,
} from '../../../model';
import type { Manifest } from '../../manifest';
import { kinds, object, refOf } from '../object';
import type { Observed } from '../observed';
import { grpcMatch, httpMatch } from '../parts/match';
import { type Json, list, type Reader, type Shape } from '../shape';
import type { RouteContext } from './context';
import { parentsJson, parentsOf } from './parents';
import { routeFilterObject } from './route-filter';
import { decodeRule, encodeRule, filtersJson, type Rule } from './rule';

/** Routes of requests: each rule with its matches, what it does, and a RouteFilter for what Gateway API lacks. */
export function encodeRequestRoute(model: Model, route: HttpRoute | GrpcRoute, find: Lookup): readonly Manifest[] {
  const { namespace, name, kind } = route;
  const type = kind === 'http' ? kinds.httpRoute : kinds.grpcRoute;
  const filterName = filterNames({ kind: type[1], name });
  const filters: Manifest[] = [];
  const rules = route.rules.map((rule) => {
    const matches = matchesJson(route, rule);
    const encoded = encodeRule(rule, kind, route.parents, namespace);
    const extension = filterName([matches, rule.from ?? null]);
    if (Object.keys(encoded.extension).length > 0) {
      filters.push(routeFilterObject(model, { namespace, name: extension }, encoded.extension));
    }
    const all = filtersJson(encoded, extension);
    return {
      ...(matches.length > 0 ? { matches } : {}),
      ...(all.length > 0 ? { filters: all } : {}),
      ...encoded.fields,
    };
  });
  const spec = {
    parentRefs: parentsJson(route, find),
    ...(route.hostnames.length > 0 ? { hostnames: route.hostnames } : {}),
    rules,
  };
  return [object(model, type, { namespace, name }, { spec }), ...filters];
}

function matchesJson(
  place: HttpRoute | GrpcRoute,
  rule: { readonly matches: readonly (HttpMatch | GrpcMatch)[] },
): readonly Json[] {
  const shape = (place.kind === 'http' ? httpMatch : grpcMatch) as Shape<HttpMatch | GrpcMatch>;
  return rule.matches.map((match) => shape.encode(match, place));
}

/** Names for the RouteFilters of a route, by what makes a rule apply. */
function filterNames(route: { readonly kind: string; readonly name: string }): (applies: Json) => string {
  const alike = new Map<string, number>();
  return (applies) => {
    const key = JSON.stringify(applies);
    const number = alike.get(key) ?? 0;
    alike.set(key, number + 1);
    return names.routeFilter(route, key, number);
  };
}

export function decodeHttpRoutes(observed: Observed, context: RouteContext): readonly HttpRoute[] {
  return decodeRequestRoutes<HttpRoute, HttpMatch>(observed, context, {
    kind: 'http',
    object: 'HTTPRoute',
    match: httpMatch,
    // "If no matches are specified, the default is a prefix path match on "/""; the API server writes just that.
    rules: [{ matches: [] }],
    fields: ['name', 'matches', 'filters', 'backendRefs', 'timeouts', 'retry', 'sessionPersistence'],
  });
}

export function decodeGrpcRoutes(observed: Observed, context: RouteContext): readonly GrpcRoute[] {
  return decodeRequestRoutes<GrpcRoute, GrpcMatch>(observed, context, {
    kind: 'grpc',
    object: 'GRPCRoute',
    match: grpcMatch,
    rules: [],
    fields: ['name', 'matches', 'filters', 'backendRefs', 'sessionPersistence'],
  });
}

interface Reading<M> {
  readonly kind: 'http' | 'grpc';
  readonly object: 'HTTPRoute' | 'GRPCRoute';
  readonly match: Shape<M>;
  /** What stands for missing rules. */
  readonly rules: readonly Json[];
  /** What a rule may hold. */
  readonly fields: readonly string[];
}

function decodeRequestRoutes<R extends HttpRoute | GrpcRoute, M>(
  observed: Observed,
  context: RouteContext,
  reading: Reading<M>,
): readonly R[] {
  return observed.readAll(observed.gatewayApi(reading.object), (manifest, reader) => {
    const parents = parentsOf(manifest, reader, context);
    if (parents.length === 0) return undefined;
    const at = reader.at('spec');
    const spec = at.fields(manifest.spec);
    const [rules] = reader.all<unknown>([
      () =>
        reader.all(
          at
            .at('rules')
            .items(spec.rules ?? reading.rules)
            .map((rule, index) => () => ruleOf(rule, at.at('rules').at(index))),
        ),
      () => at.only(spec, ['parentRefs', 'hostnames', 'rules']),
    ]);
    return { kind: reading.kind, ...refOf(manifest), parents, hostnames: hostnamesOf(spec, at), rules } as unknown as R;

    function ruleOf(json: Json, place: Reader): object {
      const given = place.fields(json);
      const [matches, rule] = place.all<unknown>([
        () => list(reading.match, { maxItems: 64 }).decode(given.matches ?? [], place.at('matches')),
        () => decodeRule(given, place, reading.object, parents, context),
        () => place.only(given, reading.fields),
      ]) as [readonly M[], Rule, unknown];
      return { matches, ...rule };
    }
  });
}

export function hostnamesOf(spec: { readonly [field: string]: Json }, reader: Reader): readonly string[] {
  const at = reader.at('hostnames');
  return at.items(spec.hostnames).map((host, index) => at.at(index).text(host));
}
