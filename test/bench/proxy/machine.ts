import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';

/**
 * Where processes run. What is measured has a core of its own, so that what measures it (load, backends, control plane) takes
 * nothing from it: the measured rate is what that core can do, however fast the other one is.
 */
export const cores = { measured: 0, beside: 1 } as const;

export type Core = (typeof cores)[keyof typeof cores];

const pinnable = cpus().length > 1 && spawnSync('taskset', ['--version']).status === 0;

/** Words for the reader of a report. */
export function pinning(): string {
  return pinnable
    ? `what is measured runs on core ${cores.measured}, load and backends on core ${cores.beside}`
    : 'not pinned to cores (one core, or no taskset): load and backends take a part of what is measured';
}

/** A command that runs on a core. */
export function onCore(core: Core, command: readonly [string, ...string[]]): readonly [string, ...string[]] {
  return pinnable ? ['taskset', '-c', String(core), ...command] : command;
}

/** Moves a process that runs, with all its threads. */
export function pin(pid: number, core: Core): void {
  if (pinnable) execFileSync('taskset', ['-a', '-c', '-p', String(core), String(pid)], { stdio: 'pipe' });
}

/**
 * Nanoseconds that the threads of a process have run so far; undefined where the kernel does not tell. What else the machine
 * does at the same time does not count.
 * https://docs.kernel.org/scheduler/sched-stats.html#proc-pid-schedstat
 */
export function processorTime(pid: number): number | undefined {
  try {
    return readdirSync(`/proc/${pid}/task`)
      .map((thread) => Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]))
      .reduce((sum, spent) => sum + spent, 0);
  } catch {
    return undefined;
  }
}

export function machine(): string {
  return `${cpus().length} cores of ${cpus()[0]?.model ?? 'an unknown make'}, Node ${process.version}`;
}
