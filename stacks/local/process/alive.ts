import { spawnSync } from 'node:child_process';

/** A process, and when it began as the system says it: the number alone is given anew after its end. */
export interface KnownProcess {
  readonly pid: number;
  /** As `ps` shows it. Absent: the system does not say. */
  readonly started?: string;
}

export function isAlive({ pid, started }: KnownProcess): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return started === undefined || startOf([pid]).get(pid) === started;
}

/** When processes began. `ps` is POSIX, and the same on Linux and macOS in this. */
export function startOf(pids: readonly number[]): ReadonlyMap<number, string> {
  if (pids.length === 0) return new Map();
  const { stdout } = spawnSync('ps', ['-o', 'pid=,lstart=', '-p', pids.join(',')], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
  });
  return new Map(
    (stdout ?? '').split('\n').flatMap((line): readonly [number, string][] => {
      const [, pid, started] = /^\s*(\d+)\s+(.+?)\s*$/.exec(line) ?? [];
      return pid && started ? [[Number(pid), started]] : [];
    }),
  );
}
