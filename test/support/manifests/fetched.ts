import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What `.ci/prepare.mjs test` has fetched, by name; see `.ci/prepare/`. It throws when it has not. */
export function tool<T>(name: string): T {
  const path = join(process.env.MESHWRIGHT_CACHE ?? join(__dirname, '../../../.cache'), 'tools.json');
  const tools = existsSync(path)
    ? (JSON.parse(readFileSync(path, 'utf8')) as { readonly [name: string]: unknown })
    : {};
  if (tools[name] === undefined) throw new Error(`${name} is not here; run "node .ci/prepare.mjs test"`);
  return tools[name] as T;
}
