import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { names } from '../../../lib/model';
import { CannotIssue } from '../../../proxy/identity';
import { issueLeaf, type LeafSubject } from '../../../proxy/identity/leaf';
import { certificatesOf } from '../../../proxy/identity/x509/pem';
import { readCertificate } from '../../../proxy/identity/x509/read';
import { openssl, verdict, verifyAll } from './openssl';
import { day, hour, minute, newRoot, opened, second, trustDomain, year } from './support';

const now = Date.parse('2026-11-25T12:00:00.500Z');
const spiffeId = names.spiffeId(trustDomain, { namespace: 'storefront', serviceAccount: 'reviews' });
const workload: LeafSubject = { kind: 'workload', spiffeId };

const issued = (subject: LeafSubject, { at = now, lifetime = day, root = newRoot(at) } = {}) => ({
  root,
  leaf: issueLeaf(opened(root), { subject, lifetime, now: at, random: randomBytes }),
});

const text = (pem: string) => openssl({ pem }, 'x509', '-in', 'pem', '-noout', '-text');
const extensions = (pem: string) =>
  /X509v3 extensions:\n([\s\S]*) {4}Signature Algorithm/
    .exec(text(pem))?.[1]
    ?.replace(/([0-9A-F]{2}:){19}[0-9A-F]{2}/g, '<key>')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

