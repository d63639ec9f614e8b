import type { KeyObject } from 'node:crypto';
import type { SigningKeyKind } from './identifiers';

/** Why a key cannot sign certificates of the mesh, in words that follow "its key". */
export interface UnfitKey {
  readonly unfit: string;
}

/**
 * What kind of key an authority has. Those are accepted that Envoy (BoringSSL) verifies in a chain of TLS 1.3 and that are not too weak;
 * keys of leaves are P-256 whatever signs them.
 */
export function keyKindOf(key: KeyObject): SigningKeyKind | UnfitKey {
  const { namedCurve, modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
  switch (key.asymmetricKeyType) {
    case 'ec':
      if (namedCurve === 'prime256v1') return 'P-256';
      if (namedCurve === 'secp384r1') return 'P-384';
      return { unfit: `is on curve ${namedCurve}, which Envoy does not verify; use P-256 or P-384` };
    case 'rsa':
      if (modulusLength < 2_048)
        return { unfit: `is RSA of ${modulusLength} bits, which is too weak; use 2048 or more` };
      if (modulusLength > 8_192)
        return { unfit: `is RSA of ${modulusLength} bits, which Envoy does not verify; use ECDSA on P-256` };
      return 'RSA';
    default:
      return { unfit: `is of kind ${key.asymmetricKeyType}, which Envoy does not verify; use ECDSA on P-256` };
  }
}

export function isFit(kind: SigningKeyKind | UnfitKey): kind is SigningKeyKind {
  return typeof kind === 'string';
}
