import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';

/** Signs JSON Web Tokens (RFC 7519, ES256) with a key that lives as long as a test. */
export interface TokenIssuer {
  readonly issuer: string;
  /** Its public key as a set of one (RFC 7517). */
  readonly jwks: string;
  /** Valid for an hour unless the claims say otherwise; `exp` and such are seconds since 1970. */
  token(claims?: { readonly [claim: string]: unknown }): string;
}

export function tokenIssuer(issuer: string): TokenIssuer {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'ES256', use: 'sig' };
  return {
    issuer,
    jwks: JSON.stringify({ keys: [jwk] }),
    token: (claims = {}) => {
      const now = Math.floor(Date.now() / 1_000);
      return signed(privateKey, { iss: issuer, sub: 'ann', iat: now, exp: now + 3_600, ...claims });
    },
  };
}

function signed(key: KeyObject, claims: object): string {
  const text = [{ alg: 'ES256', typ: 'JWT', kid: 'one' }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  const signature = createSign('sha256').update(text).sign({ key, dsaEncoding: 'ieee-p1363' });
  return `${text}.${signature.toString('base64url')}`;
}