describe('a certificate of a proxy', () => {
  it('is an X.509-SVID: one SPIFFE ID, no authority, for both ends of TLS', () => {
    const { leaf } = issued(workload);
    expect(extensions(leaf.certificateChain)).toEqual([
      'X509v3 Basic Constraints: critical',
      'CA:FALSE',
      'X509v3 Key Usage: critical',
      'Digital Signature',
      'X509v3 Extended Key Usage:',
      'TLS Web Server Authentication, TLS Web Client Authentication',
      'X509v3 Subject Key Identifier:',
      '<key>',
      'X509v3 Authority Key Identifier:',
      '<key>',
      'X509v3 Subject Alternative Name: critical',
      'URI:spiffe://shop.example/ns/storefront/sa/reviews',
    ]);
  });

  it('begins five minutes ago and lives for as long as was asked, in whole seconds', () => {
    const { leaf } = issued(workload);
    expect(leaf).toMatchObject({
      notBefore: Date.parse('2026-11-25T11:55:00Z'),
      notAfter: Date.parse('2026-11-26T12:00:00Z'),
      renewAt: now + (Date.parse('2026-11-26T12:00:00Z') - now) / 2,
    });
    const { validFrom, validTo } = new X509Certificate(leaf.certificateChain);
    expect([validFrom, validTo].map((date) => Date.parse(date))).toEqual([leaf.notBefore, leaf.notAfter]);
  });

  it('never outlives what signs it, nor an eighth of its life', () => {
    const root = newRoot(now, 80 * day - hour);
    const { notAfter } = readCertificate(certificatesOf(root.roots)[0] ?? Buffer.alloc(0));
    expect(issued(workload, { root, lifetime: 30 * day }).leaf.notAfter).toBe(
      Math.floor((now + 10 * day) / 1_000) * 1_000,
    );
    expect(issued(workload, { root, at: notAfter - 2 * hour }).leaf.notAfter).toBe(notAfter);
    expect(issued(workload, { root, at: notAfter - second }).leaf.notAfter).toBe(notAfter);
    expect(() => issued(workload, { root, at: notAfter })).toThrow(
      new CannotIssue(`what signs certificates has ended at ${new Date(notAfter).toISOString()}; replace it`),
    );
  });

  it('has a key and a serial number of its own, 16 bytes, positive', () => {
    const { root, leaf } = issued(workload);
    const all = [leaf, ...Array.from({ length: 50 }, () => issued(workload, { root }).leaf)];
    const serials = all.map(({ certificateChain }) => new X509Certificate(certificateChain).serialNumber);
    for (const serial of serials) expect(serial).toMatch(/^[4-7][0-9A-F]{31}$/);
    expect(new Set(serials).size).toBe(all.length);
    expect(new Set(all.map(({ privateKey }) => privateKey)).size).toBe(all.length);
  });

  it('has a serial number that is right whatever the bytes are', () => {
    for (const byte of [0x00, 0x7f, 0x80, 0xff]) {
      const root = newRoot(now);
      const random = (bytes: number) => new Uint8Array(bytes).fill(byte);
      const leaf = issueLeaf(opened(root), { subject: workload, lifetime: day, now, random });
      expect(verdict(root.roots, leaf.certificateChain, now)).toBe('OK');
      expect(new X509Certificate(leaf.certificateChain).serialNumber).toMatch(/^[4-7][0-9A-F]{31}$/);
    }
  });

  it('is accepted by OpenSSL and by Node for every legal identity, at every time', () => {
    const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
    const subdomain = fc
      .array(label, { minLength: 1, maxLength: 4 })
      .map((labels) => labels.join('.'))
      .filter((name) => name.length <= 253);
    const identity = fc.record({ namespace: label, serviceAccount: subdomain });
    const domain = fc.stringMatching(/^[a-z0-9._-]{1,255}$/);
    const when = fc.oneof(
      fc
        .date({ min: new Date('2026-01-01'), max: new Date('2120-01-01'), noInvalidDate: true })
        .map((date) => date.getTime()),
      ...['2049-12-30T00:00:00Z', '2049-12-31T23:59:59Z', '2050-01-01T00:00:00Z', '2051-01-01T00:00:00Z'].map((date) =>
        fc.constant(Date.parse(date)),
      ),
    );
    const lifetime = fc.integer({ min: minute, max: 30 * day });
    const group = fc.tuple(when, fc.array(fc.tuple(identity, domain, lifetime), { minLength: 10, maxLength: 10 }));
    fc.assert(
      fc.property(group, ([at, requests]) => {
        const root = newRoot(at, 5 * year);
        const signer = opened(root);
        const by = new X509Certificate(root.roots);
        const leaves = requests.map(([who, trusted, life]) => {
          const id = names.spiffeId(trusted, who);
          const subject = { kind: 'workload', spiffeId: id } as const;
          const leaf = issueLeaf(signer, { subject, lifetime: life, now: at, random: randomBytes });
          const x509 = new X509Certificate(leaf.certificateChain);
          expect(x509.subjectAltName).toBe(`URI:${id}`);
          expect(x509.subject).toBeUndefined();
          expect(x509.ca).toBe(false);
          expect(x509.checkIssued(by) && x509.verify(by.publicKey)).toBe(true);
          expect(x509.checkPrivateKey(createPrivateKey(leaf.privateKey))).toBe(true);
          expect([x509.validFrom, x509.validTo].map((date) => Date.parse(date))).toEqual([
            leaf.notBefore,
            leaf.notAfter,
          ]);
          return leaf.certificateChain;
        });
        verifyAll(root.roots, leaves, at);
      }),
      { numRuns: 15 },
    );
  });

  it('is refused by OpenSSL before its time, after it, and under another root', () => {
    const { root, leaf } = issued(workload);
    const at = (time: number) => verdict(root.roots, leaf.certificateChain, time);
    expect(at(leaf.notBefore - second)).toBe('certificate is not yet valid');
    expect(at(leaf.notBefore)).toBe('OK');
    expect(at(leaf.notAfter - second)).toBe('OK');
    expect(at(leaf.notAfter + second)).toBe('certificate has expired');
    expect(verdict(newRoot(now).roots, leaf.certificateChain, now)).toBe('unable to get local issuer certificate');
  });

  it('is not issued for what is no SPIFFE ID of a workload', () => {
    for (const id of [
      'spiffe://shop.example',
      'spiffe://shop.example/',
      'spiffe://shop.example/ns//sa/a',
      'spiffe://shop.example/ns/../sa/a',
      'spiffe://shop.example/ns/a/sa/b?c',
      'spiffe://Shop.example/ns/a/sa/b',
      'spiffe://shop.example:443/ns/a/sa/b',
      'spiffe://shop.example/ns/a/sa/ä',
      'https://shop.example/ns/a/sa/b',
      `spiffe://shop.example/ns/a/sa/${'b'.repeat(2_048)}`,
      `spiffe://${'a'.repeat(256)}/ns/a/sa/b`,
    ]) {
      expect(() => issued({ kind: 'workload', spiffeId: id })).toThrow(
        new CannotIssue(`${JSON.stringify(id)} is no SPIFFE ID`),
      );
    }
  });
});

