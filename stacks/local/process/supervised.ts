import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { pauseBefore, recovered } from './backoff';
import type { Keeper } from './keeper';
import { LogFile } from './log-file';

export interface ProcessSpec {
  /** How messages call it: `reviews-v1-0`. */
  readonly name: string;
  readonly command: readonly string[];
  readonly directory: string;
  readonly env: { readonly [name: string]: string | undefined };
  readonly logFile: string;
  /** Also gets a pipe on its standard input. */
  readonly input?: boolean;
  /** Its work may be done: with exit code 0 it is not started again. */
  readonly mayEnd?: boolean;
}

export interface ProcessEvents {
  /** It was started, for the first time or again. */
  readonly started: () => void;
  /** It is gone, and not because it was told to; it is started again after the pause, in milliseconds. */
  readonly died: (death: Death) => void;
  /** Its work is done. */
  readonly ended?: () => void;
}

export interface Death {
  readonly how: string;
  readonly lastLines: readonly string[];
  readonly pause: number;
  readonly restarts: number;
}

/**
 * A process that is started again when it dies. It leads a process group of its own: what it starts ends with it, and Ctrl-C
 * reaches only the one who then ends everything in order.
 */
export class Supervised {
  private child: ChildProcess | undefined;
  private stopped = false;
  private failures = 0;
  private restarts = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly spec: ProcessSpec,
    private readonly keeper: Keeper,
    private readonly events: ProcessEvents,
  ) {}

  get pid(): number | undefined {
    return this.child?.pid;
  }

  get running(): boolean {
    return this.child !== undefined;
  }

  start(): void {
    const { command, directory, env, logFile, input } = this.spec;
    const [program = '', ...args] = command;
    const from = LogFile.size(logFile);
    const log = LogFile.open(logFile);
    const began = performance.now();
    const child = spawn(program, args, {
      cwd: directory,
      env,
      detached: true,
      stdio: [input ? 'pipe' : 'ignore', log, log],
    });
    closeSync(log);
    child.stdin?.on('error', () => {});
    this.child = child;
    const { pid } = child;
    if (pid !== undefined) this.keeper.add(pid);
    let ended = false;
    const end = (how: string) => {
      if (ended) return;
      ended = true;
      if (pid !== undefined) {
        // Its leader is gone; whatever it has left behind goes too.
        signalGroup(pid, 'SIGKILL');
        this.keeper.remove(pid);
      }
      this.child = undefined;
      if (!this.stopped) this.again(how, LogFile.tail(logFile, 8, from), performance.now() - began);
    };
    child.once('error', (error) => end(startFailure(error, this.spec)));
    child.once('exit', (code, signal) => {
      if (code === 0 && this.spec.mayEnd) this.stopped = true;
      end(signal ? `was ended by ${signal}` : `has ended with exit code ${code}`);
      if (code === 0 && this.spec.mayEnd) this.events.ended?.();
    });
    this.events.started();
  }

  /** Writes to its standard input. */
  write(text: string): void {
    this.child?.stdin?.write(text);
  }

  /** Ends it: SIGTERM to its group, and SIGKILL to what is left of it after the grace, in milliseconds. */
  async stop(grace: number): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    const { child } = this;
    const pid = child?.pid;
    if (!child || pid === undefined) return;
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    signalGroup(pid, 'SIGTERM');
    const killer = setTimeout(() => signalGroup(pid, 'SIGKILL'), grace);
    await exited;
    clearTimeout(killer);
  }

  private again(how: string, lastLines: readonly string[], ran: number): void {
    if (ran > recovered) this.failures = 0;
    const pause = pauseBefore(this.failures++);
    this.restarts++;
    this.timer = setTimeout(() => this.start(), pause);
    this.events.died({ how, lastLines, pause, restarts: this.restarts });
  }
}

export function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch {
    // There is nobody in it any more.
  }
}

function startFailure(error: NodeJS.ErrnoException, { command, directory }: ProcessSpec): string {
  // The system says the same of a program and of a folder that are not there.
  if (error.code === 'ENOENT') return `cannot be started: there is no program ${command[0]}, or no folder ${directory}`;
  return `cannot be started: ${error.message}`;
}
