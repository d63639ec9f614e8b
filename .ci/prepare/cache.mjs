// Where fetched things lie, and the one file that tells the tests where: `tools.json` in the cache.
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const cache = process.env.MESHWRIGHT_CACHE ? resolve(process.env.MESHWRIGHT_CACHE) : join(root, '.cache');

/** Writes a file whole or not at all: a reader never sees half of it, and an interrupted run leaves the old one. */
export function writeWhole(path, content, options = {}) {
  mkdirSync(dirname(path), { recursive: true });
  const half = `${path}.${process.pid}.half`;
  try {
    writeFileSync(half, content, options);
    renameSync(half, path);
  } finally {
    rmSync(half, { force: true });
  }
}

/** Size and time of change, which tell whether a file is the one that was looked at before; undefined when there is none. */
export function identityOf(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat?.isFile() ? `${stat.size}-${Math.trunc(stat.mtimeMs)}` : undefined;
}

/** A failure that the reader can do something about. */
export function failure(message, remedy) {
  return Object.assign(new Error(message), { remedy });
}

class Tools {
  #path = join(cache, 'tools.json');
  #all = readJson(this.#path) ?? {};

  get(name) {
    return this.#all[name];
  }

  set(name, value) {
    this.#all = { ...this.#all, [name]: value };
    this.save();
  }

  save() {
    const text = `${JSON.stringify(this.#all, undefined, 2)}\n`;
    if (readText(this.#path) !== text) writeWhole(this.#path, text);
  }

  /** Takes what another run wrote while this one waited for it. */
  reload() {
    this.#all = readJson(this.#path) ?? {};
  }
}

function readText(path) {
  return identityOf(path) === undefined ? undefined : readFileSync(path, 'utf8');
}

/** What cannot be read is as good as nothing: all of it can be found again. */
function readJson(path) {
  try {
    return JSON.parse(readText(path) ?? '');
  } catch {
    return undefined;
  }
}

export const tools = new Tools();
