import { existsSync } from 'node:fs';
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
