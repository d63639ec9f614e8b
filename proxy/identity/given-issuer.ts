import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import type { Issuer } from './issuer';
import { isFit, keyKindOf } from './x509/key-kind';
import { certificatePem, certificatesOf } from './x509/pem';
import { type ReadCertificate, readCertificate } from './x509/read';

/** An authority as a Secret of type `kubernetes.io/tls` holds it, in PEM. */
export interface GivenIssuer {
  /** `tls.crt`: the certificate that signs, then those that lead to a root. */
  readonly certificateChain: string;
  /** `tls.key`. */
  readonly privateKey: string;
  /** `ca.crt`: what is to be trusted. Absent: `tls.crt` ends in a root. */
  readonly roots?: string;
}

/** What was given, ready for use; or all that is wrong with it, in words for whoever gave it and without anything of the key. */
export type ReadIssuer =
  | { readonly kind: 'issuer'; readonly issuer: Issuer }
  | { readonly kind: 'refused'; readonly problems: readonly string[] };

/**
 * Whether leaves can be signed with what was given, and whether proxies will accept them. cert-manager keeps its certificates in this form:
 * https://cert-manager.io/docs/usage/certificate/
 *
 * @param now milliseconds since 1970
 */
export function readIssuer(given: GivenIssuer, now: number): ReadIssuer {
  const chain = certificatesIn(given.certificateChain, 'tls.crt');
  const trusted = given.roots === undefined ? rootOfChain(chain) : certificatesIn(given.roots, 'ca.crt');
  const key = readKey(given.privateKey);
  const readable = chain.filter(isReadable);
  const roots = trusted.filter(isReadable).filter(({ read }) => read.notAfter > now);

  const problems = [
    ...(chain.length === 0 ? ['tls.crt holds no certificate'] : []),
    ...unreadable(chain),
    ...(given.roots === undefined ? [] : unreadable(trusted)),
    ...(typeof key === 'string' ? [key] : keyProblems(key, readable)),
    ...readable.flatMap((certificate, index) => [
      ...authorityProblems(certificate, index),
      ...lifeProblems(certificate, now),
    ]),
    ...orderProblems(readable),
    // What cannot be read may be what is missing.
    ...(readable.length === chain.length && trusted.every(isReadable) ? rootProblems(readable, roots, given) : []),
  ];
  if (problems.length > 0 || typeof key === 'string') return { kind: 'refused', problems };
  return {
    kind: 'issuer',
    issuer: {
      origin: 'given',
      certificateChain: readable.map(({ read }) => certificatePem(read.der)).join(''),
      privateKey: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
      roots: roots.map(({ read }) => certificatePem(read.der)).join(''),
    },
  };
}

type Given = Readable | { readonly where: string; readonly read: undefined };

interface Readable {
  /** `certificate 2 of tls.crt`. */
  readonly where: string;
  readonly x509: X509Certificate;
  readonly read: ReadCertificate;
}

function isReadable(given: Given): given is Readable {
  return given.read !== undefined;
}

function certificatesIn(pem: string, file: string): readonly Given[] {
  return certificatesOf(pem).map((der, index) => {
    const where = `certificate ${index + 1} of ${file}`;
    try {
      return { where, x509: new X509Certificate(der), read: readCertificate(der) };
    } catch {
      return { where, read: undefined };
    }
  });
}

function unreadable(given: readonly Given[]): readonly string[] {
  return given.filter(({ read }) => read === undefined).map(({ where }) => `${where} cannot be read`);
}

/** The last of a chain, if it is its own issuer. */
function rootOfChain(chain: readonly Given[]): readonly Given[] {
  return chain.slice(-1).filter((last) => isReadable(last) && isIssuedBy(last, last));
}

function isIssuedBy(certificate: Readable, issuer: Readable): boolean {
  return certificate.x509.checkIssued(issuer.x509) && certificate.x509.verify(issuer.x509.publicKey);
}

/** The key, or why there is none. */
function readKey(pem: string): KeyObject | string {
  try {
    return createPrivateKey(pem);
  } catch {
    return /BEGIN ENCRYPTED |^Proc-Type: 4,ENCRYPTED/m.test(pem)
      ? 'tls.key is encrypted, and there is nobody to ask for its passphrase; keep it in clear text'
      : 'tls.key is no private key in PEM';
  }
}

function keyProblems(key: KeyObject, chain: readonly Readable[]): readonly string[] {
  const kind = keyKindOf(key);
  if (!isFit(kind)) return [`tls.key ${kind.unfit}`];
  const [signing, ...others] = chain;
  if (signing === undefined || signing.x509.checkPrivateKey(key)) return [];
  const owner = others.find(({ x509 }) => x509.checkPrivateKey(key));
  return owner === undefined
    ? [`tls.key does not belong to ${signing.where}`]
    : [`tls.key belongs to ${owner.where}; the certificate that signs must come first`];
}

/** `below`: how many authorities of the chain stand between it and a leaf. https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.9 */
function authorityProblems({ where, read }: Readable, below: number): readonly string[] {
  const { isAuthority, mayCertify = true, pathLength } = read;
  return [
    ...(isAuthority ? [] : [`${where} is not an authority: its basic constraints do not say CA:TRUE`]),
    ...(mayCertify ? [] : [`${where} may not sign certificates: its key usage lacks keyCertSign`]),
    ...(pathLength !== undefined && pathLength < below
      ? [`${where} allows ${pathLength} authorities below it (pathlen), and there are ${below}`]
      : []),
  ];
}

function lifeProblems({ where, read: { notBefore, notAfter } }: Readable, now: number): readonly string[] {
  if (notAfter <= now) return [`${where} has ended at ${new Date(notAfter).toISOString()}`];
  return notBefore > now ? [`${where} is not valid before ${new Date(notBefore).toISOString()}`] : [];
}

function orderProblems(chain: readonly Readable[]): readonly string[] {
  return chain.slice(1).flatMap((above, index) => {
    const below = chain[index];
    return below === undefined || isIssuedBy(below, above)
      ? []
      : [
          `${below.where} was not issued by ${above.where}; after the certificate that signs comes its issuer, and so on up`,
        ];
  });
}

function rootProblems(chain: readonly Readable[], roots: readonly Readable[], given: GivenIssuer): readonly string[] {
  const top = chain.at(-1);
  if (top === undefined) return [];
  if (given.roots === undefined) {
    return roots.length > 0 || isIssuedBy(top, top)
      ? []
      : ['tls.crt does not end in a root, and there is no ca.crt to hold it'];
  }
  if (roots.length === 0) return ['ca.crt holds no certificate that is valid now'];
  const isTop = (root: Readable) => root.read.der.equals(top.read.der);
  const above = roots.filter((root) => isTop(root) || isIssuedBy(top, root));
  return [
    ...roots.flatMap((root) => authorityProblems(root, above.includes(root) && !isTop(root) ? chain.length : 0)),
    ...(above.length > 0 ? [] : [`${top.where} was issued by none of the certificates of ca.crt`]),
  ];
}
