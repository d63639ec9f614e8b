import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cores, onCore } from './machine';

/** What one burst of requests came to. Times in microseconds. */
export interface Load {
  readonly requests: number;
  /** Answers that were none: errors, timeouts, and statuses of 400 and more. */
  readonly failed: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

export function canLoad(): boolean {
  return spawnSync('wrk', ['--version']).error === undefined;
}

export interface At {
  readonly url: string;
  /** @default - that of the URL */
  readonly host?: string;
}

/** As many requests as so many connections can carry, one at a time each, for so many whole seconds. */
export async function load(at: At, connections: number, seconds: number): Promise<Load> {
  const folder = mkdtempSync(join(tmpdir(), 'meshwright-load-'));
  try {
    const script = join(folder, 'report.lua');
    writeFileSync(script, report);
    const shape = ['-t', '1', '-c', String(connections), '-d', `${seconds}s`, '-s', script];
    const host = at.host === undefined ? [] : ['-H', `host: ${at.host}`];
    const [command, ...args] = onCore(cores.beside, ['wrk', ...shape, ...host, at.url]);
    const { stdout } = await promisify(execFile)(command, args);
    return JSON.parse(stdout.slice(stdout.lastIndexOf('{')));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** https://github.com/wg/wrk/blob/4.1.0/SCRIPTING */
const report = `
function done(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.timeout + errors.status
  io.write(string.format('{"requests":%d,"failed":%d,"perSecond":%.1f,"p50":%.1f,"p99":%.1f}',
    summary.requests, failed, summary.requests / summary.duration * 1e6, latency:percentile(50), latency:percentile(99)))
end
`;
