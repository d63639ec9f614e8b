import { extname } from 'node:path';

/** A file of ours by its path without an ending: TypeScript in a checkout, JavaScript in the package. */
export function ownFile(path: string): string {
  return `${path}${extname(__filename)}`;
}
