/**
 * Who is who in the mesh: the root of trust and its rotation, the certificates of proxies, and the tokens by which proxies prove to
 * the control plane who they are.
 *
 *     root of trust ──▶ authority ──▶ identities ──▶ secrets ──▶ SDS, over the stream that the authenticator has admitted
 *     (store, given PEM)   signs        renews         Envoy's form
 */
export * from './authenticator';
export * from './authority';
export { type GivenIssuer, type ReadIssuer, readIssuer } from './given-issuer';
export { type Held, type Identities, type IdentitiesOptions, identities } from './identities';
export type { Issuer, Random } from './issuer';
export { type LocalTokens, localTokens, type TokenRequest } from './local-tokens';
export { RootOfTrust, type RootOfTrustOptions, type TrustSettings } from './root-of-trust';
export { fileStore, memoryStore, type RootStore } from './root-store';
export type { RootSource, Stage, StoredRoot } from './rotation';
export { keyPairSecret, redacted, type Secret, trustSecret } from './secrets';
