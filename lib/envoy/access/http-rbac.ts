import { type AccessRule, Identity, order, type RequestMatch } from '../../model';
import { any, extension } from '../any';
import type { Context } from '../context';
import type { envoy } from '../generated/types';
import type { HttpFilter, Route } from '../types';
import { any as anyOf, claimsPart, type Permission, permission, permissionsOf } from './permission';
import { concerns, type Principal, principalsOf, withoutIdentity } from './principal';
import type { Access } from './rules';

export type RbacFilter = envoy.extensions.filters.http.rbac.v3.RBAC;
type Policy = envoy.config.rbac.v3.Policy;
type Rules = NonNullable<RbacFilter['rules']>;
type PerFilterConfig = NonNullable<Route['typedPerFilterConfig']>;

/** How policies are called where Envoy says which of them has decided: in the details of a response. */
export const policyNames = {
  /** A deny rule, followed by its number. */
  deny: 'deny-',
  /** An edge that is for certain requests only, and this is none of them. */
  only: 'only-',
} as const;

const filterNames = {
  deny: 'envoy.filters.http.rbac.deny',
  allow: 'envoy.filters.http.rbac',
  /** Only counts. */
  count: 'envoy.filters.http.rbac.count',
} as const;

export interface HttpAccess {
  readonly filters: readonly HttpFilter[];
  /** Rules belong to routes, which come by themselves: a change of them touches no connection. */
  readonly config: PerFilterConfig;
}

export interface HttpAccessOptions {
  readonly access: Access;
  /** Keys of verified tokens ({@link ./jwt}). */
  readonly payloads: readonly string[];
  /** Callers in plain text are let in, but for what a deny refuses. */
  readonly permissive: boolean;
  /** Rules that enforce nothing, and mark requests for what comes behind. */
  readonly marks?: RbacFilter | undefined;
}

/** What nobody has allowed is refused, and a deny beats every allow: so it is asked first. */
export function httpAccess(context: Context, { access, payloads, permissive, marks }: HttpAccessOptions): HttpAccess {
  const policy = (rule: AccessRule) => policyOf(context, rule, payloads);
  const deny = named(access.deny.map(policy), policyNames.deny);
  const only = onlyPolicies(context, access);
  const shadowDeny = named(access.shadow.deny.map(policy), policyNames.deny);
  const allow = {
    ...named(access.allow.map(policy), 'allow-'),
    ...(permissive && { 'plain-text': { permissions: [{ any: true }], principals: [withoutIdentity] } }),
  };
  const shadowAllow = named(access.shadow.allow.map(policy), 'allow-');

  const refusing = denies({ ...deny, ...only }, shadowDeny);
  const counts = Object.keys(shadowAllow).length > 0;
  return {
    // The first two always: rules that come later hold at once for connections that are open already.
    filters: [filterNames.deny, filterNames.allow, ...(counts ? [filterNames.count] : [])].map(rbacFilter),
    config: {
      ...(refusing && { [filterNames.deny]: perRoute(refusing) }),
      [filterNames.allow]: perRoute({ rules: { action: 'ALLOW', policies: allow }, ...marks }),
      // Beside the others and not among them: what such a rule does not allow it does not refuse.
      ...(counts && {
        [filterNames.count]: perRoute({
          shadowRules: { action: 'ALLOW', policies: shadowAllow },
          shadowRulesStatPrefix: 'allow.',
        }),
      }),
    },
  };
}

function denies(policies: Rules['policies'] = {}, shadow: Rules['policies'] = {}): RbacFilter | undefined {
  const enforced = Object.keys(policies).length > 0;
  const counted = Object.keys(shadow).length > 0;
  if (!enforced && !counted) return undefined;
  return {
    ...(enforced && { rules: { action: 'DENY', policies } }),
    ...(counted && { shadowRules: { action: 'DENY', policies: shadow } }),
  };
}

/** A filter that does nothing but what the configuration of a route says. */
function rbacFilter(name: string): HttpFilter {
  return extension(name, 'envoy.extensions.filters.http.rbac.v3.RBAC', {});
}

function perRoute(rbac: RbacFilter) {
  return any('envoy.extensions.filters.http.rbac.v3.RBACPerRoute', { rbac });
}

/** Absent where nobody is meant: pods of a namespace that has none. */
function policyOf(context: Context, rule: AccessRule, payloads: readonly string[]): Policy | undefined {
  const principals = principalsOf(context, rule);
  if (principals.length === 0) return undefined;
  return { permissions: permissionsOf(rule.requests, claimsPart(rule.claims, payloads)), principals };
}

/** In their order, with numbers of equal length, because Envoy looks at them by their names. */
function named(policies: readonly (Policy | undefined)[], prefix: string): { readonly [name: string]: Policy } {
  const width = String(policies.length).length;
  return Object.fromEntries(
    merged(policies.flatMap((policy) => policy ?? [])).map((policy, index) => [
      `${prefix}${String(index).padStart(width, '0')}`,
      policy,
    ]),
  );
}

/** Callers of the same requests in one policy: most edges allow everything. */
function merged(policies: readonly Policy[]): readonly Policy[] {
  const groups = new Map<string, { readonly permissions: readonly Permission[]; readonly principals: Principal[] }>();
  for (const { permissions = [], principals = [] } of policies) {
    const key = JSON.stringify(permissions);
    const group = groups.get(key) ?? { permissions, principals: [] };
    for (const principal of principals) {
      if (!group.principals.some((known) => JSON.stringify(known) === JSON.stringify(principal))) {
        group.principals.push(principal);
      }
    }
    groups.set(key, group);
  }
  return [...groups.values()];
}

/**
 * Callers that may make certain requests and make another: nothing would allow it either, but so the answer can say that there is an
 * edge, and what it is for. Where something else may decide (a token, an address) nothing is said.
 */
function onlyPolicies(context: Context, access: Access): { readonly [name: string]: Policy } {
  const callers = new Map(
    access.allow
      .filter((rule) => rule.requests.length > 0)
      .flatMap(({ from }) => from)
      .flatMap((source) => (source.kind === 'identity' ? [[Identity.key(source), source] as const] : [])),
  );
  const limited = [...callers]
    .sort(([a], [b]) => order(a, b))
    .flatMap(([, { namespace, serviceAccount }]) => {
      const identity = { namespace, serviceAccount };
      const rules = access.allow.filter((rule) => concerns(rule, identity));
      const clear = rules.every(
        (rule) =>
          rule.requests.length > 0 &&
          rule.claims.length === 0 &&
          rule.from.every(({ kind }) => kind === 'identity' || kind === 'namespace'),
      );
      return clear ? [{ identity, requests: rules.flatMap((rule) => rule.requests) }] : [];
    });
  return named(
    limited.map(({ identity, requests }) => ({
      permissions: [{ notRule: anyOf(uniqueRequests(requests).map(permission)) }],
      principals: principalsOf(context, { action: 'deny', from: [{ kind: 'identity', ...identity }] }),
    })),
    policyNames.only,
  );
}

function uniqueRequests(requests: readonly RequestMatch[]): readonly RequestMatch[] {
  return [...new Map(requests.map((request) => [JSON.stringify(request), request])).values()];
}
