import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Bootstrap } from '../../../lib/envoy';
import { envoyPath } from './tools';

/** What a proxy in a pod is told on its command line; `--disable-hot-restart` keeps Envoys of one machine apart. */
const identity = ['--service-node', 'test', '--disable-hot-restart'];

/** What Envoy itself says of a bootstrap, without starting: files that it refers to must be there. */
export async function validateWithEnvoy(
  bootstrap: Bootstrap,
): Promise<{ readonly ok: boolean; readonly output: string }> {
  return withFile(bootstrap, async (path) => {
    const envoy = spawn(envoyPath(), ['--mode', 'validate', '-c', path, '--log-level', 'warning', ...identity]);
    const output = outputOf(envoy);
    const [code] = await once(envoy, 'close');
    return { ok: code === 0, output: output() };
  });
}

export interface RunningEnvoy {
  readonly pid: number;
  /** All that it has logged so far. */
  readonly output: () => string;
  /** Ends it and waits for that. Its exit code; null when a signal ended it. */
  readonly stop: () => Promise<number | null>;
  /** Ends it at once, as the kernel does that has no memory left. */
  readonly kill: () => Promise<unknown>;
}

/**
 * Starts Envoy and waits until it has initialised; its listeners accept a moment later ({@link accepting}).
 *
 * @param more of its command line
 * @throws Error with what it has logged, if it exits before, or has not come so far in {@link patience}
 */
export async function startEnvoy(bootstrap: Bootstrap, more: readonly string[] = []): Promise<RunningEnvoy> {
  return withFile(bootstrap, async (path) => {
    const envoy = spawn(envoyPath(), ['-c', path, '--concurrency', '1', '--log-level', 'info', ...identity, ...more]);
    const output = outputOf(envoy);
    const exited = once(envoy, 'close').then(([code]) => code as number | null);
    const stop = () => {
      envoy.kill('SIGTERM');
      return exited;
    };
    const kill = () => {
      envoy.kill('SIGKILL');
      return exited;
    };
    alive.add(envoy);
    exited.then(() => alive.delete(envoy));

    const waited = new AbortController();
    const started = saying(envoy, output, 'all dependencies initialized. starting workers').then(() => 'started');
    const gaveUp = delay(patience, `has not initialised in ${patience} ms`, { signal: waited.signal });
    const outcome = await Promise.race([started, gaveUp, exited.then((code) => `exited with ${code}`)]);
    waited.abort();
    gaveUp.catch(() => {});
    if (outcome === 'started' && envoy.pid !== undefined) return { pid: envoy.pid, output, stop, kill };
    await stop();
    throw new Error(`Envoy ${outcome}:\n${output()}`);
  });
}

/** A test that ends without stopping them, by a timeout or by an interrupt, leaves nothing running. */
const alive = new Set<ChildProcess>();
process.once('exit', () => {
  for (const envoy of alive) envoy.kill('SIGKILL');
});

// Whoever runs the tests ends a process of theirs that hangs with this signal, of which Node itself tells nobody: as an exit it does.
process.once('SIGTERM', () => process.exit(143));

/** Less than the fifteen seconds that Envoy would wait for its clusters, so that such waiting is seen. */
const patience = 12_000;

/** Waits until something listens on a port of this machine. Nothing that Envoy says comes after it does. */
export async function accepting(port: number): Promise<void> {
  for (;;) {
    const accepted = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
      socket.on('connect', () => socket.destroy());
    });
    if (accepted) return;
    await delay(10);
  }
}

/** Envoy reads the file once, before anything that is waited for here. */
async function withFile<Result>(bootstrap: Bootstrap, work: (path: string) => Promise<Result>): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'meshwright-envoy-'));
  try {
    const path = join(folder, 'envoy.json');
    writeFileSync(path, JSON.stringify(bootstrap));
    return await work(path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function outputOf(envoy: ChildProcess): () => string {
  const parts: Buffer[] = [];
  for (const stream of [envoy.stdout, envoy.stderr]) stream?.on('data', (part: Buffer) => parts.push(part));
  return () => Buffer.concat(parts).toString('utf8');
}

async function saying(envoy: ChildProcess, output: () => string, words: string): Promise<void> {
  while (!output().includes(words)) await once(envoy.stderr ?? envoy, 'data');
}
