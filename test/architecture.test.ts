import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

/**
 * The house as data (design, section 3): what each room may import. A room is a folder or a file; the longest name that fits
 * a file is its room. `ours` are rooms of this repository, `packages` are npm packages; a room may always import itself.
 */
const rooms: readonly Room[] = [
  { room: 'lib/model', ours: [], packages: [] },
  { room: 'lib/constructs', ours: ['lib/model', 'lib/kubernetes'], packages: ['cdk8s', 'constructs'] },
  { room: 'lib/analysis', ours: ['lib/model'], packages: [] },
  { room: 'lib/envoy', ours: ['lib/model'], packages: [] },
  { room: 'lib/kubernetes', ours: ['lib/model'], packages: [] },
  { room: 'lib/dashboards', ours: ['lib/model'], packages: [] },
  { room: 'lib/diagrams', ours: ['lib/model'], packages: [] },
  { room: 'lib', ours: ['lib'], packages: ['cdk8s', 'constructs'] },
  {
    room: 'proxy',
    ours: ['lib/model', 'lib/envoy', 'lib/kubernetes', 'lib/analysis'],
    packages: ['node:*', '@bufbuild/protobuf'],
  },
  { room: 'stacks/pulumi', ours: ['lib'], packages: ['cdk8s', 'constructs', '@pulumi/pulumi', '@pulumi/kubernetes'] },
  { room: 'stacks', ours: ['lib', 'proxy'], packages: ['cdk8s', 'constructs', 'yaml', 'node:*'] },
  {
    room: 'examples',
    ours: ['lib', 'stacks'],
    packages: [
      'cdk8s',
      'cdk8s-plus-28',
      'constructs',
      '@pulumi/pulumi',
      '@pulumi/kubernetes',
      '@grpc/grpc-js',
      '@grpc/proto-loader',
      'node:*',
    ],
  },
];

interface Room {
  readonly room: string;
  readonly ours: readonly string[];
  readonly packages: readonly string[];
}

/** What `lib` must not do, being pure: no files, network, clock, randomness or process. */
const impure = /\b(process\s*\.|Date\.now|new Date\b|Math\.random|setTimeout|setInterval|fetch\s*\(|require\s*\()/;

/** A folder must be easy to see: a file that has grown beyond this is two concepts. */
const longest = 600;

const root = resolve(__dirname, '..');
const files = ['lib', 'proxy', 'stacks', 'examples']
  .filter((folder) => existsSync(join(root, folder)))
  .flatMap((folder) => sources(join(root, folder)));

describe('the house', () => {
  it('has files to look at', () => {
    expect(files.length).toBeGreaterThan(40);
  });

  it('is one in which every import goes where the table allows', () => {
    expect(files.flatMap(forbiddenImports)).toEqual([]);
  });

  it('has no circle of imports', () => {
    expect(circles()).toEqual([]);
  });

  it('keeps lib pure', () => {
    const breaches = files
      .filter((file) => file.startsWith('lib/') && !file.includes('/generated/'))
      .flatMap((file) =>
        code(file)
          .split('\n')
          .flatMap((line, index) => (impure.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : [])),
      );
    expect(breaches).toEqual([]);
  });

  it('names no file for being useful', () => {
    expect(files.filter((file) => /(^|\/)(utils?|helpers?|common|misc|shared)\.(ts|mts)$/.test(file))).toEqual([]);
  });

  it('has no file that holds several concepts', () => {
    const long = files
      .filter((file) => !file.includes('/generated/'))
      .map((file) => ({ file, lines: readFileSync(join(root, file), 'utf8').split('\n').length }))
      .filter(({ lines }) => lines > longest);
    expect(long).toEqual([]);
  });

  it('names no machine, registry or secret in any file that is committed', () => {
    const words =
      /(\/work\/main|\/tmp\/(?!$)[a-z]+[-_]?jobs|registry\.npmjs|pypi\.org|proxy\.golang|BEGIN [A-Z ]*PRIVATE KEY)/;
    const named = [...files, ...sources(join(root, 'test')), 'README.md', 'CHANGELOG.md', 'package.json']
      .filter((file) => file !== 'test/architecture.test.ts' && !file.includes('/generated/'))
      .filter((file) => words.test(readFileSync(join(root, file), 'utf8')));
    expect(named).toEqual([]);
  });
});

function sources(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (name === 'node_modules' || name === 'dist') return [];
    if (statSync(path).isDirectory()) return sources(path);
    return /\.(ts|mts)$/.test(name) ? [relative(root, path)] : [];
  });
}

