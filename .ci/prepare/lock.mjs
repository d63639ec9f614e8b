// One run at a time works; the next waits and then finds everything done.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { cache, tools } from './cache.mjs';

const lock = join(cache, 'prepare.lock');

export async function withLock(say, work) {
  mkdirSync(cache, { recursive: true });
  for (let told = false; !take(); ) {
    const owner = ownerOf();
    if (owner !== undefined && !isAlive(owner)) {
      rmSync(lock, { force: true }); // its owner was killed
      continue;
    }
    if (!told) say(`waiting for process ${owner ?? '(just starting)'}, which is preparing`);
    told = true;
    await pause(200);
  }
  const release = () => rmSync(lock, { force: true });
  process.once('exit', release);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1));
  try {
    tools.reload();
    return await work();
  } finally {
    release();
    process.removeListener('exit', release);
  }
}

function take() {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

function ownerOf() {
  try {
    return Number(readFileSync(lock, 'utf8')) || undefined;
  } catch {
    return undefined; // released in this very moment
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
