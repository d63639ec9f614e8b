import { createPrivateKey } from 'node:crypto';
import {
  authorityConstraints,
  authorityKeyIdentifier,
  authorityUsage,
  certificate,
  distinguishedName,
  keyIdentifier,
  type Signer,
  serialNumber,
  subjectAlternativeName,
  subjectKeyIdentifier,
} from './x509/certificate';
import { isFit, keyKindOf } from './x509/key-kind';
import { newKey } from './x509/new-key';
import { certificatePem, certificatesOf } from './x509/pem';
import { type ReadCertificate, readCertificate } from './x509/read';

/** What certificates are signed with, and what they are verified by: PEM, as it is kept. */
export interface Issuer {
  /** `made` by the control plane, which keeps its key; `given` to it, with a key that somebody else keeps. */
  readonly origin: 'made' | 'given';
  /** The certificate that signs, and those that lead from it to a root. A root itself stands alone. */
  readonly certificateChain: string;
  /** Absent where it is not known (any more): then nothing can be signed. */
  readonly privateKey?: string;
  /** What verifies its leaves. */
  readonly roots: string;
}

/** Random bytes that nobody can guess. */
export type Random = (bytes: number) => Uint8Array;

/** All times in milliseconds since 1970. */
export interface NewRoot {
  readonly trustDomain: string;
  readonly lifetime: number;
  readonly now: number;
  readonly random: Random;
}

/**
 * A root of the mesh's own: a new key of P-256 and a certificate by itself. It is a signing certificate as SPIFFE has it, named by the
 * trust domain alone. https://github.com/spiffe/spiffe/blob/main/standards/X509-SVID.md#32-signing-certificates
 */
export function makeRoot({ trustDomain, lifetime, now, random }: NewRoot): Issuer {
  const { publicKey, point, privateKey } = newKey();
  const serial = serialNumber(random);
  // Each root has a name of its own: with two of one name, a verifier may take the wrong one for the issuer.
  const commonName = `root ${Buffer.from(serial).toString('hex').slice(0, 16)}`;
  const subject = distinguishedName({ organization: trustDomain, commonName });
  const der = certificate(
    {
      serial,
      subject,
      notBefore: now - Math.min(rootBackdating, lifetime / 8),
      notAfter: now + lifetime,
      publicKey,
      extensions: [
        authorityConstraints,
        authorityUsage,
        subjectKeyIdentifier(keyIdentifier(point)),
        subjectAlternativeName([{ kind: 'uri', uri: `spiffe://${trustDomain}` }], 'not critical'),
      ],
    },
    { name: subject, key: createPrivateKey(privateKey), keyKind: 'P-256' },
  );
  const certificateChain = certificatePem(der);
  return { origin: 'made', certificateChain, privateKey, roots: certificateChain };
}

/** For machines whose clocks are behind: none that works at all is so by more than an hour. Of a short life it is but a part. */
const rootBackdating = 3_600_000;

/** An issuer that is ready to sign. */
export interface OpenIssuer extends Signer {
  /** The extension by which leaves name the key that has signed them. */
  readonly authorityKey: Buffer;
  /** Follows each leaf in its chain: what leads to the root, PEM. Empty where the root itself signs. */
  readonly intermediates: string;
  readonly notBefore: number;
  /** Of the certificates between a leaf and the end of trust, the first end. */
  readonly ends: number;
}

/** Absent: its key is not known. The issuer is one that was checked ({@link ./given-issuer}) or made. */
export function openIssuer(issuer: Issuer): OpenIssuer | undefined {
  if (issuer.privateKey === undefined) return undefined;
  const chain = certificatesOf(issuer.certificateChain).map(readCertificate);
  const [signing] = chain;
  const key = createPrivateKey(issuer.privateKey);
  const keyKind = keyKindOf(key);
  if (signing === undefined || !isFit(keyKind)) return undefined;
  const intermediates = chain.filter(({ issuer, subject }) => !issuer.equals(subject));
  const roots = certificatesOf(issuer.roots).map(readCertificate);
  return {
    name: signing.subject,
    key,
    keyKind,
    authorityKey: authorityKeyIdentifier(signing.subjectKeyIdentifier ?? keyIdentifier(signing.publicKeyBits)),
    intermediates: intermediates.map(({ der }) => certificatePem(der)).join(''),
    notBefore: signing.notBefore,
    ends: Math.min(...[...chain, ...rootsAbove(chain, roots)].map(({ notAfter }) => notAfter)),
  };
}

/** Several may have the name of the issuer; then the one that lives longest will do. */
function rootsAbove(chain: readonly ReadCertificate[], roots: readonly ReadCertificate[]): readonly ReadCertificate[] {
  const top = chain.at(-1);
  const above = roots.filter(({ subject }) => top?.issuer.equals(subject));
  return above.sort((a, b) => b.notAfter - a.notAfter).slice(0, 1);
}
