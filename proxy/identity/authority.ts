import type { Identity } from '../../lib/model';
import type { KeyPair } from '../sources/source';

/** Whoever signs the certificates of the mesh, and what proxies must trust for them to be accepted. */
export interface Authority {
  /**
   * A new key and an X.509-SVID for it.
   *
   * @throws CannotIssue where nothing can be signed: the authority has ended
   */
  issue(identity: Identity): Svid;
  /**
   * For the control plane's own xDS server, which proxies find under these DNS names and addresses.
   *
   * @throws CannotIssue
   */
  issueServer(hosts: readonly string[]): Leaf;
  /** Root certificates that are trusted now, PEM. */
  readonly trustBundle: string;
  /** Grows with every change of {@link trustBundle}, also over restarts. */
  readonly trustGeneration: number;
  /** Grows with every change of what signs, also over restarts. Leaves say by which they were signed. */
  readonly issuerGeneration: number;
  /** No leaf ends later than this: the first end of the certificates that its chain would lead over, in milliseconds since 1970. */
  readonly issuerEnds: number;
  /** Calls back after each change, with what is no longer what it was. */
  onChange(listener: (changed: AuthorityChange) => void): () => void;
  /** For the metric `meshwright_root_certificate_expiry_timestamp_seconds`. */
  rootExpiries(): readonly RootExpiry[];
}

/** Of the bundle, every proxy must be told; of what signs, {@link ./identities} takes care. */
export interface AuthorityChange {
  readonly trust: boolean;
  readonly issuer: boolean;
}

/** A certificate of the mesh with its key. Times are milliseconds since 1970. */
export interface Leaf extends KeyPair {
  readonly notBefore: number;
  readonly notAfter: number;
  /** Half of its life has passed: time for the next one. */
  readonly renewAt: number;
  /** {@link Authority.issuerGeneration} when it was signed. */
  readonly generation: number;
}

/** https://github.com/spiffe/spiffe/blob/main/standards/X509-SVID.md */
export interface Svid extends Leaf {
  readonly spiffeId: string;
}

export interface RootExpiry {
  /** `issuing`: leaves end with it. `trusted`: only trusted, before or after its time. */
  readonly root: 'issuing' | 'trusted';
  /** Milliseconds since 1970. */
  readonly notAfter: number;
}

/** How far the proxies have followed. A rotation of the root goes on only when they have. */
export interface Progress {
  /**
   * The lowest {@link Authority.trustGeneration} among the bundles that proxies have acknowledged last, over every proxy that has one:
   * those that are connected, and those that are not while their pod is there, because they go on serving with what they have.
   * `Infinity` where there is none.
   */
  readonly trust: number;
  /** Likewise the lowest {@link Leaf.generation}. */
  readonly leaves: number;
}

/** Why nothing can be signed; says what to do, and holds nothing secret. */
export class CannotIssue extends Error {}
