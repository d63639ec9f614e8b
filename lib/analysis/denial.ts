import {
  type AccessPolicy,
  type AccessRule,
  Identity,
  type PathMatch,
  type Ref,
  type RequestMatch,
  type ValueMatch,
} from '../model';
import type { Context } from './rule';

/** What the deny rules of one service refuse outright. */
export interface Denial {
  /** The policy that denies every one of these requests to the caller; none where it leaves any through. */
  by(caller: Identity, port: number, only: readonly RequestMatch[]): AccessPolicy | undefined;
}

/** Reads the declared policies of a service once, however many callers are asked about. */
export function denialsOf({ find }: Context, service: Ref): Denial | undefined {
  const rules = find
    .accessPolicies(service)
    .filter((policy) => policy.origin === 'declared')
    .flatMap((policy) => policy.rules.filter(enforcedDeny).map((rule) => ({ policy, rule, covers: callersOf(rule) })));
  if (rules.length === 0) return undefined;
  return {
    by: (caller, port, only) =>
      rules.find(
        ({ rule, covers }) =>
          covers(caller) &&
          (rule.ports.length === 0 || rule.ports.includes(port)) &&
          coversRequests(rule.requests, only),
      )?.policy,
  };
}

/** A deny that asks for claims depends on the token, and so on each request. */
function enforcedDeny(rule: AccessRule): boolean {
  return rule.action === 'deny' && !rule.shadow && rule.claims.length === 0;
}

function callersOf(rule: AccessRule): (caller: Identity) => boolean {
  const identities = new Set(rule.from.flatMap((source) => (source.kind === 'identity' ? [Identity.key(source)] : [])));
  const namespaces = new Set(rule.from.flatMap((source) => (source.kind === 'namespace' ? [source.namespace] : [])));
  const anyone =
    rule.from.length === 0 || rule.from.some((one) => one.kind === 'address' && /^(0\.0\.0\.0|::)\/0$/.test(one.cidr));
  return (caller) => anyone || namespaces.has(caller.namespace) || identities.has(Identity.key(caller));
}

function coversRequests(denied: readonly RequestMatch[], only: readonly RequestMatch[]): boolean {
  if (denied.length === 0) return true;
  return only.length > 0 && only.every((one) => denied.some((match) => coversMatch(match, one)));
}

/** True where every request that the second matches is matched by the first too. Says no where it cannot tell. */
function coversMatch(wide: RequestMatch, narrow: RequestMatch): boolean {
  if (!coversValues(wide.headers, narrow.headers, (name) => name.toLowerCase())) return false;
  if (wide.kind === 'grpc' || narrow.kind === 'grpc') {
    if (wide.kind !== 'grpc' || narrow.kind !== 'grpc') return false;
    return (
      (wide.service === undefined || wide.service === narrow.service) &&
      (wide.method === undefined || wide.method === narrow.method)
    );
  }
  return (
    (wide.method === undefined || wide.method === narrow.method) &&
    (wide.path === undefined || coversPath(wide.path, narrow.path)) &&
    coversValues(wide.query, narrow.query, (name) => name)
  );
}

function coversPath(wide: PathMatch, narrow: PathMatch | undefined): boolean {
  if (wide.kind === 'prefix' && wide.path === '/') return true;
  if (narrow === undefined) return false;
  if (wide.kind === 'regex' || narrow.kind === 'regex') {
    return wide.kind === 'regex' && narrow.kind === 'regex' && wide.pattern === narrow.pattern;
  }
  if (wide.kind === 'exact') return narrow.kind === 'exact' && wide.path === narrow.path;
  const prefix = wide.path.replace(/\/$/, '');
  return narrow.path === prefix || narrow.path.startsWith(`${prefix}/`);
}

function coversValues(
  wide: readonly ValueMatch[],
  narrow: readonly ValueMatch[],
  fold: (name: string) => string,
): boolean {
  const key = (match: ValueMatch) => JSON.stringify({ ...match, name: fold(match.name) });
  const given = new Set(narrow.map(key));
  return wide.every((match) => given.has(key(match)));
}