interface Import {
  readonly target: string;
  readonly line: number;
  /** Type-only imports vanish: they are no circle at run time. */
  readonly typeOnly: boolean;
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8');
  const found = text.matchAll(/^\s*(?:import|export)\s+(type\s+)?(?:[^'"`;]*?\sfrom\s+)?['"]([^'"]+)['"]/gm);
  const dynamic = text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]\s*\)/g);
  const lineAt = (index: number) => text.slice(0, index).split('\n').length;
  return [
    ...[...found].map((match) => ({
      target: match[2] ?? '',
      line: lineAt(match.index),
      typeOnly: match[1] !== undefined,
    })),
    ...[...dynamic].map((match) => ({ target: match[1] ?? '', line: lineAt(match.index), typeOnly: false })),
  ];
}

function forbiddenImports(file: string): string[] {
  const room = roomOf(file);
  if (!room) return [`${file}: is in no room of the table`];
  return importsOf(file).flatMap(({ target, line }) => {
    const at = `${file}:${line}: ${room.room} may not import ${target}`;
    if (target.startsWith('meshwright')) return within('lib', room) || within('stacks', room) ? [] : [at];
    if (target.startsWith('.')) {
      const path = relative(root, resolve(root, dirname(file), target));
      return inside(path, room.room) || room.ours.some((own) => inside(path, own))
        ? []
        : [`${at} (allowed: ${room.ours.join(', ') || 'nothing of ours'})`];
    }
    const name = target.startsWith('node:')
      ? 'node:*'
      : target
          .split('/')
          .slice(0, target.startsWith('@') ? 2 : 1)
          .join('/');
    return room.packages.includes(name) ? [] : [`${at} (allowed: ${room.packages.join(', ') || 'no package'})`];
  });
}

function within(own: string, room: Room): boolean {
  return room.ours.some((allowed) => inside(own, allowed));
}

function inside(path: string, room: string): boolean {
  return path === room || path.startsWith(`${room}/`);
}

function roomOf(file: string): Room | undefined {
  return [...rooms].sort((a, b) => b.room.length - a.room.length).find((room) => inside(file, room.room));
}

/** Circles between files, over imports that exist at run time. */
function circles(): string[] {
  const known = new Set(files);
  const edges = new Map(
    files.map((file) => [
      file,
      importsOf(file)
        .filter((one) => !one.typeOnly)
        .flatMap(({ target }) => resolved(file, target, known)),
    ]),
  );
  const found = new Set<string>();
  const state = new Map<string, 'open' | 'done'>();
  const visit = (file: string, path: readonly string[]) => {
    if (state.get(file) === 'done') return;
    if (state.get(file) === 'open') {
      found.add([...path.slice(path.indexOf(file)), file].join(' -> '));
      return;
    }
    state.set(file, 'open');
    for (const next of edges.get(file) ?? []) visit(next, [...path, file]);
    state.set(file, 'done');
  };
  for (const file of files) visit(file, []);
  return [...found];
}

function resolved(file: string, target: string, known: ReadonlySet<string>): string[] {
  if (!target.startsWith('.')) return [];
  const path = relative(root, resolve(root, dirname(file), target));
  return [`${path}.ts`, `${path}/index.ts`].filter((candidate) => known.has(candidate));
}

/** A file without its comments and strings. */
function code(file: string): string {
  return readFileSync(join(root, file), 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' '))
    .replace(/\/\/.*$/gm, '')
    .replace(/'[^'\n]*'|"[^"\n]*"/g, "''");
}
