import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type GivenIssuer, readIssuer } from '../../../proxy/identity';
import { issueLeaf } from '../../../proxy/identity/leaf';
import { MalformedDer } from '../../../proxy/identity/x509/der';
import { certificatePem, certificatesOf } from '../../../proxy/identity/x509/pem';
import { readCertificate } from '../../../proxy/identity/x509/read';
import { keys, type MadeAuthority, makeAuthority, openssl, verdict } from './openssl';
import { day, hour, opened, year } from './support';

/** Authorities that somebody else has made, here OpenSSL. */

/** Whatever OpenSSL makes while the tests run is valid by then. */
const now = Date.now() + hour;
const root = makeAuthority({ name: 'root' });
const intermediate = makeAuthority({ name: 'intermediate', issuer: root });
const second = makeAuthority({ name: 'second intermediate', issuer: intermediate });

const given = (
  { certificate, key }: MadeAuthority,
  above: readonly MadeAuthority[] = [],
  roots?: readonly MadeAuthority[],
): GivenIssuer => ({
  certificateChain: [certificate, ...above.map((one) => one.certificate)].join(''),
  privateKey: key,
  ...(roots === undefined ? {} : { roots: roots.map((one) => one.certificate).join('') }),
});

const problems = (issuer: GivenIssuer, at = now) => {
  const read = readIssuer(issuer, at);
  return read.kind === 'refused' ? read.problems : [];
};

/** A leaf by what was given, its chain as proxies send it, and what OpenSSL says of it. */
function used(issuer: GivenIssuer) {
  const read = readIssuer(issuer, now);
  if (read.kind === 'refused') throw new Error(read.problems.join('; '));
  const subject = { kind: 'workload', spiffeId: 'spiffe://shop.example/ns/a/sa/b' } as const;
  const leaf = issueLeaf(opened(read.issuer), { subject, lifetime: day, now, random: randomBytes });
  const signature = /Signature Algorithm: (.*)/.exec(
    openssl({ pem: leaf.certificateChain }, 'x509', '-in', 'pem', '-text'),
  );
  return {
    verdict: verdict(read.issuer.roots, leaf.certificateChain, now),
    chain: certificatesOf(leaf.certificateChain).length,
    roots: certificatesOf(read.issuer.roots).length,
    signature: signature?.[1],
  };
}

describe('an authority that is given', () => {
  it('is a root by itself, whose certificate is not sent along', () => {
    const expected = { verdict: 'OK', chain: 1, roots: 1, signature: 'ecdsa-with-SHA256' };
    expect(used(given(root))).toEqual(expected);
    expect(used(given(root, [], [root]))).toEqual(expected);
  });

  it('is an intermediate, whose chain is sent along up to the root', () => {
    expect(used(given(intermediate, [], [root]))).toMatchObject({ verdict: 'OK', chain: 2, roots: 1 });
    expect(used(given(intermediate, [root]))).toMatchObject({ verdict: 'OK', chain: 2, roots: 1 });
    expect(used(given(intermediate, [root], [root]))).toMatchObject({ verdict: 'OK', chain: 2, roots: 1 });
    expect(used(given(second, [intermediate], [root]))).toMatchObject({ verdict: 'OK', chain: 3, roots: 1 });
  });

  it('may come with further roots to trust; those that have ended are left out', () => {
    const other = makeAuthority({ name: 'other' });
    expect(used(given(root, [], [root, other]))).toMatchObject({ verdict: 'OK', roots: 2 });
    const short = makeAuthority({ name: 'short', days: 1 });
    const read = readIssuer(given(root, [], [root, short]), now + 2 * day);
    expect(read.kind === 'issuer' && read.issuer.roots).toBe(
      certificatePem(certificatesOf(root.certificate)[0] ?? Buffer.alloc(0)),
    );
  });

  it('may have keys of P-256, P-384 and RSA', () => {
    for (const [newKey, signature] of [
      [keys.p384, 'ecdsa-with-SHA384'],
      [keys.rsa2048, 'sha256WithRSAEncryption'],
    ] as const) {
      const authority = makeAuthority({ name: 'root', newKey });
      expect(used(given(authority))).toEqual({ verdict: 'OK', chain: 1, roots: 1, signature });
      const below = makeAuthority({ name: 'intermediate', newKey, issuer: root });
      expect(used(given(below, [], [root]))).toEqual({ verdict: 'OK', chain: 2, roots: 1, signature });
    }
  });

  it('may have its key in each form that PEM has for it', () => {
    const sec1 = openssl({ key: root.key }, 'ec', '-in', 'key');
    expect(sec1).toContain('BEGIN EC ');
    const parameters = openssl({}, 'ecparam', '-name', 'prime256v1');
    expect(used({ ...given(root), privateKey: `${parameters}${sec1}` })).toMatchObject({ verdict: 'OK' });
  });

  it('may have names and words between its certificates', () => {
    const commented = `subject=root\r\n${root.certificate.replaceAll('\n', '\r\n')}\r\n# end\r\n`;
    expect(used({ ...given(root), certificateChain: commented })).toMatchObject({ verdict: 'OK' });
  });
});

