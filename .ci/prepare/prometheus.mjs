// Prometheus and promtool, which judge rules and queries: those on the PATH, or those in Debian's package. The package is
// unpacked, not installed: an installation would start a server.
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { download } from './apt.mjs';
import { cache, failure, identityOf, tools } from './cache.mjs';
import { run, which } from './command.mjs';

const programs = ['prometheus', 'promtool'];
const folder = join(cache, 'prometheus');

export const prometheus = {
  name: 'Prometheus',

  isDone() {
    return programs.every((program) => identityOf(tools.get(program)?.path ?? '') !== undefined);
  },

  work({ say }) {
    const found = located() ?? unpacked(say);
    if (!found) {
      return 'skipped, and with it the tests of Prometheus rules: install prometheus, with promtool, or have apt-get and dpkg-deb here';
    }
    for (const program of programs) tools.set(program, { path: found[program] });
    return `${programs.map((program) => found[program]).join(', ')}`;
  },
};

function located() {
  const paths = Object.fromEntries(programs.map((program) => [program, which(program) ?? inCache(program)]));
  return programs.every((program) => paths[program]) ? paths : undefined;
}

function inCache(program) {
  const path = join(folder, program);
  return identityOf(path) ? path : undefined;
}

function unpacked(say) {
  if (!which('apt-get') || !which('dpkg-deb')) return undefined;
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, 'prometheus-'));
  try {
    chmodSync(work, 0o777); // apt-get downloads as a user of its own
    download('prometheus', work, say);
    const archive = join(
      work,
      readdirSync(work).find((name) => name.endsWith('.deb')),
    );
    const result = run('dpkg-deb', ['--extract', archive, join(work, 'root')]);
    if (result.status !== 0)
      throw failure(`dpkg-deb could not unpack ${archive}:\n  ${result.said}`, 'install prometheus by hand');
    mkdirSync(folder, { recursive: true });
    for (const program of programs) renameSync(join(work, 'root/usr/bin', program), join(folder, program));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return located();
}
