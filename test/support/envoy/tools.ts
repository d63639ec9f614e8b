import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { tool } from '../manifests/fetched';

interface Envoy {
  readonly path: string;
  readonly version: string;
}

const remedy = 'run `node .ci/prepare.mjs test`';

/** The Envoy that the tests run: ENVOY_BIN, or else what `.ci/prepare.mjs` has found on the PATH or fetched. */
export function envoyPath(): string {
  const path = process.env.ENVOY_BIN ?? tool<Envoy>('envoy').path;
  if (!existsSync(path)) throw new Error(`there is no Envoy at ${path}; ${remedy}`);
  return path;
}

/** The descriptors of every message of that Envoy, a FileDescriptorSet. */
export function descriptorsPath(): string {
  const cache = process.env.MESHWRIGHT_CACHE ?? resolve(__dirname, '../../../.cache');
  const path = join(cache, 'envoy', tool<Envoy>('envoy').version, 'descriptors.binpb');
  if (!existsSync(path)) throw new Error(`there are no descriptors of Envoy at ${path}; ${remedy}`);
  return path;
}
