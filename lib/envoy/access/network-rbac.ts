import type { AccessRule } from '../../model';
import { any } from '../any';
import type { Context } from '../context';
import type { envoy } from '../generated/types';
import { overAds } from '../tls/secret-source';
import type { Listener, TypedExtensionConfig } from '../types';
import { type Principal, principalsOf, withoutIdentity } from './principal';
import type { Access } from './rules';

type NetworkFilter = NonNullable<NonNullable<Listener['filterChains']>[number]['filters']>[number];
type Rules = NonNullable<envoy.extensions.filters.network.rbac.v3.RBAC['rules']>;

export interface NetworkAccess {
  /** What stands in the filter chain: the name of what comes by itself, so that a change of the rules drains no listener. */
  readonly filter: NetworkFilter;
  /** Over ECDS. */
  readonly resource: TypedExtensionConfig;
}

/**
 * Who may connect to a port whose requests cannot be told apart: there a rule for certain requests, or for a token, allows nothing, and
 * denies nothing. Of two filters with the same statistics one denial would be counted twice, so one decides all.
 */
export function networkAccess(
  context: Context,
  name: string,
  { access, permissive }: { readonly access: Access; readonly permissive: boolean },
): NetworkAccess {
  const whole = (rules: readonly AccessRule[]) =>
    unique(
      rules
        .filter(({ requests, claims }) => requests.length === 0 && claims.length === 0)
        .flatMap((rule) => principalsOf(context, rule)),
    );
  const allowed = [...whole(access.allow), ...(permissive ? [withoutIdentity] : [])];
  const denied = whole(access.deny);
  const shadow = shadowRules(whole(access.shadow.allow), whole(access.shadow.deny));
  const resource: TypedExtensionConfig = {
    name,
    typedConfig: any(type, {
      statPrefix: `${name}.`,
      rules: rules('ALLOW', allowed.length > 0 && denied.length > 0 ? [without(allowed, denied)] : allowed),
      ...shadow,
    }),
  };
  return {
    filter: { name, configDiscovery: { configSource: overAds, typeUrls: [`type.googleapis.com/${type}`] } },
    resource,
  };
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
