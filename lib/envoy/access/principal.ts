import { type AccessRule, type AccessSource, Identity, names } from '../../model';
import type { Context } from '../context';
import type { envoy } from '../generated/types';

export type Principal = envoy.config.rbac.v3.Principal;

/** Whoever has proven an identity of the mesh. */
export function anyIdentity({ model }: Context): Principal {
  return bySpiffeId({ prefix: `spiffe://${model.mesh.trustDomain}/` });
}

/** A caller without a certificate: it came in plain text. */
export const withoutIdentity: Principal = { notId: { authenticated: {} } };

/**
 * The callers that a rule is about. A rule that names none allows whoever has an identity, and denies everybody: what a deny refuses
 * to those who have proven who they are, it refuses to strangers too.
 */
export function principalsOf(
  context: Context,
  { action, from }: Pick<AccessRule, 'action' | 'from'>,
): readonly Principal[] {
  if (from.length === 0) return [action === 'deny' ? { any: true } : anyIdentity(context)];
  return from.flatMap((source) => principals(context, source));
}

function principals(context: Context, source: AccessSource): readonly Principal[] {
  const { trustDomain } = context.model.mesh;
  switch (source.kind) {
    case 'identity':
      return [bySpiffeId({ exact: names.spiffeId(trustDomain, source) })];
    case 'namespace':
      return [bySpiffeId({ prefix: `spiffe://${trustDomain}/ns/${source.namespace}/` })];
    case 'address':
      return [{ directRemoteIp: cidrRange(source.cidr) }];
    case 'outside':
      return context.surroundings
        .podAddresses(source.namespace)
        .map((address) => ({ directRemoteIp: cidrRange(address) }));
  }
}

/** The name of the principal is the URI of its certificate. */
function bySpiffeId(principalName: envoy.type.matcher.v3.StringMatcher): Principal {
  return { authenticated: { principalName } };
}

/** `10.0.0.0/8`, or an address alone. */
export function cidrRange(text: string): { readonly addressPrefix: string; readonly prefixLen: number } {
  const [addressPrefix = '', length] = text.split('/');
  return { addressPrefix, prefixLen: length === undefined ? (addressPrefix.includes(':') ? 128 : 32) : Number(length) };
}

/** Addresses from which callers without an identity are let in, each once, sorted. */
export function outsideAddresses(context: Context, rules: readonly AccessRule[]): readonly string[] {
  const addresses = rules
    .flatMap(({ from }) => from)
    .flatMap((source) =>
      source.kind === 'address'
        ? [source.cidr]
        : source.kind === 'outside'
          ? context.surroundings.podAddresses(source.namespace)
          : [],
    );
  return [...new Set(addresses)].sort();
}

/** Whether a rule can be about a caller of an identity. */
export function concerns({ from }: AccessRule, identity: Identity): boolean {
  return from.length === 0 || from.some((source) => isOf(source, identity));
}

/** Whoever has the identity may come from any address. */
function isOf(source: AccessSource, identity: Identity): boolean {
  switch (source.kind) {
    case 'identity':
      return Identity.key(source) === Identity.key(identity);
    case 'namespace':
      return source.namespace === identity.namespace;
    case 'address':
    case 'outside':
      return true;
  }
}
