import { repeated } from '../json';
import { type Crd, type CrdVersion, rootWithMeta, type Schema } from '../openapi';

/** What is wrong with a CRD as a whole: its names and its list of versions. */
export function definitionProblems({ metadata, spec }: Crd): string[] {
  const problems: string[] = [];
  const expected = `${spec.names.plural}.${spec.group}`;
  if (metadata.name !== expected) problems.push(`metadata.name: must be ${expected}, the plural and the group`);
  if (!isSubdomain(spec.group) || !spec.group.includes('.'))
    problems.push(`spec.group: must be a domain with at least one dot, got "${spec.group}"`);
  if (!['Namespaced', 'Cluster'].includes(spec.scope))
    problems.push(`spec.scope: must be Namespaced or Cluster, got "${spec.scope}"`);
  problems.push(...nameProblems(spec.names));
  problems.push(...versionListProblems(spec.versions));
  return problems;
}

/** What is wrong with a version, apart from its schema: subresources and the columns that kubectl prints. */
export function versionProblems(version: CrdVersion): string[] {
  const { additionalPrinterColumns = [], subresources } = version as Version;
  const root = rootWithMeta(version.schema.openAPIV3Schema);
  const hasStatus = version.schema.openAPIV3Schema.properties?.status !== undefined;
  const problems: string[] = [];
  if (hasStatus && !subresources?.status)
    problems.push('has a status in its schema and no subresource status: users could write it');
  if (!hasStatus && subresources?.status)
    problems.push('has a subresource status and no status in its schema: all of it would be dropped');
  const names = additionalPrinterColumns.map(({ name }) => name);
  problems.push(...repeated(names).map((name) => `printer column "${name}": must not be there twice`));
  return [...problems, ...additionalPrinterColumns.flatMap((column) => columnProblems(column, root))];
}

interface Names {
  readonly kind: string;
  readonly plural: string;
  readonly singular?: string;
  readonly listKind?: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
}

interface Column {
  readonly name: string;
  readonly type: string;
  readonly jsonPath: string;
  readonly format?: string;
  readonly priority?: number;
}

type Version = CrdVersion & {
  readonly subresources?: { readonly status?: object };
  readonly additionalPrinterColumns?: readonly Column[];
};

function nameProblems(names: Names): string[] {
  const labels: [string, string][] = [
    ['plural', names.plural],
    ['kind', names.kind.toLowerCase()],
    ['singular', names.singular ?? names.kind.toLowerCase()],
    ['listKind', (names.listKind ?? `${names.kind}List`).toLowerCase()],
    ...(names.shortNames ?? []).map((name): [string, string] => ['shortNames', name]),
    ...(names.categories ?? []).map((name): [string, string] => ['categories', name]),
  ];
  const problems = labels
    .filter(([, name]) => !isLabel(name))
    .map(([field, name]) => `spec.names.${field}: must be a DNS-1035 label, got "${name}"`);
  if (names.listKind === names.kind) problems.push('spec.names.listKind: must differ from kind');
  return problems;
}

function versionListProblems(versions: readonly CrdVersion[]): string[] {
  const names = versions.map(({ name }) => name);
  const stored = versions.filter(({ storage }) => storage).length;
  const problems = repeated(names).map((name) => `spec.versions: ${name} must not be there twice`);
  problems.push(
    ...names
      .filter((name) => !/^v[1-9]\d*((alpha|beta)[1-9]\d*)?$/.test(name))
      .map((name) => `spec.versions: must be named as v1, v1beta1 or v1alpha1, got "${name}"`),
  );
  if (stored !== 1) problems.push(`spec.versions: exactly one must be the stored one, got ${stored}`);
  if (!versions.some(({ served }) => served)) problems.push('spec.versions: at least one must be served');
  return problems;
}

/** https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#additional-printer-columns */
function columnProblems({ name, type, jsonPath, format }: Column, root: Schema): string[] {
  const problems: string[] = [];
  const say = (message: string) => problems.push(`printer column "${name}": ${message}`);
  if (!['integer', 'number', 'string', 'boolean', 'date'].includes(type))
    say(`type must be integer, number, string, boolean or date, got "${type}"`);
  if (
    format !== undefined &&
    !['int32', 'int64', 'float', 'double', 'byte', 'date', 'date-time', 'password'].includes(format)
  )
    say(`format "${format}" is not known`);
  const steps = /^(\.[\w-]+|\['[^']+'\]|\[\d+\]|\[\*\]|\[\?\(@\.\w+\s*==\s*["'][^"']*["']\)\])+$/.test(jsonPath)
    ? stepsOf(jsonPath)
    : undefined;
  if (!steps)
    say(`jsonPath "${jsonPath}" is no simple path such as .spec.host or .status.conditions[?(@.type=="Ready")].status`);
  else if (!leadsSomewhere(steps, root)) say(`jsonPath "${jsonPath}" leads to nothing in the schema`);
  return problems;
}

function stepsOf(jsonPath: string): string[] {
  return [...jsonPath.matchAll(/\.([\w-]+)|\['([^']+)'\]|(\[[^\]]*\])/g)].map(
    ([, field, quoted, index]) => field ?? quoted ?? index ?? '',
  );
}

function leadsSomewhere(steps: readonly string[], root: Schema): boolean {
  let schema: Schema = root;
  for (const [index, step] of steps.entries()) {
    // The metadata has fields that no schema shows.
    if (index === 0 && step === 'metadata') return true;
    if (schema['x-kubernetes-preserve-unknown-fields']) return true;
    const next = step.startsWith('[') ? schema.items : (schema.properties?.[step] ?? schema.additionalProperties);
    if (typeof next !== 'object') return false;
    schema = next;
  }
  return true;
}

function isLabel(name: string): boolean {
  return name.length <= 63 && /^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(name);
}

function isSubdomain(name: string): boolean {
  return name.length <= 253 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(name);
}