describe('what is wrong with an authority that is given', () => {
  it('is said of a key', () => {
    expect(problems({ ...given(root), privateKey: intermediate.key })).toEqual([
      'tls.key does not belong to certificate 1 of tls.crt',
    ]);
    expect(problems({ ...given(root), privateKey: '' })).toEqual(['tls.key is no private key in PEM']);
    expect(problems({ ...given(root), privateKey: root.certificate })).toEqual(['tls.key is no private key in PEM']);
    const encrypted = openssl({ key: root.key }, 'pkey', '-in', 'key', '-aes128', '-passout', 'pass:secret');
    expect(problems({ ...given(root), privateKey: encrypted })).toEqual([
      'tls.key is encrypted, and there is nobody to ask for its passphrase; keep it in clear text',
    ]);
  });

  it('is said of the kind of a key', () => {
    const kind = (newKey: readonly string[]) => problems(given(makeAuthority({ name: 'root', newKey })));
    expect(kind(keys.p521)).toEqual(['tls.key is on curve secp521r1, which Envoy does not verify; use P-256 or P-384']);
    expect(kind(keys.rsa1024)).toEqual(['tls.key is RSA of 1024 bits, which is too weak; use 2048 or more']);
    expect(kind(keys.ed25519)).toEqual(['tls.key is of kind ed25519, which Envoy does not verify; use ECDSA on P-256']);
  });

  it('is said of what cannot be read', () => {
    expect(problems({ ...given(root), certificateChain: '' })).toEqual(['tls.crt holds no certificate']);
    const broken = certificatePem(Buffer.from('broken'));
    expect(problems({ ...given(root), certificateChain: root.certificate + broken })).toEqual([
      'certificate 2 of tls.crt cannot be read',
    ]);
    expect(problems({ ...given(root), roots: broken })).toEqual(['certificate 1 of ca.crt cannot be read']);
    expect(problems({ ...given(root), roots: '' })).toEqual(['ca.crt holds no certificate that is valid now']);
  });

  it('is said of what may not sign', () => {
    const leaf = makeAuthority({ name: 'leaf', issuer: root, extensions: ['basicConstraints=critical,CA:FALSE'] });
    expect(problems(given(leaf, [], [root]))).toEqual([
      'certificate 1 of tls.crt is not an authority: its basic constraints do not say CA:TRUE',
    ]);
    const bare = makeAuthority({ name: 'leaf', issuer: root, extensions: [] });
    expect(problems(given(bare, [], [root]))).toEqual([
      'certificate 1 of tls.crt is not an authority: its basic constraints do not say CA:TRUE',
    ]);
    const extensions = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,digitalSignature'];
    expect(problems(given(makeAuthority({ name: 'signer', issuer: root, extensions }), [], [root]))).toEqual([
      'certificate 1 of tls.crt may not sign certificates: its key usage lacks keyCertSign',
    ]);
  });

  it('is said of a chain that is longer than its authorities allow', () => {
    const constraints = (length: number) => [
      `basicConstraints=critical,CA:TRUE,pathlen:${length}`,
      'keyUsage=critical,keyCertSign',
    ];
    const narrow = makeAuthority({ name: 'narrow', extensions: constraints(0) });
    const below = makeAuthority({ name: 'below', issuer: narrow });
    expect(problems(given(narrow))).toEqual([]);
    expect(problems(given(below, [], [narrow]))).toEqual([
      'certificate 1 of ca.crt allows 0 authorities below it (pathlen), and there are 1',
    ]);
    expect(problems(given(below, [narrow]))).toEqual([
      'certificate 2 of tls.crt allows 0 authorities below it (pathlen), and there are 1',
    ]);
    const wide = makeAuthority({ name: 'wide', extensions: constraints(1) });
    expect(problems(given(makeAuthority({ name: 'below', issuer: wide }), [], [wide]))).toEqual([]);
  });

  it('is said of its time', () => {
    const { notBefore, notAfter } = readCertificate(certificatesOf(root.certificate)[0] ?? Buffer.alloc(0));
    expect(problems(given(root), now + 11 * year)).toEqual([
      `certificate 1 of tls.crt has ended at ${new Date(notAfter).toISOString()}`,
    ]);
    expect(problems(given(root), now - year)).toEqual([
      `certificate 1 of tls.crt is not valid before ${new Date(notBefore).toISOString()}`,
    ]);
    expect(problems(given(intermediate, [], [root]), now + 11 * year).at(-1)).toBe(
      'ca.crt holds no certificate that is valid now',
    );
  });

  it('is said of the order of a chain, and of one that leads nowhere', () => {
    expect(problems({ ...given(second, [intermediate, root]), privateKey: root.key })).toEqual([
      'tls.key belongs to certificate 3 of tls.crt; the certificate that signs must come first',
    ]);
    expect(problems(given(second, [root], [root]))).toEqual([
      'certificate 1 of tls.crt was not issued by certificate 2 of tls.crt; after the certificate that signs comes its issuer, and so on up',
    ]);
    expect(problems(given(second, [], [root]))).toEqual([
      'certificate 1 of tls.crt was issued by none of the certificates of ca.crt',
    ]);
    expect(problems(given(second, [intermediate]))).toEqual([
      'tls.crt does not end in a root, and there is no ca.crt to hold it',
    ]);
    const sameName = makeAuthority({ name: 'root' });
    expect(problems(given(intermediate, [], [sameName]))).toEqual([
      'certificate 1 of tls.crt was issued by none of the certificates of ca.crt',
    ]);
  });

  it('is said all at once, and without anything of the key', () => {
    const leaf = makeAuthority({ name: 'leaf', issuer: root, extensions: [] });
    const said = problems({ ...given(leaf, [], [second]), privateKey: second.key }, now + 11 * year);
    expect(said.map((problem) => problem.replace(/at .*Z/, 'at <time>'))).toEqual([
      'tls.key does not belong to certificate 1 of tls.crt',
      'certificate 1 of tls.crt is not an authority: its basic constraints do not say CA:TRUE',
      'certificate 1 of tls.crt has ended at <time>',
      'ca.crt holds no certificate that is valid now',
    ]);
  });
});

describe('a certificate', () => {
  it('that was damaged is read or refused, and nothing else', () => {
    const der = certificatesOf(root.certificate)[0] ?? Buffer.alloc(0);
    const damage = fc.array(fc.tuple(fc.nat({ max: der.length - 1 }), fc.nat({ max: 255 })), {
      minLength: 1,
      maxLength: 3,
    });
    fc.assert(
      fc.property(damage, (changes) => {
        const damaged = Buffer.from(der);
        for (const [at, byte] of changes) damaged[at] = byte;
        try {
          readCertificate(damaged);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedDer);
        }
      }),
      { numRuns: 3_000 },
    );
  });
});
