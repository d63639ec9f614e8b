import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { expect, it } from 'vitest';
import { newKey } from '../../../proxy/identity/x509/new-key';
import { openssl } from './openssl';

it('a new key is encoded as Node and OpenSSL would, also where its number begins with zeros', () => {
  const keys = Array.from({ length: 3_000 }, () => newKey());
  // One in 256.
  const short = keys.filter(({ privateKey }) => derOf(privateKey)[36] === 0);
  for (const { publicKey, point, privateKey } of [...keys.slice(0, 30), ...short]) {
    const key = createPrivateKey(privateKey);
    const jwk = key.export({ format: 'jwk' });
    expect(Buffer.from(jwk.d ?? '', 'base64url').equals(derOf(privateKey).subarray(36, 68))).toBe(true);
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

function derOf(pem: string): Buffer {
  return Buffer.from(pem.replace(/-----.*-----|\s/g, ''), 'base64');
}
