import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import type { Run } from './arguments';
import { findProgram, nodeArguments, type Program } from './program';
import { readFolder, summaryOf } from './summary';

/** Writes the manifests of a program. Whatever happens, the folder holds one whole synthesis: the new one or the old. */
export async function synth({ program, args, out }: Run & { readonly out?: string }): Promise<number> {
  const found = findProgram(program);
  const folder = resolve(out ?? join('synth', found.name));
  refuseForeign(folder);
  const firstMade = mkdirSync(dirname(folder), { recursive: true });
  // Beside the folder, so that it can take its place by a change of name.
  const half = join(dirname(folder), `.${basename(folder)}.${process.pid}`);
  mkdirSync(half);
  let written = false;
  try {
    if (!(await runs(found, args, half))) {
      console.error(`nothing was written${existsSync(folder) ? `; ${shown(folder)} is as it was` : ''}`);
      return 1;
    }
    replace(folder, half);
    written = true;
  } finally {
    rmSync(half, { recursive: true, force: true });
    if (!written && firstMade) rmSync(firstMade, { recursive: true, force: true });
  }
  console.log(summaryOf(shown(folder), readFolder(folder)));
  return 0;
}

/** Looks for mistakes. */
export async function check({ program, args }: Run): Promise<number> {
  const found = findProgram(program);
  const half = mkdtempSync(join(tmpdir(), 'meshwright-'));
  try {
    if (!(await runs(found, args, half))) return 1;
    console.log(`${shown(found.file)} has no mistake`);
    return 0;
  } finally {
    rmSync(half, { recursive: true, force: true });
  }
}

/** Runs a program, which writes to the folder; false where it has failed, and has said why. */
async function runs(program: Program, args: readonly string[], folder: string): Promise<boolean> {
  const code = await exitCode(program, args, folder);
  if (code !== 0) return false;
  if (manifestsIn(folder).length > 0) return true;
  console.error(
    `error: ${shown(program.file)} has ended without writing a manifest; it must call app.synth(), and its App must have no \`outdir\` of its own`,
  );
  return false;
}

function exitCode(program: Program, args: readonly string[], folder: string): Promise<number> {
  const child = spawn(process.execPath, [...nodeArguments(program), ...args], {
    stdio: 'inherit',
    env: { ...process.env, CDK8S_OUTDIR: folder },
  });
  // An interruption is the child's to end by; what it leaves is then cleared away here.
  const passOn = (signal: NodeJS.Signals) => child.kill(signal);
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, passOn);
  return new Promise<number>((done, fail) => {
    child.on('error', fail);
    child.on('exit', (code) => done(code ?? 1));
  }).finally(() => {
    for (const signal of signals) process.off(signal, passOn);
  });
}

/** A folder that holds anything but manifests was not written by a synthesis, and is not for us to replace. */
function refuseForeign(folder: string): void {
  if (!existsSync(folder)) return;
  const manifests = new Set(manifestsIn(folder));
  const foreign = filesIn(folder).filter((file) => !manifests.has(file) && file !== 'construct-metadata.json');
  if (foreign.length === 0) return;
  throw new Error(
    `${shown(folder)} holds ${foreign[0]}, which is no manifest; what a synthesis writes to is replaced, so give it a folder of its own: --out <folder>`,
  );
}

function replace(folder: string, half: string): void {
  if (!existsSync(folder)) {
    renameSync(half, folder);
    return;
  }
  const old = `${half}-old`;
  renameSync(folder, old);
  renameSync(half, folder);
  rmSync(old, { recursive: true });
}

function manifestsIn(folder: string): readonly string[] {
  return filesIn(folder).filter((file) => /\.ya?ml$/.test(file));
}

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

function shown(path: string): string {
  const short = relative(process.cwd(), path);
  return short === '' || short.startsWith('..') ? path : short;
}
