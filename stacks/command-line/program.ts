import { existsSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** A program that can be run. */
export interface Program {
  readonly file: string;
  /** Of its folder, or of the file if that has a name of its own. */
  readonly name: string;
}

const mainFiles = ['main.ts', 'main.mts', 'main.cts', 'main.js', 'main.mjs', 'main.cjs'];

/** @throws Error that says what is missing */
export function findProgram(path: string): Program {
  if (!existsSync(path)) throw new Error(`there is no program ${path}`);
  if (!statSync(path).isDirectory()) return { file: resolve(path), name: nameOf(resolve(path)) };
  const found = mainFiles.find((file) => existsSync(join(path, file)));
  if (!found && existsSync(join(path, 'Pulumi.yaml'))) {
    throw new Error(`the folder ${path} holds a Pulumi program; run it with: pulumi -C ${path} up`);
  }
  if (!found) throw new Error(`the folder ${path} holds no main.ts; name the file of the program`);
  return { file: resolve(path, found), name: nameOf(resolve(path, found)) };
}

function nameOf(file: string): string {
  return mainFiles.includes(basename(file)) ? basename(dirname(file)) : basename(file, extname(file));
}

/**
 * Arguments of Node that run a program: what reads TypeScript, and what prints mistakes.
 *
 * @throws Error that says what to install
 */
export function nodeArguments({ file }: Program): readonly string[] {
  const own = extname(__filename);
  const reporter = join(__dirname, `report-mistakes${own}`);
  // Node reads the program with its ESM loader once anything is imported, and that does not ask ts-node.
  const report = own === '.ts' ? ['--import', pathToFileURL(reporter).href] : ['--require', reporter];
  const reader = /^\.[mc]?ts$/.test(extname(file)) || own === '.ts' ? typescriptReader(file) : [];
  return [...reader, ...report, file];
}

/** tsx, or the ts-node that cdk8s puts into its projects: of the program's project, or of ours. */
function typescriptReader(file: string): readonly string[] {
  for (const from of [file, join(process.cwd(), 'main.ts'), __filename]) {
    const { resolve: find } = createRequire(from);
    const tsx = attempt(() => find('tsx'));
    if (tsx) return ['--import', pathToFileURL(tsx).href];
    const tsNode = attempt(() => find('ts-node/register'));
    if (tsNode) return ['--require', tsNode];
  }
  throw new Error(
    `${file} is TypeScript, and nothing is installed that runs it; install tsx: npm install --save-dev tsx`,
  );
}

function attempt<T>(find: () => T): T | undefined {
  try {
    return find();
  } catch {
    return undefined;
  }
}
