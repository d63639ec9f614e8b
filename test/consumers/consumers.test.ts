import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ours, Packed, type Project, readFolder, root } from './packed';

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const installed = (name: string): string => manifest.devDependencies[name];
const tsc = 'node_modules/typescript/bin/tsc';
const succeeded = { status: 0, stdout: '', stderr: '' };

let packed: Packed;
/** The one project into which npm installs; the others take TypeScript 5, which templates bring today, from it. */
let cdk8sApp: Project;
/** What the program that these projects share gives when it is run from the sources. */
let expected: { readonly [name: string]: string };

beforeAll(() => {
  packed = new Packed();
  cdk8sApp = packed.install('cdk8s-app', {
    cdk8s: installed('cdk8s'),
    'cdk8s-plus-28': installed('cdk8s-plus-28'),
    constructs: installed('constructs'),
    '@types/node': installed('@types/node'),
    typescript: '5.9.3',
    'ts-node': '10.9.2',
  });
  const folder = join(packed.folder, 'expected');
  const args = ['--import', 'tsx', 'test/consumers/commonjs/main.ts'];
  execFileSync(process.execPath, args, { cwd: root, env: { ...process.env, CDK8S_OUTDIR: folder }, stdio: 'pipe' });
  expected = readFolder(folder);
});
afterAll(() => rmSync(packed.folder, { recursive: true }));

describe('the packed package', () => {
  it('holds what its manifest names, and nothing that nobody needs', () => {
    const named = [
      manifest.main,
      manifest.types,
      manifest.bin.meshwright,
      ...Object.values(manifest.exports).flatMap((target) =>
        typeof target === 'string' ? target : Object.values(target as object),
      ),
      ...Object.values<string[]>(manifest.typesVersions['*']).flat(),
    ].map((path) => path.replace('./', ''));
    expect(named.filter((path) => !packed.files.includes(path))).toEqual([]);
    const needless = packed.files.filter(
      (file) =>
        !/^dist\/(lib|stacks|proxy)\/.*\.(js|d\.ts|json)$/.test(file) &&
        // Envoy's own descriptors, by which the control plane encodes.
        file !== 'dist/proxy/xds/generated/descriptors.binpb.gz' &&
        !['package.json', 'README.md', 'CHANGELOG.md', 'LICENSE'].includes(file),
    );
    expect(needless).toEqual([]);
    const compiled = packed.files.filter((file) => file.endsWith('.js'));
    expect(compiled.filter((file) => !existsSync(join(root, file.slice(5).replace(/\.js$/, '.ts'))))).toEqual([]);
  });

  it('is smaller than 800 kB, and than 4 MB when it is unpacked', () => {
    expect(packed.size).toBeLessThan(800_000);
    expect(packed.unpackedSize).toBeLessThan(4_000_000);
  });

  it('carries the documentation of its types', () => {
    const types = join(cdk8sApp.folder, 'node_modules/meshwright/dist/lib/constructs/service.d.ts');
    expect(readFileSync(types, 'utf8')).toMatch(/\/\*\*\s+\* Container image|@default - one is made/);
  });

  it.each([
    [
      'TypeScript 5, node10',
      5,
      ['--module', 'commonjs', '--moduleResolution', 'node10', '--ignoreDeprecations', '5.0'],
    ],
    ['TypeScript 5, node16', 5, ['--module', 'node16']],
    ['TypeScript 5, bundler', 5, ['--module', 'esnext', '--moduleResolution', 'bundler']],
    ['TypeScript 7, nodenext', 7, ['--module', 'nodenext']],
    ['TypeScript 7, bundler', 7, ['--module', 'esnext', '--moduleResolution', 'bundler']],
  ])('gives its types to %s', (name, typescript, options) => {
    const compiler = typescript === 5 ? { typescript: cdk8sApp.folder } : ours('typescript', '@typescript');
    const libraries = ours('cdk8s', 'constructs', '@pulumi', '@types');
    const project = packed.link('resolution', { ...libraries, ...compiler }, `resolution ${name}`);
    const checks = ['--noEmit', '--strict', '--skipLibCheck', '--target', 'es2022', '--types', 'node'];
    expect(project.run(tsc, [...checks, ...options, 'main.ts'])).toEqual(succeeded);
  });
});

describe('a project in ESM', () => {
  it('compiles, runs, and synthesizes by the command', () => {
    const project = packed.link('esm', ours('cdk8s', 'constructs', 'yaml', 'typescript', '@typescript', '@types'));
    expect(project.run(tsc)).toEqual(succeeded);
    expect(project.run('build/main.js')).toEqual({ ...succeeded, stdout: '0 mistakes\n' });
    expect(readFolder(join(project.folder, 'dist'))).toEqual(expected);

    const command = 'node_modules/meshwright/dist/stacks/cli.js';
    const synth = project.run(command, ['synth', 'build/main.js', '--out', 'out']);
    expect([synth.status, synth.stderr]).toEqual([0, '']);
    expect(readFolder(join(project.folder, 'out'))).toEqual(expected);
    expect(project.run(command, ['synth', 'main.ts'])).toEqual({
      status: 1,
      stdout: '',
      stderr: `error: ${join(project.folder, 'main.ts')} is TypeScript, and nothing is installed that runs it; install tsx: npm install --save-dev tsx\n`,
    });
  });
});

describe('a project in CommonJS', () => {
  it('compiles, also with the types of the package checked, and runs', () => {
    const libraries = ours('cdk8s', 'constructs', 'yaml', '@types');
    const project = packed.link('commonjs', { ...libraries, typescript: cdk8sApp.folder });
    expect(project.run(tsc)).toEqual(succeeded);
    expect(project.run('build/main.js')).toEqual({ ...succeeded, stdout: '0 mistakes\n' });
    expect(readFolder(join(project.folder, 'dist'))).toEqual(expected);
  });
});

describe('an app as `cdk8s init typescript-app` makes it', () => {
  it('is installed, compiles and synthesizes', () => {
    expect(cdk8sApp.run('node_modules/ts-node/dist/bin.js', ['main.ts'])).toEqual(succeeded);
    expect(readFolder(join(cdk8sApp.folder, 'dist'))).toEqual(expected);
    rmSync(join(cdk8sApp.folder, 'dist'), { recursive: true });
    const synth = cdk8sApp.run('node_modules/.bin/meshwright', ['synth', 'main.ts', '--out', 'dist']);
    expect([synth.status, synth.stderr]).toEqual([0, '']);
    expect(readFolder(join(cdk8sApp.folder, 'dist'))).toEqual(expected);
    expect(cdk8sApp.run(tsc, ['--build'])).toEqual(succeeded);
  });
});

describe('a program as `pulumi new kubernetes-typescript` makes it', () => {
  it('compiles and runs', () => {
    const libraries = ours('cdk8s', 'constructs', 'yaml', '@types', '@pulumi');
    const project = packed.link('pulumi', { ...libraries, typescript: cdk8sApp.folder });
    expect(project.run(tsc)).toEqual(succeeded);
    cpSync(join(__dirname, 'pulumi-run.cjs'), join(project.folder, 'run.cjs'));
    const { status, stdout, stderr } = project.run('run.cjs', ['bin/index.js']);
    expect([status, stderr]).toEqual([0, '']);
    const count = Object.values(expected)
      .join('\n')
      .match(/^kind: /gm)?.length;
    expect(JSON.parse(stdout)).toEqual({
      namespace: 'meshwright-system',
      image: ['shop/web:1.0'],
      objectCount: count,
      kubernetes: count,
    });
  });
});