describe('a certificate of a server', () => {
  it('is of its hosts, and no SVID', () => {
    const hosts = [
      'meshwright.meshwright-system.svc',
      'localhost',
      '127.0.0.1',
      '::1',
      '2001:DB8::1',
      '::ffff:10.0.0.1',
    ];
    const { root, leaf } = issued({ kind: 'server', hosts });
    expect(extensions(leaf.certificateChain)).toEqual([
      'X509v3 Basic Constraints: critical',
      'CA:FALSE',
      'X509v3 Key Usage: critical',
      'Digital Signature',
      'X509v3 Extended Key Usage:',
      'TLS Web Server Authentication',
      'X509v3 Subject Key Identifier:',
      '<key>',
      'X509v3 Authority Key Identifier:',
      '<key>',
      'X509v3 Subject Alternative Name: critical',
      'DNS:meshwright.meshwright-system.svc, DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, ' +
        'IP Address:2001:DB8:0:0:0:0:0:1, IP Address:0:0:0:0:0:FFFF:A00:1',
    ]);
    const x509 = new X509Certificate(leaf.certificateChain);
    expect(x509.checkHost('localhost')).toBe('localhost');
    expect(x509.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(x509.checkIP('2001:db8::1')).toBe('2001:db8::1');
    expect(x509.checkHost('elsewhere')).toBeUndefined();
    expect(verdict(root.roots, leaf.certificateChain, now)).toBe('OK');
  });

  it('has every address as Node writes it', () => {
    const { root } = issued(workload);
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (address) => {
        const { leaf } = issued({ kind: 'server', hosts: [address] }, { root });
        expect(new X509Certificate(leaf.certificateChain).checkIP(address)).toBe(address);
      }),
    );
  });

  it('is not issued for what is no host', () => {
    expect(() => issued({ kind: 'server', hosts: [] })).toThrow(
      new CannotIssue('a server without a host cannot be certified'),
    );
    for (const host of ['', '*.example', 'a..b', '-a', 'fe80::1%eth0', 'a b', 'a'.repeat(64), '1.2.3.4:80']) {
      expect(() => issued({ kind: 'server', hosts: [host] })).toThrow(
        new CannotIssue(`${JSON.stringify(host)} is neither a DNS name nor an address`),
      );
    }
  });
});

describe('a root', () => {
  it('is a signing certificate of its trust domain, with nothing between it and a leaf', () => {
    const root = newRoot(now, year);
    expect(extensions(root.certificateChain)).toEqual([
      'X509v3 Basic Constraints: critical',
      'CA:TRUE, pathlen:0',
      'X509v3 Key Usage: critical',
      'Certificate Sign, CRL Sign',
      'X509v3 Subject Key Identifier:',
      '<key>',
      'X509v3 Subject Alternative Name:',
      'URI:spiffe://shop.example',
    ]);
    const { validFrom, validTo, subject } = new X509Certificate(root.roots);
    expect(Date.parse(validFrom)).toBe(Date.parse('2026-11-25T11:00:00Z'));
    expect(Date.parse(validTo)).toBe(Date.parse('2027-11-25T12:00:00Z'));
    expect(subject).toMatch(/^O=shop.example\nCN=root [0-9a-f]{16}$/);
    expect(verdict(root.roots, root.certificateChain, now)).toBe('OK');
  });

  it('is told from another one of the same trust domain', () => {
    const [one, other] = [newRoot(now), newRoot(now)];
    const [a, b] = [one, other].map((root) => issued(workload, { root }).leaf.certificateChain);
    for (const roots of [one.roots + other.roots, other.roots + one.roots]) {
      expect([a, b].map((chain) => verdict(roots, chain ?? '', now))).toEqual(['OK', 'OK']);
    }
  });
});
