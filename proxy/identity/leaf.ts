import { isIP, isIPv4 } from 'node:net';
import { CannotIssue, type Leaf } from './authority';
import type { OpenIssuer, Random } from './issuer';
import {
  type AlternativeName,
  certificate,
  emptyName,
  extendedUsage,
  keyIdentifier,
  leafConstraints,
  leafUsage,
  serialNumber,
  subjectAlternativeName,
  subjectKeyIdentifier,
} from './x509/certificate';
import { newKey } from './x509/new-key';
import { certificatePem } from './x509/pem';

/** How long a leaf lives, and who is certified. Times in milliseconds. */
export interface LeafRequest {
  readonly subject: LeafSubject;
  readonly lifetime: number;
  readonly now: number;
  readonly random: Random;
}

export type LeafSubject =
  /** A proxy: client and server in one. */
  | { readonly kind: 'workload'; readonly spiffeId: string }
  /** A server that is found by DNS name or address. */
  | { readonly kind: 'server'; readonly hosts: readonly string[] };

/**
 * A certificate of the mesh with a new key. It is named by its alternative name alone: one SPIFFE ID, or the hosts of a server, which so
 * is no SVID and cannot pass for one. https://github.com/spiffe/spiffe/blob/main/standards/X509-SVID.md#4-constraints-and-usage
 *
 * @throws CannotIssue
 */
export function issueLeaf(issuer: OpenIssuer, request: LeafRequest): Omit<Leaf, 'generation'> {
  const { subject, now, random } = request;
  const names = alternativeNames(subject);
  const notBefore = wholeSeconds(Math.max(now - leafBackdating, issuer.notBefore));
  const notAfter = wholeSeconds(Math.min(now + lifetimeOf(request.lifetime, issuer), issuer.ends));
  if (notAfter <= now) {
    throw new CannotIssue(`what signs certificates has ended at ${new Date(issuer.ends).toISOString()}; replace it`);
  }
  const { publicKey, point, privateKey } = newKey();
  const der = certificate(
    {
      serial: serialNumber(random),
      subject: emptyName,
      notBefore,
      notAfter,
      publicKey,
      extensions: [
        leafConstraints,
        leafUsage,
        subject.kind === 'workload' ? workloadUsage : serverUsage,
        subjectKeyIdentifier(keyIdentifier(point)),
        issuer.authorityKey,
        subjectAlternativeName(names, 'critical'),
      ],
    },
    issuer,
  );
  return {
    certificateChain: certificatePem(der) + issuer.intermediates,
    privateKey,
    notBefore,
    notAfter,
    renewAt: now + (notAfter - now) / 2,
  };
}

/** For proxies whose clocks are behind. */
const leafBackdating = 5 * 60_000;

/**
 * How long a leaf lives, of the lifetime that is asked for: an issuer lives at least eight times as long. A rotation waits up to twice for
 * the life of a leaf ({@link ./rotation}), and begins when a third of the root's life is left.
 */
export function lifetimeOf(asked: number, issuer: { readonly notBefore: number; readonly ends: number }): number {
  return Math.min(asked, (issuer.ends - issuer.notBefore) / 8);
}

const workloadUsage = extendedUsage('serverAuth', 'clientAuth');
const serverUsage = extendedUsage('serverAuth');

function wholeSeconds(time: number): number {
  return Math.floor(time / 1_000) * 1_000;
}

function alternativeNames(subject: LeafSubject): readonly AlternativeName[] {
  switch (subject.kind) {
    case 'workload':
      if (!isSpiffeId(subject.spiffeId)) throw new CannotIssue(`${JSON.stringify(subject.spiffeId)} is no SPIFFE ID`);
      return [{ kind: 'uri', uri: subject.spiffeId }];
    case 'server':
      if (subject.hosts.length === 0) throw new CannotIssue('a server without a host cannot be certified');
      return subject.hosts.map(hostName);
  }
}

/** https://github.com/spiffe/spiffe/blob/main/standards/SPIFFE-ID.md#2-spiffe-identity */
function isSpiffeId(id: string): boolean {
  const [, domain = '', path = ''] = /^spiffe:\/\/([a-z0-9._-]+)((?:\/[A-Za-z0-9._-]+)+)$/.exec(id) ?? [];
  const dots = path.split('/').some((segment) => segment === '.' || segment === '..');
  return domain.length > 0 && domain.length <= 255 && id.length <= 2_048 && !dots;
}

function hostName(host: string): AlternativeName {
  if (isIP(host) !== 0 && !host.includes('%')) return { kind: 'address', bytes: addressBytes(host) };
  const isDnsName =
    host.length <= 253 && host.split('.').every((label) => /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/i.test(label));
  if (!isDnsName) throw new CannotIssue(`${JSON.stringify(host)} is neither a DNS name nor an address`);
  return { kind: 'dns', host };
}

function addressBytes(address: string): Uint8Array {
  if (isIPv4(address)) return Uint8Array.from(address.split('.').map(Number));
  // A URL has the address in hexadecimal groups alone, of which a row of zeros may be left out.
  const [before = '', after] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  const [left, right] = [groups(before), groups(after ?? '')];
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0');
  return Buffer.from([...left, ...zeros, ...right].map((group) => group.padStart(4, '0')).join(''), 'hex');
}
