#!/usr/bin/env node
// Lint, types and tests; the last line says how many passed and how many failed.
//
//   node .ci/test.mjs [arguments of vitest]      lint and types count as one test each
//   node .ci/test.mjs --only-tests [arguments]   without lint and types
//   node .ci/test.mjs --golden [arguments]       rewrites the golden files instead of comparing with them
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const golden = process.argv.includes('--golden');
const onlyTests = golden || process.argv.includes('--only-tests');
const vitestArguments = process.argv.slice(2).filter((argument) => !['--golden', '--only-tests'].includes(argument));

let passed = 0;
let failed = 0;

if (!onlyTests) {
  count('lint and format', 'biome check .', ['node_modules/@biomejs/biome/bin/biome', 'check', '.']);
  count('types', 'tsc --noEmit', ['node_modules/typescript/bin/tsc', '--noEmit']);
}
runVitest();
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

function count(name, command, args) {
  const { status } = node(args);
  if (status === 0) passed++;
  else failed++;
  console.log(status === 0 ? `${name}: ${command} passed` : `${name}: ${command} FAILED`);
}

function runVitest() {
  const folder = mkdtempSync(join(tmpdir(), 'meshwright-test-'));
  const report = join(folder, 'report.json');
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/vitest.config.mts'];
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  try {
    const { status } = node([...args, ...reporters, ...vitestArguments], golden ? { UPDATE_GOLDEN: '1' } : {});
    const before = failed;
    countReport(report);
    if (status === 0 || failed > before) return;
    // Nothing that was run failed, and still vitest is not content: no test found, an unhandled error, a crash.
    failed++;
    console.log(`tests: vitest FAILED with exit code ${status}, beyond the tests it has run`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function countReport(path) {
  const report = readReport(path);
  if (!report) return;
  passed += report.numPassedTests;
  failed += report.numFailedTests;
  // A file that could not be loaded holds no tests, and fails as one.
  for (const file of report.testResults) {
    if (file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed')) failed++;
  }
  const skipped = report.numPendingTests + report.numTodoTests;
  if (skipped > 0) console.log(`tests: ${skipped} skipped`);
}

function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined; // vitest ended before it wrote one, with an exit code of its own
  }
}

function node(args, environment = {}) {
  return spawnSync(process.execPath, args, {
    cwd: root,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}
