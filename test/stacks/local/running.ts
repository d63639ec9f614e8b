import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { type IncomingHttpHeaders, request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { RunState } from '../../../stacks/local/run-state';

export const root = join(__dirname, '../../..');

/** `meshwright up`, as a user has it in a terminal. */
export class Up {
  output = '';
  readonly exited: Promise<number | null>;
  private readonly child: ChildProcess;

  constructor(...args: readonly string[]) {
    this.child = spawn(process.execPath, ['--import', 'tsx', 'stacks/cli.ts', 'up', ...args], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
      });
    }
    this.exited = new Promise((resolve) => this.child.once('close', resolve));
    // A test that fails leaves nothing running: the keeper sees to the rest.
    process.once('exit', () => this.child.kill('SIGKILL'));
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Waits until it has said something, and gives what follows `from`. */
  async says(words: string | RegExp, from = 0): Promise<string> {
    for (;;) {
      const said = this.output.slice(from);
      if (typeof words === 'string' ? said.includes(words) : words.test(said)) return said;
      if (this.child.exitCode !== null) throw new Error(`it has ended with ${this.child.exitCode}:\n${this.output}`);
      await delay(20);
    }
  }

  async ready(): Promise<void> {
    await this.says('Ctrl-C ends it');
  }

  get folder(): string {
    const [, folder] = /^logs +(\S+)\/logs /m.exec(this.output) ?? [];
    if (folder === undefined) throw new Error(`it has not said where its logs are:\n${this.output}`);
    return folder;
  }

  get state(): RunState {
    return JSON.parse(readFileSync(join(this.folder, 'state.json'), 'utf8')) as RunState;
  }

  /** Of the gateway, on this machine. */
  get entrance(): number {
    return this.state.entrances[0]?.at ?? 0;
  }

  pod(name: string) {
    const pod = this.state.pods.find((one) => one.name === name);
    if (!pod) throw new Error(`there is no pod ${name} among ${this.state.pods.map((one) => one.name)}`);
    return pod;
  }

  async stateIs(holds: (state: RunState) => boolean): Promise<void> {
    while (!holds(this.state)) await delay(50);
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Asked {
  readonly headers?: { readonly [name: string]: string };
  readonly json?: unknown;
}

export function ask(port: number, path: string, { headers, json }: Asked = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const body = json === undefined ? undefined : JSON.stringify(json);
    const asking = request(
      {
        host: '127.0.0.1',
        port,
        path,
        method: body === undefined ? 'GET' : 'POST',
        headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
        agent: false,
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        response.once('error', reject);
        response.once('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
        );
      },
    );
    asking.once('error', reject);
    asking.end(body);
  });
}

/** Asks for a page again and again, a few at a time, until it is stopped; counts what was not a page as it should be. */
export class Load {
  asked = 0;
  readonly failures: string[] = [];
  private running = true;
  private readonly done: Promise<unknown>;

  constructor(port: number, path: string, headers: Asked['headers'], isRight: (answer: Answer) => boolean) {
    const one = async () => {
      while (this.running) {
        const failed = await ask(port, path, { ...(headers && { headers }) }).then(
          (answer) => (isRight(answer) ? undefined : `${answer.status} ${answer.body.slice(-400)}`),
          (error: Error) => error.message,
        );
        this.asked++;
        if (failed !== undefined) this.failures.push(failed);
        await delay(20);
      }
    };
    this.done = Promise.all([one(), one()]);
  }

  async stop(): Promise<void> {
    this.running = false;
    await this.done;
  }
}

/** Commands of every process whose command line holds a text. */
export function processesWith(text: string): readonly string[] {
  const { stdout } = spawnSync('ps', ['-A', '-ww', '-o', 'pid=,command='], { encoding: 'utf8' });
  return stdout.split('\n').filter((line) => line.includes(text) && !line.includes(' ps -A '));
}

/** Process groups in which something runs; what has ended and was not yet asked for by its parent does not. */
export function livingGroups(): ReadonlySet<number> {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pgid=,stat='], { encoding: 'utf8' });
  const lines = stdout.split('\n').map((line) => line.trim().split(/\s+/));
  return new Set(lines.filter(([, stat = 'Z']) => !stat.startsWith('Z')).map(([group]) => Number(group)));
}

export function meshwright(...args: readonly string[]): {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
} {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'stacks/cli.ts', ...args], {
    cwd: root,
    encoding: 'utf8',
  });
  return { code: status, stdout, stderr };
}
