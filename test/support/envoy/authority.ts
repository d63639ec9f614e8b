import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A root of trust that lives as long as a test. */
export interface Authority {
  /** Its certificate, PEM. */
  readonly certificate: string;
  /** For a server that is found under this name. */
  readonly issue: (host: string) => { readonly cert: string; readonly key: string };
  /** For a proxy of this SPIFFE ID. */
  readonly identify: (spiffeId: string) => { readonly cert: string; readonly key: string };
  readonly remove: () => void;
}

export function authority(name: string): Authority {
  const folder = mkdtempSync(join(tmpdir(), 'meshwright-authority-'));
  const path = (file: string) => join(folder, file);
  const certify = (file: string, subject: string, more: readonly string[]) => {
    const files = ['-keyout', path(`${file}.key`), '-out', path(`${file}.crt`)];
    execFileSync('openssl', ['req', '-x509', ...newKey, '-days', '2', '-subj', `/CN=${subject}`, ...files, ...more], {
      stdio: 'pipe',
    });
    return { cert: readFileSync(path(`${file}.crt`), 'utf8'), key: readFileSync(path(`${file}.key`), 'utf8') };
  };

  const root = certify('root', name, []);
  const byRoot = ['-CA', path('root.crt'), '-CAkey', path('root.key'), '-addext', 'basicConstraints=CA:FALSE'];
  return {
    certificate: root.cert,
    issue: (host) => certify('leaf', host, [...byRoot, '-addext', `subjectAltName=DNS:${host}`]),
    identify: (id) => certify('identity', 'proxy', [...byRoot, '-addext', `subjectAltName=critical,URI:${id}`]),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
