// Running other programs: the output is kept, and shown only when they fail.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Runs a program without a terminal; `status` is undefined when it could not be started. */
export function run(program, args, options = {}) {
  const result = spawnSync(program, args, {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options,
  });
  return {
    status: result.error ? undefined : (result.status ?? 1),
    stdout: result.stdout ?? '',
    stderr: result.stderr ?? '',
    /** What it said, for a message: the ends of it, since some say first what is wrong and some last. */
    said: result.error ? result.error.message : ends(`${result.stderr ?? ''}${result.stdout ?? ''}`),
  };
}

function ends(text) {
  const lines = text.trim().split('\n');
  const shown = lines.length > 16 ? [...lines.slice(0, 8), '...', ...lines.slice(-7)] : lines;
  return shown.join('\n  ');
}

/** The path of an executable on the PATH, or undefined. */
export function which(program) {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    if (folder === '') continue;
    const path = join(folder, program);
    try {
      accessSync(path, constants.X_OK);
      if (statSync(path).isFile()) return path;
    } catch {
      // not in this one
    }
  }
  return undefined;
}
