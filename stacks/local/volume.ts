import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A folder whose files change all at once, as the kubelet does it for a projected volume: each file is a link into `..data`, and
 * `..data` a link that is replaced. Envoy watches for that very replacement.
 * https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/core/v3/base.proto#config-core-v3-watcheddirectory
 */
export class Volume {
  private generation = 0;

  constructor(readonly folder: string) {
    mkdirSync(folder, { mode: 0o700 });
  }

  /** The names of the files are the same each time. */
  project(files: { readonly [name: string]: string }): void {
    const before = this.generation > 0 ? generationName(this.generation - 1) : undefined;
    const data = generationName(this.generation++);
    mkdirSync(join(this.folder, data), { mode: 0o700 });
    for (const [name, content] of Object.entries(files)) {
      writeFileSync(join(this.folder, data, name), content, { mode: 0o600 });
      if (before === undefined) symlinkSync(join('..data', name), join(this.folder, name));
    }
    symlinkSync(data, join(this.folder, '..next'));
    renameSync(join(this.folder, '..next'), join(this.folder, '..data'));
    // Whoever was reading the old one has its files open.
    if (before !== undefined) rmSync(join(this.folder, before), { recursive: true });
  }
}

function generationName(generation: number): string {
  return `..generation-${generation}`;
}
