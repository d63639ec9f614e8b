import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** OpenSSL as a second opinion about certificates, and as somebody else who makes authorities. */

/** Runs with files of this content, named in the arguments by their names; gives what was printed. */
export function openssl(files: { readonly [name: string]: string | Uint8Array }, ...args: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'meshwright-openssl-'));
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    return execFileSync('openssl', args, { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * What OpenSSL says of a certificate and what leads from it to a root, by its strict rules: `OK`, or why it refuses.
 *
 * @param at milliseconds since 1970
 */
export function verdict(roots: string, chain: string, at: number): string {
  const args = ['-x509_strict', '-attime', String(Math.floor(at / 1_000)), '-CAfile', 'roots', '-untrusted', 'chain'];
  try {
    return openssl({ roots, chain }, 'verify', ...args, 'chain')
      .replace('chain: ', '')
      .trim();
  } catch (error) {
    return /lookup: (.*)/.exec((error as { readonly stderr: string }).stderr)?.[1] ?? String(error);
  }
}

/** Fails unless OpenSSL accepts every one of these leaves, which a root has signed itself. */
export function verifyAll(root: string, leaves: readonly string[], at: number): void {
  const files = leaves.map((leaf, index) => [`leaf${index}.pem`, leaf] as const);
  const args = ['verify', '-x509_strict', '-attime', String(Math.floor(at / 1_000)), '-CAfile', 'root.pem'];
  openssl({ 'root.pem': root, ...Object.fromEntries(files) }, ...args, ...files.map(([name]) => name));
}

export interface MadeAuthority {
  readonly certificate: string;
  readonly key: string;
}

export interface AuthorityOptions {
  readonly name: string;
  /** As `openssl req` takes it. @default an EC key of P-256 */
  readonly newKey?: readonly string[];
  /** Absent: it signs itself. */
  readonly issuer?: MadeAuthority;
  /** @default CA:TRUE, keyCertSign and cRLSign */
  readonly extensions?: readonly string[];
  /** @default 3650 */
  readonly days?: number;
}

export const keys = {
  p256: ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  p384: ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-384'],
  p521: ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-521'],
  rsa1024: ['-newkey', 'rsa:1024'],
  rsa2048: ['-newkey', 'rsa:2048'],
  ed25519: ['-newkey', 'ed25519'],
} as const;

export function makeAuthority(options: AuthorityOptions): MadeAuthority {
  const {
    name,
    newKey = keys.p256,
    issuer,
    extensions = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign'],
    days = 3_650,
  } = options;
  const folder = mkdtempSync(join(tmpdir(), 'meshwright-openssl-'));
  const path = (file: string) => join(folder, file);
  try {
    if (issuer !== undefined) {
      writeFileSync(path('issuer.crt'), issuer.certificate);
      writeFileSync(path('issuer.key'), issuer.key);
    }
    const by = issuer === undefined ? [] : ['-CA', path('issuer.crt'), '-CAkey', path('issuer.key')];
    const added = extensions.flatMap((extension) => ['-addext', extension]);
    const files = ['-keyout', path('new.key'), '-out', path('new.crt')];
    // The configuration of the system would add extensions of its own.
    writeFileSync(path('empty.cnf'), '[req]\ndistinguished_name=dn\n[dn]\n');
    const fixed = ['req', '-x509', '-config', path('empty.cnf'), '-nodes', '-subj', `/O=Test/CN=${name}`];
    execFileSync('openssl', [...fixed, '-days', String(days), ...newKey, ...by, ...added, ...files], { stdio: 'pipe' });
    return { certificate: readFileSync(path('new.crt'), 'utf8'), key: readFileSync(path('new.key'), 'utf8') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
