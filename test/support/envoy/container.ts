import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BootstrapOptions, bootstrapFiles } from '../../../lib/envoy';

/**
 * The folders of a proxy's container: one for its sockets, and one for all that it reads, which is swapped whole as the
 * kubelet swaps a projected volume: each file is a link into `..data`, and `..data` a link that is replaced.
 */
export class Container {
  private readonly folder = mkdtempSync(join(tmpdir(), 'meshwright-'));
  private readonly volume = join(this.folder, 'etc');
  private generation = 0;

  readonly paths: BootstrapOptions['paths'];

  constructor() {
    folders.add(this.folder);
    const runtime = join(this.folder, 'run');
    this.paths = { runtime, trust: this.volume, token: this.volume, config: this.volume };
    mkdirSync(runtime);
    mkdirSync(this.volume);
  }

  /** Puts a volume of these files in the place of the one that is there. */
  project(files: { readonly [name: string]: string }): void {
    const data = `..generation-${this.generation++}`;
    mkdirSync(join(this.volume, data));
    for (const [name, content] of Object.entries(files)) {
      writeFileSync(join(this.volume, data, name), content);
      if (this.generation === 1) symlinkSync(join('..data', name), join(this.volume, name));
    }
    symlinkSync(data, join(this.volume, '..next'));
    renameSync(join(this.volume, '..next'), join(this.volume, '..data'));
  }

  remove(): void {
    folders.delete(this.folder);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Those that are there. A test that ends without removing its own leaves none behind. */
const folders = new Set<string>();
process.once('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** The files of a container's volume: bootstrap and secrets as they are made, and what only a cluster can give. */
export function volumeOf(
  options: BootstrapOptions,
  given: { readonly token: string; readonly trust: string },
): { readonly [name: string]: string } {
  const made = Object.entries(bootstrapFiles(options)).map(([name, content]) => [name, JSON.stringify(content)]);
  return { ...Object.fromEntries(made), token: given.token, 'ca.crt': given.trust };
}
