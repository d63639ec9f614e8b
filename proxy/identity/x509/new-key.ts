import { createECDH } from 'node:crypto';
import { bitString, contextTag, encode, integer, octetString, sequence } from './der';
import { encodedOids } from './identifiers';
import { privateKeyPem } from './pem';

export interface NewKey {
  /** `SubjectPublicKeyInfo`. */
  readonly publicKey: Buffer;
  /** The public key alone: a byte that says so, and two coordinates. */
  readonly point: Buffer;
  /** PKCS #8, PEM. */
  readonly privateKey: string;
}

/**
 * A new key of P-256. Node's `generateKeyPairSync` takes ten times as long when it also encodes; its keys for key exchange are of the same
 * kind, by the same random numbers of OpenSSL, and the encodings are few bytes (RFC 5480, section 2; RFC 5915, section 3; RFC 5958).
 */
export function newKey(): NewKey {
  const key = createECDH('prime256v1');
  const point = key.generateKeys();
  const scalar = key.getPrivateKey();
  // A number: zeros before it are left out, and must stand in a key.
  const padded = Buffer.concat([Buffer.alloc(32 - scalar.length), scalar]);
  const bits = bitString(point);
  const inner = sequence(integer(Uint8Array.of(1)), octetString(padded), encode(publicKeyTag, bits));
  return {
    publicKey: sequence(algorithm, bits),
    point,
    privateKey: privateKeyPem(sequence(integer(Uint8Array.of(0)), algorithm, octetString(inner))),
  };
}

const publicKeyTag = contextTag(1, 'constructed');
const algorithm = sequence(encodedOids.ecPublicKey, encodedOids.p256);
