import { type Environment, evaluate } from '@marcbachmann/cel-js';
import { isFields } from '../json';
import { rootWithMeta, type Schema } from '../openapi';

/** How CEL sees the values of a schema: the name of their type, and a value of that type. */
export interface CelType {
  readonly name: string;
  readonly of: (value: unknown) => unknown;
}

/**
 * The CEL type of a schema, declared in an environment; undefined where CEL sees nothing, as Kubernetes has it: a field
 * without a type cannot be spoken of.
 * https://kubernetes.io/docs/reference/using-api/cel/#type-system-integration
 */
export function celType(environment: Environment, schema: Schema, isRoot: boolean, minor: number): CelType | undefined {
  const type = plainType(environment, isRoot ? rootWithMeta(schema) : schema, minor);
  if (!type || !schema.nullable) return type;
  return { name: 'dyn', of: (value) => (value === null ? null : type.of(value)) };
}

function plainType(environment: Environment, schema: Schema, minor: number): CelType | undefined {
  if (schema['x-kubernetes-int-or-string'])
    return { name: 'dyn', of: (value) => (typeof value === 'number' ? BigInt(value) : value) };
  switch (schema.type) {
    case 'boolean':
      return { name: 'bool', of: same };
    case 'integer':
      return { name: 'int', of: (value) => BigInt(value as number) };
    case 'number':
      return { name: 'double', of: same };
    case 'string':
      return stringType(schema.format);
    case 'array':
      return listType(environment, schema, minor);
    case 'object':
      return typeof schema.additionalProperties === 'object'
        ? mapType(environment, schema.additionalProperties, minor)
        : objectType(environment, schema, minor);
    default:
      return undefined;
  }
}

function same(value: unknown): unknown {
  return value;
}

function stringType(format: string | undefined): CelType {
  switch (format) {
    case 'byte':
      return { name: 'bytes', of: (value) => new Uint8Array(Buffer.from(value as string, 'base64')) };
    case 'duration':
      return { name: 'google.protobuf.Duration', of: (value) => evaluate('duration(value)', { value }) };
    case 'date':
    case 'date-time':
      return { name: 'google.protobuf.Timestamp', of: (value) => new Date(value as string) };
    default:
      return { name: 'string', of: same };
  }
}

function listType(environment: Environment, schema: Schema, minor: number): CelType | undefined {
  const item =
    schema.items && celType(environment, schema.items, schema.items['x-kubernetes-embedded-resource'] === true, minor);
  return item && { name: `list<${item.name}>`, of: (value) => (value as unknown[]).map(item.of) };
}

function mapType(environment: Environment, schema: Schema, minor: number): CelType | undefined {
  const inner = celType(environment, schema, schema['x-kubernetes-embedded-resource'] === true, minor);
  return (
    inner && {
      name: `map<string, ${inner.name}>`,
      of: (value) => new Map(Object.entries(value as object).map(([key, each]) => [key, inner.of(each)])),
    }
  );
}

/** A class of its own for each schema: the engine tells types apart by their constructor. */
function objectType(environment: Environment, schema: Schema, minor: number): CelType {
  const properties = new Map<string, { readonly spellings: readonly string[]; readonly type: CelType }>();
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const type = celType(environment, property, property['x-kubernetes-embedded-resource'] === true, minor);
    if (type) properties.set(name, { spellings: spellingsOf(name, minor), type });
  }
  class CelObject {}
  const declared = names.get(environment) ?? 0;
  names.set(environment, declared + 1);
  const name = `Object${declared}`;
  environment.registerType(name, {
    ctor: CelObject,
    fields: Object.fromEntries(
      [...properties.values()].flatMap(({ spellings, type }) => spellings.map((spelling) => [spelling, type.name])),
    ),
  });
  environment.registerOperator(`${name} == ${name}`, isEqual);
  return {
    name,
    of: (value) => {
      const object = new CelObject() as Record<string, unknown>;
      for (const [key, inner] of Object.entries(isFields(value) ? value : {})) {
        const property = properties.get(key);
        if (!property) continue;
        const typed = property.type.of(inner);
        for (const spelling of property.spellings) object[spelling] = typed;
      }
      return object;
    },
  };
}

/** How many object types an environment holds, which makes the name of the next. */
const names = new WeakMap<Environment, number>();

/** Two typed values that are the same; the engine knows that of its own types, not of ours. */
function isEqual(one: unknown, other: unknown): boolean {
  if (one instanceof Map && other instanceof Map) return isEqual(Object.fromEntries(one), Object.fromEntries(other));
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((item, index) => isEqual(item, other[index]));
  if (!isFields(one) || !isFields(other)) return one === other;
  if (primitive(one) !== one) return primitive(one) === primitive(other);
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && isEqual(one[key], other[key]))
  );
}

/** Bytes, timestamps and durations as something that `===` compares. */
function primitive(value: object): unknown {
  return value instanceof Uint8Array ? value.join() : value.valueOf();
}

/**
 * How a rule may write the name of a field; not at all, when it cannot be an identifier of CEL.
 * https://kubernetes.io/docs/reference/using-api/cel/#escaping
 */
export function spellingsOf(name: string, minor: number): readonly string[] {
  if (!/^[A-Za-z_.\-/][\w.\-/]*$/.test(name)) return [];
  // Words of CEL itself can stand after a dot as they are since 1.32 (k8s.io/apiserver pkg/cel/environment/environment.go).
  if (words.has(name)) return minor >= 32 ? [`__${name}__`, name] : [`__${name}__`];
  return [name.replace(/__|[.\-/]/g, (part) => escapes[part] ?? part)];
}

const escapes: { readonly [part: string]: string } = {
  __: '__underscores__',
  '.': '__dot__',
  '-': '__dash__',
  '/': '__slash__',
};

const words = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);
