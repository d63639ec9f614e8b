import { type Messages, type SecretRef, secretName } from '../../lib/envoy';
import type { KeyPair } from '../sources/source';

/** What SDS delivers: a name, and a certificate with its key or certificates to trust. Never logged; dumps show {@link redacted}. */
export type Secret = Messages['envoy.extensions.transport_sockets.tls.v3.Secret'];

/** A certificate with its key: of the proxy itself, or what a gateway serves. */
export function keyPairSecret(ref: Extract<SecretRef, { kind: 'identity' | 'certificate' }>, pair: KeyPair): Secret {
  return {
    name: secretName(ref),
    tlsCertificate: {
      certificateChain: { inlineString: pair.certificateChain },
      privateKey: { inlineString: pair.privateKey },
    },
  };
}

/**
 * Whom to trust, PEM: the bundle of the mesh, or the authorities of somebody outside. Whose certificate is accepted of all that they have
 * signed is said where the secret is used.
 */
export function trustSecret(ref: Extract<SecretRef, { kind: 'trust' | 'authority' }>, roots: string): Secret {
  return { name: secretName(ref), validationContext: { trustedCa: { inlineString: roots } } };
}

/** A message that may hold secrets, however deep, for people to read: keys are left out, certificates stay. */
export function redacted<Message>(message: Message): Message {
  return redactedValue(message) as Message;
}

function redactedValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(redactedValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([field, inner]) => [
      field,
      secretFields.has(field) && inner !== undefined ? hidden : redactedValue(inner),
    ]),
  );
}

/** Fields that Envoy itself hides in its dumps, being marked as sensitive: of certificates, session tickets and generic secrets. */
const secretFields: ReadonlySet<string> = new Set([
  'privateKey',
  'privateKeyProvider',
  'pkcs12',
  'password',
  'sessionTicketKeys',
  'secret',
]);
const hidden = { inlineString: '[redacted]' };
