import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { Ports, portLike } from '../../../stacks/local/ports';
import { isAlive, startOf } from '../../../stacks/local/process/alive';
import { pauseBefore } from '../../../stacks/local/process/backoff';
import { Keeper } from '../../../stacks/local/process/keeper';
import { LogFile } from '../../../stacks/local/process/log-file';
import { type Death, Supervised } from '../../../stacks/local/process/supervised';

const scratch = mkdtempSync(join(tmpdir(), 'meshwright-processes-'));
let folder = '';
let count = 0;

beforeEach(() => {
  folder = join(scratch, String(count++));
  mkdirSync(folder);
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe('a supervised process', () => {
  it('is started again when it dies, and says how and with which last words', async () => {
    const keeper = new Keeper(join(folder, 'kept'), folder);
    const deaths: Death[] = [];
    let starts = 0;
    const process_ = supervised(keeper, 'console.log("first"); console.error("last"); process.exit(3)', {
      started: () => starts++,
      died: (death) => deaths.push(death),
    });
    process_.start();
    await until(() => starts === 2 && deaths.length === 2);
    await process_.stop(1_000);
    await keeper.close();
    expect(deaths.map(({ how, lastLines, restarts }) => [how, lastLines, restarts])).toEqual([
      ['has ended with exit code 3', ['first', 'last'], 1],
      ['has ended with exit code 3', ['first', 'last'], 2],
    ]);
    expect(deaths.map(({ pause }) => pause)).toEqual([pauseBefore(0), pauseBefore(1)]);
    expect([0, 1, 2, 3, 4, 5, 6, 1_000].map(pauseBefore)).toEqual([
      250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000,
    ]);
  });

  it('ends with all that it has started, even what does not want to', async () => {
    const keeper = new Keeper(join(folder, 'kept'), folder);
    const stubborn = 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1e6)';
    const script = `const { spawn } = require('node:child_process');
      const child = spawn(process.execPath, ['-e', ${JSON.stringify(`${stubborn}; console.log('up')`)}], { stdio: ['ignore', 'inherit', 'inherit'] });
      require('node:fs').writeFileSync(${JSON.stringify(join(folder, 'child'))}, String(child.pid));
      ${stubborn}`;
    const process_ = supervised(keeper, script, { started: () => {}, died: () => {} });
    process_.start();
    await until(() => LogFile.size(join(folder, 'log')) > 0);
    const pids = [process_.pid ?? 0, Number(readFileSync(join(folder, 'child'), 'utf8'))];
    expect(pids.map((pid) => isAlive({ pid }))).toEqual([true, true]);
    await process_.stop(200);
    await until(() => pids.every((pid) => !isAlive({ pid })));
    expect(process_.running).toBe(false);
    await keeper.close();
  });

  it('that cannot be started says why', async () => {
    const keeper = new Keeper(join(folder, 'kept'), folder);
    const deaths: Death[] = [];
    const spec = { name: 'x', command: ['no-such-program'], directory: folder, env: {}, logFile: join(folder, 'log') };
    const process_ = new Supervised(spec, keeper, { started: () => {}, died: (death) => deaths.push(death) });
    process_.start();
    await until(() => deaths.length > 0);
    await process_.stop(1_000);
    await keeper.close();
    expect(deaths[0]?.how).toBe(`cannot be started: there is no program no-such-program, or no folder ${folder}`);
  });

  function supervised(keeper: Keeper, script: string, events: ConstructorParameters<typeof Supervised>[2]): Supervised {
    const command = [process.execPath, '-e', script];
    return new Supervised(
      { name: 'x', command, directory: folder, env: process.env, logFile: join(folder, 'log') },
      keeper,
      events,
    );
  }
});

describe('the keeper', () => {
  it('ends processes and removes the folder when whoever started them is killed, by SIGTERM and then by force', async () => {
    const kept = join(folder, 'own', 'kept');
    mkdirSync(kept, { recursive: true });
    writeFileSync(join(kept, 'file'), '');
    // A process that starts a keeper and two others, one of which ignores SIGTERM, and one that has ended in order.
    const owner = spawn(process.execPath, ['--import', 'tsx', '-e', ownerScript(kept, join(folder, 'own'))], {
      stdio: ['ignore', 'pipe', 'inherit'],
      cwd: join(__dirname, '../../..'),
    });
    const pids = JSON.parse(await firstLine(owner)) as number[];
    expect(pids.map((pid) => isAlive({ pid }))).toEqual([true, true]);
    owner.kill('SIGKILL');
    await until(() => pids.every((pid) => !isAlive({ pid })) && !existsSync(join(folder, 'own')));
  });
});

function ownerScript(kept: string, parent: string): string {
  return `
    const { spawn } = require('node:child_process');
    const { Keeper } = require('./stacks/local/process/keeper.ts');
    const keeper = new Keeper(${JSON.stringify(kept)}, ${JSON.stringify(parent)});
    const start = (script) => spawn(process.execPath, ['-e', script], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
    const children = [start('console.log(1); setInterval(() => {}, 1e6)'), start('process.on("SIGTERM", () => {}); console.log(1); setInterval(() => {}, 1e6)')];
    const ended = start('console.log(1)');
    for (const { pid } of [...children, ended]) keeper.add(pid);
    const said = (child) => new Promise((resolve) => child.stdout.once('data', resolve));
    Promise.all([...children.map(said), new Promise((resolve) => ended.once('exit', resolve))]).then(() => {
      keeper.remove(ended.pid);
      console.log(JSON.stringify(children.map(({ pid }) => pid)));
    });
    setInterval(() => {}, 1e6);`;
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => child.stdout?.once('data', (text: Buffer) => resolve(text.toString())));
}

