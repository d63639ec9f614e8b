import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { expect, it } from 'vitest';
import { newKey } from '../../../proxy/identity/x509/new-key';
import { openssl } from './openssl';

it('a new key is encoded as Node and OpenSSL would, also where its number begins with zeros', () => {
  for (let count = 0; count < 2_000; count++) {
    const { publicKey, point, privateKey } = newKey();
    const key = createPrivateKey(privateKey);
    const jwk = key.export({ format: 'jwk' });
    const scalar = Buffer.from(jwk.d ?? '', 'base64url');
    // One in 256.
    if (scalar[0] !== 0 && count > 100) continue;
    expect(key.export({ type: 'pkcs8', format: 'pem' })).toBe(privateKey);
    expect(createPublicKey(key).export({ type: 'spki', format: 'der' }).equals(publicKey)).toBe(true);
    expect(point.toString('hex')).toBe(
      `04${Buffer.from(jwk.x ?? '', 'base64url').toString('hex')}${Buffer.from(jwk.y ?? '', 'base64url').toString('hex')}`,
    );
    const content = Buffer.from('content');
    const publicPart = createPublicKey({ key: publicKey, format: 'der', type: 'spki' });
    expect(verify('sha256', content, publicPart, sign('sha256', content, key))).toBe(true);
  }
  expect(openssl({ key: newKey().privateKey }, 'pkey', '-in', 'key', '-check', '-noout')).toContain('Key is valid');
});
