import { createHash, type KeyObject, sign } from 'node:crypto';
import {
  bitString,
  boolean,
  contextTag,
  encode,
  integer,
  namedBits,
  octetString,
  sequence,
  tags,
  time,
  utf8String,
} from './der';
import { encodedOids, type SigningKeyKind, signatureAlgorithms, usages } from './identifiers';

/** What is certified. Times are milliseconds since 1970; certificates have whole seconds. */
export interface Certified {
  /** Positive, at most 20 bytes: {@link serialNumber}. */
  readonly serial: Uint8Array;
  /** Encoded name: {@link distinguishedName}. */
  readonly subject: Uint8Array;
  readonly notBefore: number;
  readonly notAfter: number;
  /** `SubjectPublicKeyInfo`. */
  readonly publicKey: Uint8Array;
  readonly extensions: readonly Buffer[];
}

/** Who signs. */
export interface Signer {
  /** Encoded name, the very bytes of the signer's own certificate. */
  readonly name: Uint8Array;
  readonly key: KeyObject;
  readonly keyKind: SigningKeyKind;
}

/** A certificate of version 3, DER. https://www.rfc-editor.org/rfc/rfc5280#section-4.1 */
export function certificate(certified: Certified, signer: Signer): Buffer {
  const { digest, identifier } = signatureAlgorithms[signer.keyKind];
  const toBeSigned = sequence(
    version3,
    integer(certified.serial),
    identifier,
    signer.name,
    sequence(time(certified.notBefore), time(certified.notAfter)),
    certified.subject,
    certified.publicKey,
    encode(contextTag(3, 'constructed'), sequence(...certified.extensions)),
  );
  return sequence(toBeSigned, identifier, bitString(sign(digest, toBeSigned, signer.key)));
}

const version3 = encode(contextTag(0, 'constructed'), integer(Uint8Array.of(2)));

/**
 * 16 bytes of which all but two bits are random: without the highest it would be negative, with the second it always has its full
 * length. https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.2
 */
export function serialNumber(random: (bytes: number) => Uint8Array): Uint8Array {
  const bytes = Uint8Array.from(random(16));
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes;
}

/** Each part has at most 64 characters (RFC 5280, appendix A.1, `ub-organization-name`, `ub-common-name`). */
export function distinguishedName(parts: { readonly organization: string; readonly commonName: string }): Buffer {
  const part = (oid: Buffer, text: string) =>
    encode(tags.set, sequence(oid, utf8String([...text].slice(0, 64).join(''))));
  return sequence(part(encodedOids.organization, parts.organization), part(encodedOids.commonName, parts.commonName));
}

/** Of whom is known by a name in {@link subjectAlternativeName} alone. */
export const emptyName: Buffer = sequence();

/** Of an authority that certifies no further authorities: between it and a leaf stands nothing. */
export const authorityConstraints: Buffer = extension(
  encodedOids.basicConstraints,
  'critical',
  sequence(boolean(true), integer(Uint8Array.of(0))),
);

/** Not an authority; that is the default, and what is the default is left out. */
export const leafConstraints: Buffer = extension(encodedOids.basicConstraints, 'critical', sequence());

export const authorityUsage: Buffer = extension(
  encodedOids.keyUsage,
  'critical',
  namedBits(usages.keyCertSign, usages.crlSign),
);

/** With ECDSA a key of TLS only signs. */
export const leafUsage: Buffer = extension(encodedOids.keyUsage, 'critical', namedBits(usages.digitalSignature));

export function extendedUsage(...purposes: readonly ('serverAuth' | 'clientAuth')[]): Buffer {
  return extension(
    encodedOids.extendedKeyUsage,
    'not critical',
    sequence(...purposes.map((purpose) => encodedOids[purpose])),
  );
}

export function subjectKeyIdentifier(identifier: Uint8Array): Buffer {
  return extension(encodedOids.subjectKeyIdentifier, 'not critical', octetString(identifier));
}

export function authorityKeyIdentifier(identifier: Uint8Array): Buffer {
  return extension(
    encodedOids.authorityKeyIdentifier,
    'not critical',
    sequence(encode(contextTag(0, 'primitive'), identifier)),
  );
}

/** 20 bytes of SHA-256 over the key. https://www.rfc-editor.org/rfc/rfc7093#section-2 */
export function keyIdentifier(publicKeyBits: Uint8Array): Buffer {
  return createHash('sha256').update(publicKeyBits).digest().subarray(0, 20);
}

export type AlternativeName =
  | { readonly kind: 'uri'; readonly uri: string }
  | { readonly kind: 'dns'; readonly host: string }
  /** 4 or 16 bytes. */
  | { readonly kind: 'address'; readonly bytes: Uint8Array };

/** Critical where the subject is empty, and only there. https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.6 */
export function subjectAlternativeName(
  names: readonly AlternativeName[],
  criticality: 'critical' | 'not critical',
): Buffer {
  return extension(encodedOids.subjectAlternativeName, criticality, sequence(...names.map(generalName)));
}

function generalName(name: AlternativeName): Buffer {
  switch (name.kind) {
    case 'dns':
      return encode(contextTag(2, 'primitive'), Buffer.from(name.host, 'latin1'));
    case 'uri':
      return encode(contextTag(6, 'primitive'), Buffer.from(name.uri, 'latin1'));
    case 'address':
      return encode(contextTag(7, 'primitive'), name.bytes);
  }
}

/** That an extension is not critical is the default, and left out. */
function extension(oid: Buffer, criticality: 'critical' | 'not critical', value: Buffer): Buffer {
  const critical = criticality === 'critical' ? [boolean(true)] : [];
  return sequence(oid, ...critical, octetString(value));
}
