/** DER in lines of text. https://www.rfc-editor.org/rfc/rfc7468 */

export function certificatePem(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `${begin}\n${lines.join('\n')}\n${end}\n`;
}

/** The certificates of a text, in their order. What stands between them is for people and left out. */
export function certificatesOf(pem: string): readonly Buffer[] {
  return [...pem.matchAll(certificate)].map(([, base64 = '']) => Buffer.from(base64.replace(/\s+/g, ''), 'base64'));
}

const begin = '-----BEGIN CERTIFICATE-----';
const end = '-----END CERTIFICATE-----';
const certificate = new RegExp(`${begin}([A-Za-z0-9+/=\\s]*)${end}`, 'g');
