import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, extname, join, resolve } from 'node:path';
import { envoyWheel, versionIn } from './version';

export interface Envoy {
  readonly path: string;
  readonly version: string;
}

/**
 * The Envoy of this machine: the one that ENVOY_BIN names, whatever its version is; one on the PATH of the pinned version; one
 * that was fetched before. Absent: it has to be fetched.
 *
 * @throws Error where ENVOY_BIN names none
 */
export function findEnvoy(env: NodeJS.ProcessEnv = process.env): Envoy | undefined {
  const named = env.ENVOY_BIN;
  if (named) {
    const version = versionOf(named);
    if (version) return { path: named, version };
    throw new Error(`ENVOY_BIN is ${named}, which does not run as Envoy; correct it, or unset it: unset ENVOY_BIN`);
  }
  const candidates = [onPath(env), ...cachedEnvoys(env)].filter((path) => path !== undefined && existsSync(path));
  for (const path of candidates as readonly string[]) {
    const version = versionOf(path);
    if (version === envoyWheel.version) return { path, version };
  }
  return undefined;
}

/** Where it is put when it is fetched: a cache of the user. */
export function ownCache(env: NodeJS.ProcessEnv = process.env): string {
  const caches = process.platform === 'darwin' ? join(homedir(), 'Library/Caches') : join(homedir(), '.cache');
  return inCache(join(env.XDG_CACHE_HOME || caches, 'meshwright'));
}

/** In a checkout of the repository, the tools that it has fetched for itself come first. */
function cachedEnvoys(env: NodeJS.ProcessEnv): readonly string[] {
  const own = ownCache(env);
  if (extname(__filename) !== '.ts') return [own];
  const cache = env.MESHWRIGHT_CACHE ? resolve(env.MESHWRIGHT_CACHE) : join(__dirname, '../../../.cache');
  return [inCache(cache), own];
}

function inCache(cache: string): string {
  return join(cache, 'envoy', envoyWheel.version, 'envoy');
}

function onPath(env: NodeJS.ProcessEnv): string | undefined {
  return (env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, 'envoy'))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

export function versionOf(path: string): string | undefined {
  return versionIn(spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout ?? '');
}
