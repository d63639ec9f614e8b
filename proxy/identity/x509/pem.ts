/** DER in lines of text. https://www.rfc-editor.org/rfc/rfc7468 */

export function certificatePem(der: Buffer): string {
  return pem('CERTIFICATE', der);
}

/** PKCS #8. */
export function privateKeyPem(der: Buffer): string {
  return pem('PRIVATE KEY', der);
}

function pem(label: string, der: Buffer): string {
  const base64 = der.toString('base64');
  let lines = '';
  for (let at = 0; at < base64.length; at += 64) lines += `${base64.slice(at, at + 64)}\n`;
  return `-----BEGIN ${label}-----\n${lines}-----END ${label}-----\n`;
}

/** The certificates of a text, in their order. What stands between them is for people and left out. */
export function certificatesOf(pem: string): readonly Buffer[] {
  return [...pem.matchAll(certificate)].map(([, base64 = '']) => Buffer.from(base64.replace(/\s+/g, ''), 'base64'));
}

const certificate = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]*)-----END CERTIFICATE-----/g;
