import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Chart } from 'cdk8s';
import { type Deferred, http, Mesh, Service } from 'meshwright';
import { manifestsOf, modelOf } from 'meshwright/testing';
import { expect, it } from 'vitest';
import { Program } from '../../lib/constructs/program';
import { declared, failure, program } from './program';

it('fails without a mesh, and says how to get one', () => {
  const app = new App();
  new Service(new Chart(app, 'team'), 'web', { port: http(80), image: 'web:1' });
  expect(failure(app)).toEqual([
    "[team/web] MESH0001 there is no mesh in this app; add one beside the charts: new Mesh(app, 'shop', { trustDomain: 'shop.example' })",
  ]);
});

it('fails with two meshes, at each of them', () => {
  const app = program(() => {});
  new Mesh(app, 'other', { trustDomain: 'other.example' });
  expect(failure(app)).toEqual([
    '[mesh] MESH0002 an app holds one mesh, this one has 2: mesh, other; give each mesh an app of its own',
    '[other] MESH0002 an app holds one mesh, this one has 2: mesh, other; give each mesh an app of its own',
  ]);
});

it('writes nothing when there is a mistake', () => {
  const outdir = mkdtempSync(join(tmpdir(), 'meshwright-program-'));
  const app = new App({ outdir });
  new Mesh(app, 'mesh', { trustDomain: 'test.example' });
  new Service(new Chart(app, 'team', { namespace: 'team' }), 'web', { port: http(80) });
  expect(() => app.synth()).toThrow('MESH0009');
  expect(existsSync(outdir) ? readdirSync(outdir) : []).toEqual([]);
  rmSync(outdir, { recursive: true });
});

it('takes statements in any order', () => {
  const app = (reverse: boolean) => {
    const root = new App();
    const mesh = () => void new Mesh(root, 'mesh', { trustDomain: 'test.example' });
    if (!reverse) mesh();
    const chart = new Chart(root, 'team', { namespace: 'team' });
    const names = ['a', 'b', 'c'];
    const services = new Map(
      (reverse ? [...names].reverse() : names).map((name) => [
        name,
        new Service(chart, name, { port: http(8080 + name.charCodeAt(0)), image: `${name}:1` }),
      ]),
    );
    const call = (from: string, to: string) => services.get(from)?.calls(services.get(to) as Service<string, 'http'>);
    const calls: readonly (readonly [string, string])[] = [
      ['a', 'b'],
      ['a', 'c'],
      ['b', 'c'],
    ];
    for (const [from, to] of reverse ? [...calls].reverse() : calls) call(from, to);
    if (reverse) mesh();
    return root;
  };
  expect(JSON.stringify(modelOf(app(true)))).toBe(JSON.stringify(modelOf(app(false))));
  const byChart = (root: App) =>
    Object.fromEntries(root.charts.map((chart) => [chart.node.path, JSON.stringify(chart.toJson())]));
  expect(byChart(app(true))).toEqual(byChart(app(false)));
});

it('reads what was declared since the last synthesis', () => {
  const app = program((chart) => void new Service(chart, 'web', { port: http(80), image: 'web:1' }));
  const before = manifestsOf(app).length;
  expect(manifestsOf(app)).toHaveLength(before);
  new Service(Chart.of(app.node.findChild('team')), 'late', { port: http(81), image: 'late:1' });
  const after = manifestsOf(app);
  expect(after.length).toBeGreaterThan(before);
  expect(
    new Set(after.map((manifest) => `${manifest.kind} ${manifest.metadata.namespace} ${manifest.metadata.name}`)).size,
  ).toBe(after.length);
});

it('takes values that are known only at deployment, and remembers them', () => {
  const output = <T>(): Deferred<T> => ({ apply: () => undefined });
  const image = output<string>();
  const replicas = output<number>();
  let app: App | undefined;
  const model = declared(
    (chart, root) => {
      app = root;
      new Service(chart, 'web', { port: http(80), image, replicas, env: { TOKEN: output<string>() } });
    },
    { trustDomain: output<string>() },
  );
  expect(model.mesh.trustDomain).toMatch(/^late-0x[0-9a-f]{16}$/);
  const { late } = Program.of(app as App);
  expect([...late.values()]).toEqual(expect.arrayContaining([image, replicas]));
  expect([...late.keys()].filter((key) => typeof key === 'number')).toHaveLength(1);
  expect(late.size).toBe(4);
});
