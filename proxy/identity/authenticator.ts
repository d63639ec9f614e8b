import type { Identity, Ref } from '../../lib/model';

/** Whom a token proves: a pod, and the service account that it runs as. What the proxy claims about itself is not asked. */
export interface Authenticated {
  readonly pod: Ref;
  readonly identity: Identity;
  /** When the token ends, in milliseconds since 1970. */
  readonly expires: number;
}

/** Verifies the token that a proxy shows: by TokenReview in a cluster, by a key of this machine's own outside of one. */
export interface Authenticator {
  /** Fails with a {@link Refusal} where the token proves nothing. */
  authenticate(token: string): Promise<Authenticated>;
}

/** Why a token is not accepted; safe to log, and no help to who guesses. */
export class Refusal extends Error {}
