import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { rootCertificates } from 'node:tls';
import type { Mesh } from '../../lib/model';
import { ControlPlane } from '../../proxy/control-plane';
import { type LocalTokens, localTokens, memoryStore, RootOfTrust, type TrustSettings } from '../../proxy/identity';
import { type Fields, jsonLog, type Log } from '../../proxy/log';
import { MemorySource } from '../../proxy/sources/memory';
import { systemClock } from '../../proxy/system-clock';
import type { RunFolder } from './run-folder';

/** The control plane of a mesh on this machine, in this very process, with a root of trust that ends with it. */
export class LocalControlPlane {
  private constructor(
    private readonly controlPlane: ControlPlane,
    readonly source: MemorySource,
    readonly tokens: LocalTokens,
    readonly authority: RootOfTrust,
    private readonly logFile: LinesFile,
  ) {}

  /** @param warned what its log says of trouble, for people */
  static async start(
    mesh: Mesh,
    folder: RunFolder,
    ports: { readonly xds: number; readonly admin: number },
    warned: (text: string) => void,
  ): Promise<LocalControlPlane> {
    const logFile = new LinesFile(join(folder.logs, 'control-plane.log'));
    const log = alsoTold(
      jsonLog((line) => logFile.write(line), Date.now),
      warned,
    );
    const tokens = localTokens(systemClock);
    const authority = new RootOfTrust({
      store: memoryStore(),
      source: { kind: 'made' },
      settings: trustSettings(mesh),
      clock: systemClock,
      random: randomBytes,
      log,
    });
    await authority.ready;
    const source = new MemorySource();
    const host = '127.0.0.1';
    const controlPlane = await ControlPlane.start({
      source,
      authority,
      authenticator: tokens,
      clock: systemClock,
      log,
      xds: { host, port: ports.xds, serverNames: [host] },
      admin: { host, port: ports.admin },
      systemRoots: systemRoots(folder),
      onProgress: (progress) => authority.report(progress),
    });
    return new LocalControlPlane(controlPlane, source, tokens, authority, logFile);
  }

  get xdsPort(): number {
    return this.controlPlane.xdsPort;
  }

  /** `http://127.0.0.1:20003` */
  get admin(): string {
    return `http://127.0.0.1:${this.controlPlane.adminPort}`;
  }

  configure(mesh: Mesh): void {
    this.authority.configure(trustSettings(mesh));
  }

  /** Fulfilled when every proxy that is connected has what it is to have, or has had enough time for it. */
  async settled(): Promise<void> {
    for (const until = performance.now() + patience; performance.now() < until; await delay(10)) {
      const { proxies } = (await getJson(`${this.admin}/proxies`)) as {
        readonly proxies: readonly { readonly settled: boolean }[];
      };
      if (proxies.every(({ settled }) => settled)) return;
    }
  }

  async close(): Promise<void> {
    await this.controlPlane.close();
    this.authority.close();
    this.logFile.close();
  }
}

/** A log that may be written to for a moment after its end: streams that were waiting for something end after everything else. */
class LinesFile {
  private file: number | undefined;

  constructor(path: string) {
    this.file = openSync(path, 'a', 0o600);
  }

  write(line: string): void {
    if (this.file !== undefined) writeSync(this.file, line);
  }

  close(): void {
    if (this.file !== undefined) closeSync(this.file);
    this.file = undefined;
  }
}

const patience = 3_000;

function trustSettings({ trustDomain, certificates }: Mesh): TrustSettings {
  const { root, lifetime } = certificates;
  // A root of somebody else's is in the cluster; here there is one of our own in its place.
  const rootLifetime = root.kind === 'secret' ? 365 * 24 * 3_600_000 : root.lifetime;
  return { trustDomain, leafLifetime: lifetime, rootLifetime };
}

/** Files in which systems keep their roots: Debian, Fedora, Alpine and macOS. */
const rootFiles = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt', '/etc/ssl/cert.pem'];

/** A system without any has at least those that come with Node. */
function systemRoots(folder: RunFolder): string {
  const found = rootFiles.find((file) => existsSync(file));
  if (found !== undefined) return found;
  const own = join(folder.path, 'system-roots.pem');
  writeFileSync(own, `${rootCertificates.join('\n')}\n`);
  return own;
}

/** People see trouble where they are, and all of the log in its file. */
function alsoTold(log: Log, warned: (text: string) => void): Log {
  const told = (message: string, fields: Fields = {}) => {
    const shown = Object.entries(fields).map(([name, value]) => `${name}=${value}`);
    warned(`control plane: ${[message, ...shown].join(' ')}`);
  };
  return {
    ...log,
    warn: (message, fields) => {
      log.warn(message, fields);
      told(message, fields);
    },
    error: (message, fields) => {
      log.error(message, fields);
      told(message, fields);
    },
  };
}

/** @throws Error when it cannot be reached, or has nothing there */
export function getJson(url: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false, timeout: 5_000 }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      response.once('error', reject);
      response.once('end', () => {
        if (response.statusCode === 200) resolve(JSON.parse(text));
        else reject(new Error(text.trim()));
      });
    });
    request.once('timeout', () => request.destroy(new Error(`${url} does not answer`)));
    request.once('error', reject);
  });
}
