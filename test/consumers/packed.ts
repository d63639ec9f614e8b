import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export const root = join(__dirname, '../..');
const npmOptions = ['--no-audit', '--no-fund', '--loglevel=error'];

/** The package as `npm publish` would send it, and projects that use it. */
export class Packed {
  readonly folder = mkdtempSync(join(tmpdir(), 'meshwright-consumers-'));
  readonly tarball: string;
  readonly files: readonly string[];
  /** Bytes of the tarball. */
  readonly size: number;
  readonly unpackedSize: number;

  constructor() {
    execFileSync(process.execPath, [join(root, '.ci/build.mjs')], { cwd: root, stdio: 'pipe' });
    const args = ['pack', '--json', '--pack-destination', this.folder, '--loglevel=error'];
    const [packed] = JSON.parse(execFileSync('npm', args, { cwd: root, encoding: 'utf8' }));
    this.tarball = join(this.folder, packed.filename);
    this.size = packed.size;
    this.unpackedSize = packed.unpackedSize;
    this.files = packed.files.map((file: { path: string }) => file.path).sort();
  }

  /** A project of this folder, into which npm installs the package and what else it is given. */
  install(project: string, versions: { readonly [name: string]: string }): Project {
    const folder = this.copy(project);
    const packages = Object.entries(versions).map(([name, version]) => `${name}@${version}`);
    execFileSync('npm', ['install', '--prefer-offline', ...npmOptions, this.tarball, ...packages], { cwd: folder });
    return new Project(folder);
  }

  /** A project of this folder, in which the package is unpacked and other packages are linked from elsewhere. */
  link(project: string, packages: { readonly [name: string]: string }, as = project): Project {
    const folder = this.copy(project, as);
    const unpacked = join(folder, 'node_modules/meshwright');
    mkdirSync(unpacked, { recursive: true });
    execFileSync('tar', ['-xzf', this.tarball, '--strip-components=1', '-C', unpacked]);
    for (const [name, from] of Object.entries(packages)) {
      const link = join(folder, 'node_modules', name);
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(join(from, 'node_modules', name), link);
    }
    return new Project(folder);
  }

  private copy(project: string, as = project): string {
    const folder = join(this.folder, as);
    cpSync(join(__dirname, project), folder, { recursive: true });
    return folder;
  }
}

export class Project {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = realpathSync(folder);
  }

  /** Runs a program of an installed package, or of this project, with Node; what it prints. */
  run(program: string, args: readonly string[] = [], environment: { readonly [name: string]: string } = {}) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
      cwd: this.folder,
      env: { ...process.env, ...environment },
      encoding: 'utf8',
    });
    return { status, stdout, stderr };
  }
}

/** Files of a folder by name. */
export function readFolder(path: string): { readonly [name: string]: string } {
  return Object.fromEntries(readdirSync(path).map((name) => [name, readFileSync(join(path, name), 'utf8')]));
}

/** Links to packages of this repository. */
export function ours(...names: readonly string[]): { readonly [name: string]: string } {
  return Object.fromEntries(names.map((name) => [name, root]));
}
