import {
  type GrpcMatch,
  type HttpMatch,
  Identity,
  type Locator,
  locate,
  type Model,
  Ref,
  type Route,
  type RouteParent,
  type ValueMatch,
} from '../../model';
import { ruleLabel } from '../parts';
import type { Finding, Rule } from '../rule';

/** Of two equal matches one is never reached, and which one would depend on the order of objects. */
export const duplicateMatch: Rule = {
  code: 'MESH0424',
  level: 'error',
  summary: 'no two rules of one parent match the same requests',
  check: (context) => {
    const owners = new Map<string, { readonly at: Locator; readonly text: string }>();
    const gateways = gatewayListeners(context.model);
    return context.model.routes.flatMap((route) => {
      const at = locate('Route', route);
      return matchesOf(route).flatMap(({ label, match, matched }): readonly Finding[] => {
        const text = `${label}${matched}`;
        const parents = route.parents.flatMap((parent) => attachments(parent, gateways));
        const other = parents.map((parent) => owners.get(`${parent} ${match}`)).find((owner) => owner !== undefined);
        for (const parent of parents) {
          const key = `${parent} ${match}`;
          if (!owners.has(key)) owners.set(key, { at, text: `route ${route.name}` });
        }
        if (!other) return [];
        const whose = other.at === at ? 'an earlier rule of this route' : other.text;
        return [
          {
            at,
            message: `${text} is matched by ${whose} already, so this rule is never reached`,
            fix: 'join the two, or match something more in one of them',
          },
        ];
      });
    });
  },
};

interface Matched {
  readonly label: string;
  /** Equal for what matches the same requests. */
  readonly match: string;
  /** In words. */
  readonly matched: string;
}

function matchesOf(route: Route): readonly Matched[] {
  if (route.kind === 'tcp') return [{ label: '', match: 'connection', matched: 'every connection' }];
  const hosts = route.hostnames.length === 0 ? ['*'] : route.hostnames;
  if (route.kind === 'tls') {
    return hosts.map((host) => ({ label: '', match: `connection ${host}`, matched: `a connection to ${host}` }));
  }
  return route.rules.flatMap((rule, index) => {
    const matches: readonly (HttpMatch | GrpcMatch)[] =
      rule.matches.length > 0 ? rule.matches : [{ headers: [], query: [] }];
    const callers: readonly string[] = rule.from?.map(Identity.key) ?? ['anyone'];
    const keys = new Set(matches.map((match) => JSON.stringify(normal(match))));
    return hosts.flatMap((host) =>
      callers.flatMap((caller) =>
        [...keys].map((key) => ({
          label: ruleLabel(route.rules, index),
          match: `${route.kind} ${host} ${caller} ${key}`,
          matched: `${inWords(JSON.parse(key))}${host === '*' ? '' : ` to ${host}`}${caller === 'anyone' ? '' : ` from ${caller}`}`,
        })),
      ),
    );
  });
}

/** One form for what matches the same: no path is every path, and the order and case of headers say nothing. */
function normal(match: HttpMatch | GrpcMatch): NormalMatch {
  const values = (list: readonly ValueMatch[], fold: (name: string) => string) =>
    list
      .map((value) => `${fold(value.name)}${value.kind === 'exact' ? `=${value.value}` : `~${value.pattern}`}`)
      .sort();
  const headers = values(match.headers, (name) => name.toLowerCase());
  if (!('query' in match)) return { service: match.service ?? '', method: match.method ?? '', headers };
  const path = match.path ?? { kind: 'prefix', path: '/' };
  return {
    path:
      path.kind === 'regex'
        ? `~${path.pattern}`
        : path.kind === 'exact'
          ? `=${path.path}`
          : `${path.path.replace(/\/+$/, '')}/*`,
    method: match.method ?? '',
    headers,
    query: values(match.query, (name) => name),
  };
}

interface NormalMatch {
  readonly path?: string;
  readonly service?: string;
  readonly method: string;
  readonly headers: readonly string[];
  readonly query?: readonly string[];
}

function inWords({ path, service, method, headers, query = [] }: NormalMatch): string {
  const parts = [
    path === undefined || path === '/*' ? '' : `path ${path.replace(/^=/, '')}`,
    service ? `service ${service}` : '',
    method ? `method ${method}` : '',
    ...headers.map((header) => `header ${header}`),
    ...query.map((parameter) => `query ${parameter}`),
  ].filter((part) => part !== '');
  return parts.length === 0 ? 'every request' : `a request with ${parts.join(' and ')}`;
}

/** A route that names no listener is attached to all of them. */
function attachments(parent: RouteParent, gateways: ReadonlyMap<string, readonly string[]>): readonly string[] {
  if (parent.kind === 'service') return [`${Ref.key(parent)} ${parent.port}`];
  const listeners = parent.listener === undefined ? (gateways.get(Ref.key(parent)) ?? []) : [parent.listener];
  return listeners.map((listener) => `gateway ${Ref.key(parent)} ${listener}`);
}

function gatewayListeners(model: Model): ReadonlyMap<string, readonly string[]> {
  return new Map(model.gateways.map((gateway) => [Ref.key(gateway), gateway.listeners.map(({ name }) => name)]));
}