describe('a process that is known', () => {
  it('is told from another one of its number', () => {
    const started = startOf([process.pid]).get(process.pid);
    expect(started).toMatch(/\d{4}$/);
    expect(isAlive({ pid: process.pid, started })).toBe(true);
    expect(isAlive({ pid: process.pid, started: 'Thu Jan  1 00:00:00 1970' })).toBe(false);
  });
});

describe('ports', () => {
  it('stay with their key, are free, and are of nobody else', async () => {
    const [one, other] = [new Ports(), new Ports()];
    const keys = Array.from({ length: 30 }, (_, index) => `k${index}`);
    const assigned = await Promise.all(
      [one, other].flatMap((ports) => [keys.map((key) => ports.assign(key))].map((all) => Promise.all(all))),
    );
    const numbers = assigned.flat();
    expect(new Set(numbers).size).toBe(60);
    for (const port of numbers) expect(port).toBeGreaterThan(20_000);
    expect(await Promise.all(keys.map((key) => one.assign(key)))).toEqual(assigned[0]);
    // What is taken by somebody else is passed over, and what was given back is not given at once to another.
    const next = (await one.assign('next')) + 1;
    const server = createServer().listen(next, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    one.release('next');
    const after = await one.assign('after');
    expect(after).toBeGreaterThan(next);
    server.close();
    one.close();
    other.close();
  });

  it('of gateways look like what was declared, and differ from mesh to mesh', async () => {
    expect([portLike(80, 0), portLike(443, 0), portLike(9443, 0), portLike(80, 1), portLike(443, 2)]).toEqual([
      8080, 8443, 9443, 8180, 8643,
    ]);
    const [one, other] = [new Ports(), new Ports()];
    const ports = [await one.assignLike('gateway', 80), await other.assignLike('gateway', 80)];
    expect(ports[0]).not.toBe(ports[1]);
    expect(await one.assignLike('gateway', 80)).toBe(ports[0]);
    one.close();
    other.close();
  });
});

describe('a log', () => {
  it('shows its last lines', () => {
    const file = join(folder, 'log');
    writeFileSync(file, 'one\ntwo\n\nthree\n');
    expect(LogFile.tail(file, 2)).toEqual(['two', 'three']);
    expect(LogFile.tail(file, 5, 8)).toEqual(['three']);
  });
});

/** Bounded by the test's own time. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await delay(10);
}
