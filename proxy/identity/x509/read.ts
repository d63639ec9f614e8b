import {
  children,
  contextTag,
  decode,
  hasBit,
  MalformedDer,
  readObjectIdentifier,
  readTime,
  tags,
  type Value,
} from './der';
import { oids, usages } from './identifiers';

/** What {@link readCertificate} finds. Times are milliseconds since 1970. */
export interface ReadCertificate {
  readonly der: Buffer;
  /** Encoded names. */
  readonly issuer: Buffer;
  readonly subject: Buffer;
  readonly notBefore: number;
  readonly notAfter: number;
  /** `SubjectPublicKeyInfo`. */
  readonly publicKey: Buffer;
  /** The key alone. */
  readonly publicKeyBits: Buffer;
  readonly isAuthority: boolean;
  /** How many authorities may stand between it and a leaf. Absent: any number. */
  readonly pathLength?: number;
  /** Absent: the key may be used for anything. */
  readonly mayCertify?: boolean;
  readonly subjectKeyIdentifier?: Buffer;
}

/**
 * What must be known of an authority's certificate to issue in its name, and what Node's `X509Certificate` does not tell of it.
 *
 * @throws MalformedDer
 */
export function readCertificate(der: Buffer): ReadCertificate {
  const [toBeSigned] = children(expect(decode(der), tags.sequence));
  const fields = children(expect(toBeSigned, tags.sequence));
  // The version is left out by certificates of version 1, which have no extensions.
  const hasVersion = fields[0]?.tag === contextTag(0, 'constructed');
  const [, , issuer, validity, subject, publicKey, ...others] = hasVersion ? fields.slice(1) : fields;
  const [notBefore, notAfter] = children(expect(validity, tags.sequence));
  const [, bits] = children(expect(publicKey, tags.sequence));
  const list = others.find(({ tag }) => tag === contextTag(3, 'constructed'));
  const extensions = list === undefined ? new Map<string, Buffer>() : readExtensions(list);
  return {
    der,
    issuer: expect(issuer, tags.sequence).whole,
    subject: expect(subject, tags.sequence).whole,
    notBefore: readTime(present(notBefore)),
    notAfter: readTime(present(notAfter)),
    publicKey: expect(publicKey, tags.sequence).whole,
    publicKeyBits: expect(bits, tags.bitString).content.subarray(1),
    ...constraintsOf(extensions.get(oids.basicConstraints)),
    ...usageOf(extensions.get(oids.keyUsage)),
    ...keyIdentifierOf(extensions.get(oids.subjectKeyIdentifier)),
  };
}

/** Values by identifier. */
function readExtensions(field: Value): ReadonlyMap<string, Buffer> {
  const [list] = children(field);
  return new Map(
    children(expect(list, tags.sequence)).map((one) => {
      const parts = children(expect(one, tags.sequence));
      const oid = readObjectIdentifier(expect(parts[0], tags.objectIdentifier).content);
      return [oid, expect(parts.at(-1), tags.octetString).content] as const;
    }),
  );
}

function constraintsOf(extension: Buffer | undefined): Pick<ReadCertificate, 'isAuthority' | 'pathLength'> {
  if (extension === undefined) return { isAuthority: false };
  const fields = children(expect(decode(extension), tags.sequence));
  const authority = fields.find(({ tag }) => tag === tags.boolean);
  const length = fields.find(({ tag }) => tag === tags.integer);
  return {
    isAuthority: authority?.content[0] === 0xff,
    ...(length === undefined ? {} : { pathLength: Number.parseInt(length.content.toString('hex'), 16) }),
  };
}

function usageOf(extension: Buffer | undefined): Pick<ReadCertificate, 'mayCertify'> {
  if (extension === undefined) return {};
  return { mayCertify: hasBit(expect(decode(extension), tags.bitString).content, usages.keyCertSign) };
}

function keyIdentifierOf(extension: Buffer | undefined): Pick<ReadCertificate, 'subjectKeyIdentifier'> {
  if (extension === undefined) return {};
  return { subjectKeyIdentifier: expect(decode(extension), tags.octetString).content };
}

function expect(value: Value | undefined, tag: number): Value {
  const found = present(value);
  if (found.tag !== tag) throw new MalformedDer(`tag ${found.tag} stands where ${tag} must`);
  return found;
}

function present(value: Value | undefined): Value {
  if (value === undefined) throw new MalformedDer('a part is missing');
  return value;
}
