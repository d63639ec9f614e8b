/**
 * Who is who in the mesh: the root of trust and its rotation, the certificates of proxies, and the tokens by which proxies prove to
 * the control plane who they are.
 *
 *     root of trust ──▶ authority ──▶ identities ──▶ secrets ──▶ SDS, over the stream that the authenticator has admitted
 *     (store, given PEM)   signs        renew          Envoy's form
 */
export * from './authenticator';
export * from './authority';
export type { Held, Identities } from './identities';
