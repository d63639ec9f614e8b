import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { nodeArguments, type Program } from '../../command-line/program';
import { ownFile } from '../own-file';
import type { Keeper } from '../process/keeper';
import { signalGroup } from '../process/supervised';
import { type Declared, readDeclared } from './declared';

export type Synthesis =
  | { readonly kind: 'made'; readonly declared: Declared; readonly said: string }
  | { readonly kind: 'failed'; readonly said: string }
  /** A newer one has begun before it was done. */
  | { readonly kind: 'superseded' };

/**
 * Runs the program of a mesh again and again. A process is kept ready that has loaded everything but the program, so that an edit
 * waits for the program alone.
 */
export class Synthesizer {
  private next: Run | undefined;
  private current: Run | undefined;
  private count = 0;
  private known: readonly string[];

  constructor(
    private readonly program: Program,
    private readonly args: readonly string[],
    private readonly folder: string,
    private readonly keeper: Keeper,
  ) {
    this.known = [program.file];
    mkdirSync(folder);
  }

  /** Every file that the last run has loaded, the program's own and others. */
  get loaded(): readonly string[] {
    return this.known;
  }

  /** @param changed files that are not what they were: a process that has loaded one of them is of no use any more */
  async synthesize(changed: readonly string[] = []): Promise<Synthesis> {
    this.current?.end();
    if (this.next?.hasLoaded(changed)) {
      this.next.end();
      this.next = undefined;
    }
    const run = this.next ?? this.prepare();
    this.next = undefined;
    this.current = run;
    const { code, said } = await run.go();
    if (this.current !== run) {
      run.remove();
      return { kind: 'superseded' };
    }
    this.current = undefined;
    this.known = run.loadedFiles() ?? this.known;
    try {
      if (code !== 0) return { kind: 'failed', said };
      return { kind: 'made', declared: readDeclared(run.out), said };
    } finally {
      run.remove();
    }
  }

  /** Gets a process ready for the next run. Not at once after a run, which has left the machine something to do. */
  warm(): void {
    this.next ??= this.prepare();
  }

  end(): void {
    this.current?.end();
    this.next?.end();
    this.current = undefined;
    this.next = undefined;
  }

  private prepare(): Run {
    return new Run(this.program, this.args, join(this.folder, String(this.count++)), this.keeper);
  }
}

/** One process, which loads, waits, and runs the program once. */
class Run {
  readonly out: string;
  private readonly loadedFile: string;
  private readonly child: ChildProcess;
  private readonly ended: Promise<number>;
  private said = '';

  constructor(
    program: Program,
    args: readonly string[],
    private readonly folder: string,
    keeper: Keeper,
  ) {
    this.out = join(folder, 'out');
    this.loadedFile = join(folder, 'loaded.json');
    mkdirSync(this.out, { recursive: true });
    const forNode = nodeArguments(program);
    const child = spawn(process.execPath, [...forNode.slice(0, -1), ...warmStart(), program.file, ...args], {
      detached: true,
      stdio: 'pipe',
      env: {
        ...process.env,
        CDK8S_OUTDIR: this.out,
        MESHWRIGHT_LOADED: this.loadedFile,
        MESHWRIGHT_PRELOAD: 'cdk8s meshwright',
      },
    });
    this.child = child;
    const { pid } = child;
    if (pid !== undefined) keeper.add(pid);
    child.stdin.on('error', () => {});
    let ready = false;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        // The first line only tells that it is ready.
        this.said += ready || stream === child.stderr ? text : text.slice(1);
        if (stream === child.stdout) ready = true;
      });
    }
    this.ended = new Promise((resolve) => {
      child.once('error', (error) => {
        this.said += `${error.message}\n`;
        resolve(1);
      });
      child.once('close', (code) => resolve(code ?? 1));
    });
    void this.ended.then(() => {
      if (pid !== undefined) keeper.remove(pid);
    });
  }

  async go(): Promise<{ readonly code: number; readonly said: string }> {
    this.child.stdin?.end('\n');
    const code = await this.ended;
    return { code, said: this.said };
  }

  loadedFiles(): readonly string[] | undefined {
    try {
      return JSON.parse(readFileSync(this.loadedFile, 'utf8')) as readonly string[];
    } catch {
      return undefined;
    }
  }

  hasLoaded(changed: readonly string[]): boolean {
    const loaded = new Set(this.loadedFiles());
    return changed.some((file) => loaded.has(file));
  }

  end(): void {
    const { pid } = this.child;
    if (pid !== undefined && this.child.exitCode === null && this.child.signalCode === null)
      signalGroup(pid, 'SIGKILL');
    void this.ended.then(() => this.remove());
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function warmStart(): readonly string[] {
  const file = ownFile(join(__dirname, 'warm-start'));
  return extname(__filename) === '.ts' ? ['--import', pathToFileURL(file).href] : ['--require', file];
}
