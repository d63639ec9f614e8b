import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import { join } from 'node:path';
import type { Measured } from './measure';

/** Synthesis of meshes beside that of as many hand-written objects, each measurement in a process of its own. */
export function benchSynth(sizes: readonly number[]): void {
  console.log(
    `synthesis to YAML, five edges a service; Node ${process.version}, ${cpus().length} cores of ${cpus()[0]?.model}`,
  );
  console.log(row(headings));
  let previous: Pair | undefined;
  for (const services of sizes) {
    const mesh = measure('mesh', services);
    const pair = { services, mesh, hand: measure('hand', services, mesh.objects) };
    console.log(row(cells(pair, previous)));
    previous = pair;
  }
  console.log(`
by hand: as many ApiObjects as the mesh has, of the kinds that a person writes, synthesized by the same cdk8s.
declare: constructs made; analyse: model, mistakes and objects; resolve: cdk8s puts them in order; yaml: cdk8s writes them.
growth: the exponent of the time in all, against the line above (1 is linear; aim: at most 1.1 from 1,000 to 10,000).`);
}

interface Pair {
  readonly services: number;
  readonly mesh: Measured;
  readonly hand: Measured;
}

/** The fastest of some runs: what else this machine does only ever adds. */
function measure(what: 'mesh' | 'hand', services: number, objects = 0): Measured {
  const times = services <= 100 ? 3 : services <= 1_000 ? 2 : 1;
  const runs = Array.from({ length: times }, () => run(what, services, objects));
  return runs.reduce((best, one) => (one.total < best.total ? one : best));
}

function run(what: string, services: number, objects: number): Measured {
  const args = ['--import', 'tsx', join(__dirname, 'measure.ts'), what, String(services), String(objects)];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`measuring ${what} of ${services} services failed:\n${stderr}`);
  return JSON.parse(stdout);
}

const headings = [
  'services',
  'objects',
  'declare',
  'analyse',
  'resolve',
  'yaml',
  'in all',
  'by hand',
  'ratio',
  'growth',
  'by hand',
  'memory',
  'by hand',
  'ratio',
  'files',
];

function cells({ services, mesh, hand }: Pair, previous: Pair | undefined): readonly string[] {
  return [
    services.toLocaleString('en'),
    mesh.objects.toLocaleString('en'),
    ...[mesh.declare, mesh.analyse, mesh.resolve, mesh.yaml, mesh.total, hand.total].map(seconds),
    times(mesh.total / hand.total),
    ...(['mesh', 'hand'] as const).map((of) => (previous ? exponent(previous, { services, mesh, hand }, of) : '')),
    ...[mesh.peak, hand.peak].map(megabytes),
    times(mesh.peak / hand.peak),
    megabytes(mesh.bytes),
  ];
}

function exponent(small: Pair, large: Pair, of: 'mesh' | 'hand'): string {
  return (Math.log(large[of].total / small[of].total) / Math.log(large.services / small.services)).toFixed(2);
}

function row(texts: readonly string[]): string {
  return texts.map((text, index) => text.padStart(index < 2 ? 9 : 8)).join(' ');
}

const seconds = (milliseconds: number) => `${(milliseconds / 1_000).toFixed(2)} s`;
const megabytes = (bytes: number) => `${Math.ceil(bytes / 1_000_000)} MB`;
const times = (ratio: number) => `${ratio.toFixed(2)}x`;
