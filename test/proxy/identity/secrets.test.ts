import { describe, expect, it } from 'vitest';
import { keyPairSecret, redacted, trustSecret } from '../../../proxy/identity/secrets';
import { pgvViolations } from '../../support/envoy/pgv';
import { decode, encode } from '../../support/envoy/registry';

const type = 'envoy.extensions.transport_sockets.tls.v3.Secret';
const pair = { certificateChain: 'certificates', privateKey: 'key of the test' };

describe('a secret of SDS', () => {
  it('is a certificate with its key, of the proxy itself or of a gateway', () => {
    expect(keyPairSecret({ kind: 'identity' }, pair)).toEqual({
      name: 'identity',
      tlsCertificate: {
        certificateChain: { inlineString: 'certificates' },
        privateKey: { inlineString: 'key of the test' },
      },
    });
    expect(keyPairSecret({ kind: 'certificate', namespace: 'storefront', name: 'public-tls' }, pair).name).toBe(
      'certificate|storefront|public-tls',
    );
  });

  it('is certificates to trust, of the mesh or of somebody outside', () => {
    expect(trustSecret({ kind: 'trust' }, 'roots')).toEqual({
      name: 'trust',
      validationContext: { trustedCa: { inlineString: 'roots' } },
    });
    expect(trustSecret({ kind: 'authority', namespace: 'storefront', name: 'bank' }, 'roots').name).toBe(
      'authority|storefront|bank',
    );
  });

  it('is as Envoy has it', () => {
    for (const secret of [keyPairSecret({ kind: 'identity' }, pair), trustSecret({ kind: 'trust' }, 'roots')]) {
      expect(pgvViolations(type, secret)).toEqual([]);
      expect(decode(encode(secret, type), type)).toEqual(secret);
    }
  });
});

describe('what people are shown', () => {
  it('has no key, wherever it was, and all else', () => {
    const dump = {
      secrets: [{ version: '1', secret: undefined }, keyPairSecret({ kind: 'identity' }, pair)],
      list: ['a', 1, null],
    };
    const shown = redacted(dump);
    expect(JSON.stringify(shown)).not.toContain('key of the test');
    expect(shown).toEqual({
      secrets: [
        { version: '1', secret: undefined },
        {
          name: 'identity',
          tlsCertificate: {
            certificateChain: { inlineString: 'certificates' },
            privateKey: { inlineString: '[redacted]' },
          },
        },
      ],
      list: ['a', 1, null],
    });
    // What is served stays as it is.
    expect(JSON.stringify(dump)).toContain('key of the test');
  });

  it('has nothing of what Envoy marks as sensitive in a secret', () => {
    const sensitive = {
      tlsCertificate: {
        privateKey: { inlineString: 'hidden' },
        privateKeyProvider: { providerName: 'hidden' },
        pkcs12: { inlineBytes: 'hidden' },
        password: { inlineString: 'hidden' },
      },
      sessionTicketKeys: { keys: [{ inlineString: 'hidden' }] },
      genericSecret: { secret: { inlineString: 'hidden' } },
    };
    expect(JSON.stringify(redacted(sensitive))).not.toContain('hidden');
  });
});
