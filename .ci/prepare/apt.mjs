// Debian's packages, for the few programs that come from nowhere else.
import { failure } from './cache.mjs';
import { run, which } from './command.mjs';

let updated = false;

/** Only root can install. */
export function canInstall() {
  return isRoot() && which('apt-get') !== undefined;
}

export function install(debianPackage, say) {
  update(say);
  say(`apt-get install ${debianPackage}`);
  apt(['install', '-y', '-qq', '--no-install-recommends', debianPackage]);
}

/** Downloads the package's archive into a folder, without installing it: any user can. */
export function download(debianPackage, folder, say) {
  if (isRoot()) update(say);
  say(`apt-get download ${debianPackage}`);
  apt(['download', '-qq', debianPackage], { cwd: folder });
}

/** Once, before the first: a fresh machine or image has no lists of packages. */
function update(say) {
  if (updated) return;
  say('apt-get update');
  apt(['update', '-qq']);
  updated = true;
}

function apt(args, options = {}) {
  const result = run('apt-get', args, { ...options, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
  if (result.status === 0) return;
  throw failure(
    `apt-get ${args.join(' ')} failed:\n  ${result.said}`,
    `run "apt-get ${args.join(' ')}" by hand and see what it asks for`,
  );
}

function isRoot() {
  return process.getuid?.() === 0;
}
