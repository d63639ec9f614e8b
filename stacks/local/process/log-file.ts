import { closeSync, fstatSync, openSync, readSync, statSync, truncateSync } from 'node:fs';

/** What a process writes, appended to a file that the process itself holds open: nothing is lost and nothing passes through here. */
export const LogFile = {
  /** For the standard output and error of a process; to be closed when the process has it. */
  open: (path: string): number => openSync(path, 'a', 0o600),

  size: (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0,

  /** The last lines, of what was written from an offset on. */
  tail(path: string, lines: number, from = 0): readonly string[] {
    const fd = openSync(path, 'r');
    try {
      const { size } = fstatSync(fd);
      const start = Math.max(Math.min(from, size), size - tailBytes);
      const bytes = Buffer.alloc(size - start);
      readSync(fd, bytes, 0, bytes.length, start);
      return bytes
        .toString('utf8')
        .split('\n')
        .filter((line) => line.trim() !== '')
        .slice(-lines);
    } finally {
      closeSync(fd);
    }
  },

  /** A mesh that runs for days must not fill the disk. Writers append, so they go on at the new end. */
  shorten(path: string): void {
    if (LogFile.size(path) > longest) truncateSync(path, 0);
  },
};

const tailBytes = 16_384;
const longest = 64 * 1024 * 1024;
