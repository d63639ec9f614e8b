import { objectIdentifier, sequence } from './der';

/** Object identifiers that certificates of the mesh hold or are asked for. */
export const oids = {
  commonName: '2.5.4.3',
  organization: '2.5.4.10',

  ecPublicKey: '1.2.840.10045.2.1',
  p256: '1.2.840.10045.3.1.7',

  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  ecdsaWithSha384: '1.2.840.10045.4.3.3',
  sha256WithRsa: '1.2.840.113549.1.1.11',

  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAlternativeName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',

  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
} as const;

/** Encoded once: they stand in every certificate. */
export const encodedOids = Object.fromEntries(
  Object.entries(oids).map(([name, dotted]) => [name, objectIdentifier(dotted)]),
) as { readonly [Name in keyof typeof oids]: Buffer };

/** Numbers of the bits of a key's usage. https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.3 */
export const usages = { digitalSignature: 0, keyCertSign: 5, crlSign: 6 } as const;

/** How an authority signs: by the kind of its key. */
export interface SignatureAlgorithm {
  readonly digest: 'sha256' | 'sha384';
  /** `AlgorithmIdentifier`. Those of ECDSA have no parameters, those of RSA have NULL (RFC 5758, section 3.2; RFC 4055, section 5). */
  readonly identifier: Buffer;
}

const null_ = Uint8Array.of(0x05, 0);

export const signatureAlgorithms = {
  'P-256': { digest: 'sha256', identifier: sequence(encodedOids.ecdsaWithSha256) },
  'P-384': { digest: 'sha384', identifier: sequence(encodedOids.ecdsaWithSha384) },
  RSA: { digest: 'sha256', identifier: sequence(encodedOids.sha256WithRsa, null_) },
} as const satisfies { readonly [kind: string]: SignatureAlgorithm };

export type SigningKeyKind = keyof typeof signatureAlgorithms;
