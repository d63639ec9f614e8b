import type { AccessRule } from '../../model';
import { any } from '../any';
import type { Context } from '../context';
import type { envoy } from '../generated/types';
import { overAds } from '../tls/secret-source';
import type { Listener, Messages, TypedExtensionConfig } from '../types';
import { type Principal, principalsOf, withoutIdentity } from './principal';
import type { Access } from './rules';

export type NetworkFilter = NonNullable<NonNullable<Listener['filterChains']>[number]['filters']>[number];
type Rules = NonNullable<envoy.extensions.filters.network.rbac.v3.RBAC['rules']>;

export interface NetworkAccess {
  /** What stands in a filter chain: the name of what comes by itself, so that a change of the rules drains no listener. */
  readonly filter: NetworkFilter;
  /** Over ECDS. */
  readonly resource: TypedExtensionConfig;
}

export interface NetworkAccessOptions {
  readonly access: Access;
  /** Callers in plain text are let in, but for what a deny refuses. */
  readonly permissive: boolean;
}

/**
 * Who may connect to a port whose requests cannot be told apart: there a rule for certain requests, or for a token, allows nothing, and
 * denies nothing. Of two filters with the same statistics one denial would be counted twice, so one decides all. It decides when the
 * first byte of the client comes; what a server says before, {@link ./gate} keeps back.
 */
export function networkAccess(
  context: Context,
  name: string,
  { access, permissive }: NetworkAccessOptions,
): NetworkAccess {
  const principals = (declared: readonly AccessRule[]) =>
    unique(ofConnections(declared).flatMap((rule) => principalsOf(context, rule)));
  const allowed = [...principals(access.allow), ...(permissive ? [withoutIdentity] : [])];
  const denied = principals(access.deny);
  return {
    filter: discoveredFilter(name, type),
    resource: {
      name,
      typedConfig: any(type, {
        statPrefix: `${name}.`,
        rules: rules('ALLOW', allowed.length > 0 && denied.length > 0 ? [without(allowed, denied)] : allowed),
        ...shadowRules(principals(access.shadow.allow), principals(access.shadow.deny)),
      }),
    },
  };
}

/** Those that hold for a connection whatever passes over it. */
export function ofConnections(declared: readonly AccessRule[]): readonly AccessRule[] {
  return declared.filter(({ requests, claims }) => requests.length === 0 && claims.length === 0);
}

export function discoveredFilter(name: string, type: keyof Messages): NetworkFilter {
  return { name, configDiscovery: { configSource: overAds, typeUrls: [`type.googleapis.com/${type}`] } };
}

const type = 'envoy.extensions.filters.network.rbac.v3.RBAC';

function rules(action: 'ALLOW' | 'DENY', principals: readonly Principal[]): Rules {
  return {
    action,
    ...(principals.length > 0 && { policies: { rules: { permissions: [{ any: true }], principals } } }),
  };
}

function without(allowed: readonly Principal[], denied: readonly Principal[]): Principal {
  return { andIds: { ids: [{ orIds: { ids: allowed } }, { notId: { orIds: { ids: denied } } }] } };
}

/** What is only counted: whom a deny would refuse, or, where there is none, whom an allow would let in. */
function shadowRules(allowed: readonly Principal[], denied: readonly Principal[]) {
  if (denied.length > 0) return { shadowRules: rules('DENY', denied) };
  return allowed.length > 0 ? { shadowRules: rules('ALLOW', allowed), shadowRulesStatPrefix: 'allow.' } : {};
}

function unique(principals: readonly Principal[]): readonly Principal[] {
  return [...new Map(principals.map((one) => [JSON.stringify(one), one])).values()];
}
