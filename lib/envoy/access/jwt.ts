import type { AccessPolicy, JwtIssuer } from '../../model';
import { any } from '../any';
import type { Configuration } from '../configuration';
import type { Context } from '../context';
import type { envoy } from '../generated/types';
import { type DiscoveredFilter, discoveredFilter } from '../http/discovered-filter';
import { seconds } from '../seconds';
import { keysCluster } from './keys-cluster';

type Provider = envoy.extensions.filters.http.jwt_authn.v3.JwtProvider;
type Requirement = envoy.extensions.filters.http.jwt_authn.v3.JwtRequirement;

/** How tokens are verified before access control reads what they say. */
export interface TokenVerification extends Pick<Configuration, 'clusters' | 'assignments' | 'secrets'> {
  readonly filter: DiscoveredFilter;
  /** Keys of the metadata under which what a verified token says is left, one for each issuer. */
  readonly payloads: readonly string[];
}

/**
 * A token that is there must be valid, or the request is answered with 401. A token that is missing is no reason to refuse: what needs
 * one, a rule with claims says, and access control refuses.
 */
export function tokenVerification(
  context: Context,
  listener: string,
  policies: readonly AccessPolicy[],
): TokenVerification {
  const issuers = policies.flatMap((policy) => policy.jwt);
  const providers = issuers.map((issuer, index) => providerOf(context, issuer, `${nameOf}${index}`));
  return {
    filter: discoveredFilter(
      'envoy.filters.http.jwt_authn',
      listener,
      filterType,
      providers.length > 0
        ? any(filterType, {
            providers: Object.fromEntries(providers.map(({ name, provider }) => [name, provider])),
            rules: [{ match: { prefix: '/' }, requires: requirement(issuers) }],
            // A browser asks beforehand without a token.
            bypassCorsPreflight: true,
          })
        : undefined,
    ),
    payloads: providers.map(({ name }) => name),
    clusters: providers.flatMap(({ clusters }) => clusters),
    assignments: providers.flatMap(({ assignments }) => assignments),
    secrets: providers.flatMap(({ secrets }) => secrets),
  };
}

const filterType = 'envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication';
const nameOf = 'issuer-';

interface Made extends Pick<Configuration, 'clusters' | 'assignments' | 'secrets'> {
  readonly name: string;
  readonly provider: Provider;
}

function providerOf(context: Context, issuer: JwtIssuer, name: string): Made {
  const { keys, from, forward } = issuer;
  const fetched = keys.kind === 'remote' ? keysCluster(context, keys.uri) : undefined;
  return {
    name,
    provider: {
      issuer: issuer.issuer,
      ...(issuer.audiences.length > 0 && { audiences: issuer.audiences }),
      ...keysOf(issuer, fetched?.name),
      ...(from?.kind === 'header' && { fromHeaders: [tokenHeader(from.name)] }),
      ...(from?.kind === 'query' && { fromParams: [from.name] }),
      ...(!from && { fromHeaders: [tokenHeader('authorization')] }),
      // The application may read it too, and hand it on.
      forward: true,
      payloadInMetadata: name,
      ...(forward.length > 0 && {
        claimToHeaders: forward.map(({ claim, header }) => ({ claimName: claim, headerName: header.toLowerCase() })),
      }),
    },
    clusters: fetched?.clusters ?? [],
    assignments: fetched?.assignments ?? [],
    secrets: fetched?.secrets ?? [],
  };
}

/** A header of another name may carry the token as it is; Envoy then wants no prefix at all. */
function tokenHeader(name: string) {
  return name.toLowerCase() === 'authorization'
    ? { name: 'authorization', valuePrefix: 'Bearer ' }
    : { name: name.toLowerCase() };
}

/** Five minutes, as Envoy has it: as long a key that its issuer has withdrawn still counts. */
const refreshed = 300_000;

/** From an address that is none nothing can be fetched, and no token of the issuer is valid. */
function keysOf({ keys }: JwtIssuer, cluster: string | undefined): Pick<Provider, 'localJwks' | 'remoteJwks'> {
  if (keys.kind === 'inline') return { localJwks: { inlineString: keys.jwks } };
  return {
    remoteJwks: {
      httpUri: { uri: keys.uri, cluster: cluster ?? 'nowhere', timeout: '5s' },
      cacheDuration: seconds(keys.refresh ?? refreshed),
      // The first token waits for the keys. Fetched in the background, they would be missing after each change of the issuers, and good
      // tokens be refused until they are there.
      retryPolicy: { numRetries: 2, retryBackOff: { baseInterval: '0.1s' } },
    },
  };
}

/** At each place where tokens stand: one of those whose tokens stand there has issued it, or none is there. */
function requirement(issuers: readonly JwtIssuer[]): Requirement {
  const places = new Map<string, string[]>();
  for (const [index, { from }] of issuers.entries()) {
    const place = from ? `${from.kind} ${from.name.toLowerCase()}` : 'header authorization';
    places.set(place, [...(places.get(place) ?? []), `${nameOf}${index}`]);
  }
  const each = [...places.values()].map(
    (names): Requirement => ({
      requiresAny: { requirements: [...names.map((providerName) => ({ providerName })), { allowMissing: {} }] },
    }),
  );
  return each.length === 1 ? (each[0] ?? {}) : { requiresAll: { requirements: each } };
}
