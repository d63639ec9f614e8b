import type { Identity } from '../../lib/model';
import type { Leaf, Svid } from './authority';

/** The current certificate of each identity that a proxy holds. */
export interface Identities {
  /**
   * Keeps a certificate for this identity renewed until it is released. Everybody who holds an identity has the same certificate.
   *
   * @param renewed called after each renewal, never from within this call
   * @throws CannotIssue where there is none and none can be signed
   */
  hold(identity: Identity, renewed?: (leaf: Svid) => void): Held<Svid>;
  /** Likewise for the control plane's own server. */
  holdServer(hosts: readonly string[], renewed?: (leaf: Leaf) => void): Held<Leaf>;
  /** The current certificate of an identity that somebody holds. */
  leafOf(identity: Identity): Svid | undefined;
  /** For the metric `meshwright_certificates_issued_total`: certificates signed for proxies since the start. */
  readonly issued: number;
  /** Renews nothing any more. */
  close(): void;
}

export interface Held<Certificate extends Leaf> {
  /** The newest. */
  readonly leaf: Certificate;
  release(): void;
}
