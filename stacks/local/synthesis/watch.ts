import { type FSWatcher, readdirSync, statSync, watch } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';

/** Which files a mesh depends on: those of its program's folder, and those elsewhere that the program has loaded or been given. */
export interface Watched {
  readonly folder: string;
  readonly files: readonly string[];
}

/** What is generated or fetched is no source, and neither is what a hidden folder holds. */
const neverWatched = new Set(['node_modules', 'dist', 'synth', 'cdk8s.out', 'cdk.out']);

export function isWatched({ folder, files }: Watched, path: string): boolean {
  if (path.startsWith(folder + sep))
    return path
      .slice(folder.length + 1)
      .split(sep)
      .every(isSource);
  return files.includes(path) && !path.split(sep).includes('node_modules');
}

function isSource(name: string): boolean {
  // Editors write beside a file before they replace it: `.main.ts.swp`, `main.ts~`, `4913`.
  return !name.startsWith('.') && !neverWatched.has(name) && !/~$|^[0-9]+$|\.(swp|tmp)$/.test(name);
}

/**
 * Tells which files are not what they were. Folders are watched, not files: an editor that replaces a file leaves a watch of the
 * file behind on what is no longer there.
 */
export class Watcher {
  private readonly watchers = new Map<string, FSWatcher>();
  private seen = new Map<string, string>();
  private timer: NodeJS.Timeout | undefined;
  private polling: NodeJS.Timeout | undefined;

  constructor(
    private watched: Watched,
    private readonly changed: (files: readonly string[]) => void,
  ) {
    this.seen = this.look();
    this.follow();
  }

  /** The program may have loaded other files than before. */
  update(watched: Watched): void {
    this.watched = watched;
    for (const [file, stamp] of this.look()) if (!this.seen.has(file)) this.seen.set(file, stamp);
    this.follow();
  }

  close(): void {
    clearTimeout(this.timer);
    clearInterval(this.polling);
    for (const watcher of this.watchers.values()) watcher.close();
    this.watchers.clear();
  }

  private follow(): void {
    const folders = new Set([...foldersIn(this.watched.folder), ...this.outside().map(dirname)]);
    for (const [folder, watcher] of this.watchers) {
      if (folders.has(folder)) continue;
      watcher.close();
      this.watchers.delete(folder);
    }
    for (const folder of folders) {
      if (this.watchers.has(folder)) continue;
      try {
        const watcher = watch(folder, () => this.soon());
        watcher.on('error', () => {
          watcher.close();
          this.watchers.delete(folder);
        });
        this.watchers.set(folder, watcher);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        // The system gives no more watches: then it is looked at from time to time. Any other: the folder has gone meanwhile.
        if (code === 'EMFILE' || code === 'ENOSPC') this.polling ??= setInterval(() => this.compare(), pollEvery);
      }
    }
  }

  /** An editor writes a file in several steps, and several files one after the other. */
  private soon(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.compare();
    }, settling);
  }

  private compare(): void {
    const now = this.look();
    const changed = [...now].flatMap(([file, stamp]) => (this.seen.get(file) === stamp ? [] : [file]));
    const gone = [...this.seen.keys()].filter((file) => !now.has(file));
    this.seen = now;
    this.follow();
    if (changed.length + gone.length > 0) this.changed([...changed, ...gone]);
  }

  /** Size and time of change of each file. */
  private look(): Map<string, string> {
    const inside = foldersIn(this.watched.folder).flatMap((folder) => {
      try {
        return readdirSync(folder).map((name) => join(folder, name));
      } catch {
        return [];
      }
    });
    return new Map(
      [...inside, ...this.outside()].flatMap((file): readonly [string, string][] => {
        if (!isWatched(this.watched, file)) return [];
        const stat = statSync(file, { throwIfNoEntry: false });
        return stat?.isFile() ? [[file, `${stat.size} ${stat.mtimeMs} ${stat.ino}`]] : [];
      }),
    );
  }

  private outside(): readonly string[] {
    const { folder, files } = this.watched;
    return files.filter((file) => !file.startsWith(folder + sep) && isWatched(this.watched, file));
  }
}

/** Milliseconds. */
const settling = 30;
const pollEvery = 500;

/** A folder and those in it, as deep as they go. */
function foldersIn(folder: string): readonly string[] {
  try {
    const inner = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return [
      folder,
      ...inner.filter(({ name }) => isSource(basename(name))).flatMap(({ name }) => foldersIn(join(folder, name))),
    ];
  } catch {
    return [];
  }
}
