import { type SecretRef, secretName } from '../../lib/envoy';
import { Ref } from '../../lib/model';
import { type Authority, keyPairSecret, type Svid, trustSecret } from '../identity';
import type { State } from '../sources/source';
import { encodeResource, type Resource, type ResourceMap, resourceTypes } from '../xds';

/** Secrets as SDS delivers them, each encoded once for all who have it. */
export class SecretResources {
  private readonly encoded = new WeakMap<object, Resource>();
  private trust: { readonly bundle: string; readonly resource: Resource } | undefined;
  private readonly authorities = new Map<string, { readonly pem: string; readonly resource: Resource }>();

  private readonly generations = new WeakMap<Resource, number>();

  constructor(private readonly authority: Pick<Authority, 'trustBundle' | 'trustGeneration'>) {}

  /** Which generation of the root of trust is in a resource `trust`, or has signed a resource `identity`. */
  generationOf(resource: Resource): number | undefined {
    return this.generations.get(resource);
  }

  /** Those that a proxy is to have; what is not there yet is left out, and Envoy waits for it. */
  of(secrets: readonly SecretRef[], state: State, identity: Svid): ResourceMap {
    const resources = new Map<string, Resource>();
    for (const secret of secrets) {
      const resource = this.resource(secret, state, identity);
      if (resource) resources.set(secretName(secret), resource);
    }
    return resources;
  }

  private resource(secret: SecretRef, state: State, identity: Svid): Resource | undefined {
    switch (secret.kind) {
      case 'identity': {
        const resource = this.keyPair(secret, identity);
        this.generations.set(resource, identity.generation);
        return resource;
      }
      case 'certificate': {
        const pair = state.certificates.get(Ref.key(secret));
        return pair && this.keyPair(secret, pair);
      }
      case 'trust':
        return this.bundle();
      case 'authority': {
        const pem = state.authorities.get(Ref.key(secret));
        return pem === undefined ? undefined : this.trusted(secret, pem);
      }
    }
  }

  /** A pair that is renewed is another object. */
  private keyPair(secret: Extract<SecretRef, { kind: 'identity' | 'certificate' }>, pair: Svid | KeyPair): Resource {
    const existing = this.encoded.get(pair);
    if (existing) return existing;
    const made = encoded(secret, keyPairSecret(secret, pair));
    this.encoded.set(pair, made);
    return made;
  }

  private bundle(): Resource | undefined {
    const { trustBundle, trustGeneration } = this.authority;
    if (trustBundle === '') return undefined;
    if (this.trust?.bundle !== trustBundle) {
      const resource = encoded({ kind: 'trust' }, trustSecret({ kind: 'trust' }, trustBundle));
      this.trust = { bundle: trustBundle, resource };
    }
    this.generations.set(this.trust.resource, trustGeneration);
    return this.trust.resource;
  }

  private trusted(secret: Extract<SecretRef, { kind: 'authority' }>, pem: string): Resource {
    const existing = this.authorities.get(secretName(secret));
    if (existing?.pem === pem) return existing.resource;
    const resource = encoded(secret, trustSecret(secret, pem));
    this.authorities.set(secretName(secret), { pem, resource });
    return resource;
  }
}

type KeyPair = Parameters<typeof keyPairSecret>[1];

function encoded(secret: SecretRef, json: object): Resource {
  return encodeResource(resourceTypes.secret, secretName(secret), json);
}
