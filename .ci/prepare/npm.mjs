// npm dependencies as package-lock.json has them. Seen without running npm, from the lock that npm leaves in node_modules.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { failure, root } from './cache.mjs';
import { run } from './command.mjs';

export const npm = {
  name: 'npm dependencies',

  isDone() {
    const installedLock = join(root, 'node_modules/.package-lock.json');
    if (!existsSync(installedLock)) return false;
    const wanted = packagesIn(join(root, 'package-lock.json'));
    const installed = packagesIn(installedLock);
    return Object.entries(wanted).every(([path, { version, integrity, optional, link }]) => {
      const there = installed[path];
      // Optional packages are those of other platforms.
      if (path === '' || link || (there === undefined && optional)) return true;
      return (
        there?.version === version && there.integrity === integrity && existsSync(join(root, path, 'package.json'))
      );
    });
  },

  work({ say }) {
    say('npm dependencies: installing them, which takes about half a minute');
    // Development dependencies too, whatever NODE_ENV says: without them there is nothing to build or test with.
    const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
    const cli = process.env.npm_execpath?.endsWith('.js') ? process.env.npm_execpath : undefined;
    const result = cli ? run(process.execPath, [cli, ...args], { cwd: root }) : run('npm', args, { cwd: root });
    if (result.status !== 0) {
      throw failure(
        `npm ci failed:\n  ${result.said}`,
        'run "npm ci" by hand; it needs a registry that your npm configuration names',
      );
    }
    return `installed ${Object.keys(packagesIn(join(root, 'node_modules/.package-lock.json'))).length} packages`;
  },
};

function packagesIn(lock) {
  return JSON.parse(readFileSync(lock, 'utf8')).packages;
}
