import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect } from 'vitest';

const root = resolve(__dirname, '../..');
const updating = process.env.UPDATE_GOLDEN === '1';
const remedy = 'if it is right as it is now, run `npm run golden` and read the difference';

/**
 * Compares a text with the golden file that holds it; `npm run golden` writes the file instead. A relative path starts at
 * the root of the repository.
 */
export function expectGolden(file: string, text: string): void {
  const path = resolve(root, file);
  const name = relative(root, path);
  if (updating) {
    mkdirSync(dirname(path), { recursive: true });
    if (!existsSync(path) || readFileSync(path, 'utf8') !== text) writeFileSync(path, text);
    return;
  }
  if (!existsSync(path)) throw new Error(`golden file ${name} is missing; ${remedy}`);
  expect(text, `differs from golden file ${name}; ${remedy}`).toBe(readFileSync(path, 'utf8'));
}

/**
 * Fails on files of a folder, at any depth, that no case of the suite has made; `npm run golden` removes them. Paths of
 * `used` are those that {@link expectGolden} was given. Call it after all cases of the folder.
 */
export function expectNoStaleGoldens(folder: string, used: readonly string[]): void {
  const known = new Set(used.map((file) => resolve(root, file)));
  const stale = filesIn(resolve(root, folder)).filter((file) => !known.has(file));
  if (updating) {
    for (const file of stale) rmSync(file);
    return;
  }
  const names = stale.map((file) => relative(root, file)).sort();
  expect(names, 'golden files that no case makes any more; run `npm run golden` to remove them').toEqual([]);
}

function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesIn(path) : [path];
  });
}
