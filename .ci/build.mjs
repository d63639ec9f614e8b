#!/usr/bin/env node
// Compiles the package: lib, stacks and proxy as CommonJS with declarations, into dist/. The old dist/ stays until the new one is whole.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const folders = ['lib', 'stacks', 'proxy'];
const shebang = '#!/usr/bin/env node\n';

const work = join(root, `.cache/build-${process.pid}`); // of its own: two builds at a time do not meet
const half = join(work, 'dist');
mkdirSync(work, { recursive: true });
try {
  if (compile()) {
    copyWhatIsNotCompiled();
    removeInnerDeclarations();
    makeExecutable(join(half, 'stacks/cli.js'));
    if (existsSync(join(root, 'dist'))) renameSync(join(root, 'dist'), join(work, 'old'));
    renameSync(half, join(root, 'dist'));
    console.log(`build: ${sizeOf(join(root, 'dist'))} in dist/`);
  } else {
    console.error('build: tsc failed; dist/ is as it was');
    process.exitCode = 1;
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}

function compile() {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const args = [tsc, '-p', join(root, '.ci/tsconfig.build.json'), '--outDir', half];
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  return status === 0;
}

/** Declarations and data that stand in the sources as they are: the compiler reads them and does not emit them. */
function copyWhatIsNotCompiled() {
  for (const file of filesIn(folders.filter((folder) => existsSync(join(root, folder))))) {
    if (/\.d\.ts$|\.json$|\.binpb\.gz$/.test(file)) cpSync(join(root, file), join(half, file));
  }
}

/** Declarations that no entry of the package leads to are of nobody's concern, and Envoy's alone are half a megabyte. */
function removeInnerDeclarations() {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const entries = Object.values(exports).flatMap((target) => target.types ?? []);
  const reached = new Set();
  const visit = (file) => {
    if (reached.has(file)) return;
    reached.add(file);
    for (const [, target] of readFileSync(file, 'utf8').matchAll(/(?:from|import\()\s*['"](\.[^'"]*)['"]/g)) {
      const path = join(dirname(file), target);
      const found = [`${path}.d.ts`, join(path, 'index.d.ts')].find((candidate) => existsSync(candidate));
      if (!found) throw new Error(`${file} refers to ${target}, which has no declaration`);
      visit(found);
    }
  };
  for (const entry of entries) visit(join(half, entry.replace('./dist/', '')));
  for (const file of readdirSync(half, { recursive: true, withFileTypes: true })) {
    const path = join(file.parentPath, file.name);
    if (file.name.endsWith('.d.ts') && !reached.has(path)) rmSync(path);
  }
}

function filesIn(paths) {
  return paths.flatMap((path) =>
    statSync(join(root, path)).isDirectory()
      ? filesIn(readdirSync(join(root, path)).map((name) => join(path, name)))
      : [path],
  );
}

function makeExecutable(path) {
  if (!existsSync(path)) return;
  const text = readFileSync(path, 'utf8');
  if (!text.startsWith('#!')) writeFileSync(path, shebang + text);
  chmodSync(path, 0o755);
}

function sizeOf(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const bytes = files.reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
  return `${files.length} files, ${Math.round(bytes / 1024)} KB`;
}
