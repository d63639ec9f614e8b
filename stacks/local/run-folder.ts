import { lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive, startOf } from './process/alive';
import { signalGroup } from './process/supervised';
import type { RunState } from './run-state';

/**
 * Everything that a running mesh has on disk: one folder, named by the process that runs it, in a folder of its user.
 *
 *     <temporary files>/meshwright-<user>/<pid>/state.json     what runs, for `status` and `config`
 *                                              logs/           of each process
 *                                              <pod>/          of each proxy: its sockets, and `etc` with what it reads
 */
export class RunFolder {
  readonly path: string;
  readonly logs: string;

  constructor() {
    const parent = ownFolder();
    this.path = join(parent, String(process.pid));
    rmSync(this.path, { recursive: true, force: true });
    mkdirSync(this.path, { mode: 0o700 });
    this.logs = join(this.path, 'logs');
    mkdirSync(this.logs);
  }

  get parent(): string {
    return join(this.path, '..');
  }

  /** Of a proxy. The path of a UNIX socket holds little more than a hundred bytes, so a long name gives way to a number. */
  podFolder(name: string, number: number): string {
    const named = join(this.path, name);
    return Buffer.byteLength(join(named, longestSocket)) <= socketPathBytes ? named : join(this.path, String(number));
  }

  write(state: RunState): void {
    const half = join(this.path, 'state.json.half');
    writeFileSync(half, JSON.stringify(state, undefined, 2), { mode: 0o600 });
    renameSync(half, join(this.path, 'state.json'));
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true, maxRetries: 3 });
    removeIfEmpty(this.parent);
  }
}

const longestSocket = 'admin.sock';
/** macOS: 104 with the end of the text. https://man.freebsd.org/cgi/man.cgi?query=unix&sektion=4 */
const socketPathBytes = 103;

/** Every mesh of this user that runs. What is left of one that was killed is cleared away. */
export function runningMeshes(): readonly RunState[] {
  const parent = parentPath();
  if (!isOwn(parent)) return [];
  const running = readdirSync(parent).flatMap((name): readonly RunState[] => {
    if (!/^[0-9]+$/.test(name)) return [];
    const folder = join(parent, name);
    const state = readState(folder);
    if (state ? isAlive(state.process) : isAlive({ pid: Number(name) })) return state ? [state] : [];
    clearAway(folder, state);
    return [];
  });
  removeIfEmpty(parent);
  return running.sort((a, b) => a.process.pid - b.process.pid);
}

/** Its processes have a keeper that ends them; here they are ended where that was killed too. */
function clearAway(folder: string, state: RunState | undefined): void {
  for (const group of state?.groups ?? []) if (isAlive(group)) signalGroup(group.pid, 'SIGKILL');
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}

function readState(folder: string): RunState | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, 'state.json'), 'utf8')) as RunState;
  } catch {
    return undefined; // not written yet, or no longer
  }
}

export function thisProcess(): RunState['process'] {
  return { pid: process.pid, started: startOf([process.pid]).get(process.pid) };
}

function parentPath(): string {
  return join(tmpdir(), `meshwright-${process.getuid?.() ?? 'user'}`);
}

/** Nobody else may read what is in it, or put anything into it: it holds tokens. */
function ownFolder(): string {
  const path = parentPath();
  mkdirSync(path, { recursive: true, mode: 0o700 });
  if (!isOwn(path)) throw new Error(`${path} is not a folder of yours alone; remove it: rm -rf ${path}`);
  return path;
}

function isOwn(path: string): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat?.isDirectory()) return false;
  return stat.uid === process.getuid?.() && (stat.mode & 0o077) === 0;
}

function removeIfEmpty(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    // Another mesh runs there.
  }
}
