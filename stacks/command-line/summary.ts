import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** What was written to a file. */
export interface WrittenFile {
  readonly name: string;
  readonly objects: readonly WrittenObject[];
}

interface WrittenObject {
  readonly kind: string;
  /** Group of its API. */
  readonly group: string;
  /** Of a definition: the group and kind that it defines. */
  readonly defines?: string;
}

export function readFolder(folder: string): readonly WrittenFile[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => /\.ya?ml$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => ({ name: relative(folder, path), objects: objectsIn(readFileSync(path, 'utf8')) }));
}

/** cdk8s writes each object as a document of its own; parsing them all would take longer than the synthesis. */
function objectsIn(text: string): readonly WrittenObject[] {
  return text.split(/^---$/m).flatMap((document): WrittenObject[] => {
    const kind = /^kind: (.+)$/m.exec(document)?.[1];
    if (kind === undefined) return [];
    const apiVersion = /^apiVersion: (.+)$/m.exec(document)?.[1] ?? '';
    const group = apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
    if (kind !== 'CustomResourceDefinition') return [{ kind, group }];
    const defines = [/^ {2}group: (.+)$/m, /^ {2}names:\n(?: {4}.*\n)*? {4}kind: (.+)$/m];
    return [{ kind, group, defines: defines.map((find) => find.exec(document)?.[1] ?? '').join(' ') }];
  });
}

/** Tells what was written and how it is brought to a cluster. */
export function summaryOf(folder: string, files: readonly WrittenFile[]): string {
  const count = files.reduce((sum, file) => sum + file.objects.length, 0);
  return [
    ...table(files),
    `${plural(count, 'object')} in ${plural(files.length, 'file')} in ${folder}`,
    ...needs(files),
    '',
    'To apply it:',
    ...applyCommands(folder, files).map((command) => `  ${command}`),
  ].join('\n');
}

/** Kinds that somebody else must have defined in the cluster, or that the mesh can do without. */
function needs(files: readonly WrittenFile[]): readonly string[] {
  const objects = files.flatMap((file) => file.objects);
  const defined = new Set(objects.flatMap((object) => object.defines ?? []));
  const foreign = new Map<string, Set<string>>();
  for (const { group, kind } of objects) {
    if (isBuiltIn(group) || defined.has(`${group} ${kind}`)) continue;
    foreign.set(group, (foreign.get(group) ?? new Set<string>()).add(kind));
  }
  if (foreign.size === 0) return [];
  return [
    '',
    'The cluster must know these kinds beforehand:',
    ...[...foreign]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([group, kinds]) => `  ${[...kinds].sort().join(', ')} (${group})${publishers[group] ?? ''}`),
  ];
}

/** Groups of Kubernetes itself have no dot, or end in `.k8s.io`; Gateway API, which ends so too, is not part of it. */
function isBuiltIn(group: string): boolean {
  return !group.includes('.') || (group.endsWith('.k8s.io') && group !== 'gateway.networking.k8s.io');
}

const publishers: { readonly [group: string]: string } = {
  'monitoring.coreos.com':
    ": the Prometheus operator; without it, set `metrics: { prometheusOperator: false }` in the mesh's telemetry",
  'cert-manager.io': ': cert-manager',
  'gateway.networking.k8s.io': ": Gateway API; `gatewayApi: 'standard'` of the mesh writes it too",
};

function table(files: readonly WrittenFile[]): readonly string[] {
  const nameWidth = Math.max(...files.map((file) => file.name.length));
  const countWidth = Math.max(...files.map((file) => String(file.objects.length).length));
  return files.flatMap((file) => {
    const start = `${file.name.padEnd(nameWidth)}  ${String(file.objects.length).padStart(countWidth)}  `;
    const [first = '', ...rest] = wrapped(kindsOf(file), 120 - start.length);
    return [start + first, ...rest.map((line) => ' '.repeat(start.length) + line)];
  });
}

/** `3 Deployment`, the most frequent kind first. */
function kindsOf(file: WrittenFile): readonly string[] {
  const counts = new Map<string, number>();
  for (const { kind } of file.objects) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts]
    .sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1))
    .map(([kind, times]) => `${times} ${kind}`);
}

function wrapped(items: readonly string[], width: number): readonly string[] {
  const lines: string[] = [];
  for (const [index, item] of items.entries()) {
    const text = index < items.length - 1 ? `${item},` : item;
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + text.length <= width) lines[lines.length - 1] = `${last} ${text}`;
    else lines.push(text);
  }
  return lines;
}

/**
 * Server-side, because definitions are larger than the annotation that a client-side apply keeps of them. kubectl looks up
 * every kind of a file before it applies the first object, so a definition must be there before the objects of its kind.
 */
function applyCommands(folder: string, files: readonly WrittenFile[]): readonly string[] {
  const nested = files.some((file) => file.name.includes('/')) ? ' --recursive' : '';
  const all = `kubectl apply --server-side -f ${quoted(folder)}${nested}`;
  const defining = files.filter((file) => file.objects.some((object) => object.defines !== undefined));
  if (defining.length === 0) return [all];
  const defined = new Set(files.flatMap((file) => file.objects.flatMap((object) => object.defines ?? [])));
  const needs = (file: WrittenFile) => file.objects.some((object) => defined.has(`${object.group} ${object.kind}`));
  return [
    ...defining.flatMap((file) => [
      ...(needs(file)
        ? [`# it holds objects of the kinds that it defines: those kubectl refuses at first, and takes below`]
        : []),
      `kubectl apply --server-side -f ${quoted(join(folder, file.name))}`,
    ]),
    'kubectl wait --for=condition=Established --timeout=60s crd --all',
    all,
  ];
}

function quoted(path: string): string {
  return /^[\w./@:-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

function plural(count: number, noun: string): string {
  return count === 1 ? `1 ${noun}` : `${count} ${noun}s`;
}
