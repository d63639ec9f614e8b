import { child, type Fields, isFields, sameData } from '../json';
import type { Schema } from '../openapi';
import { formats } from './formats';
import { re2 } from './re2';

/** One thing that is wrong, and where: `spec.rules[0].name`. */
export interface Fault {
  readonly at: string;
  readonly message: string;
}

/**
 * What the API server finds wrong with a value under a structural schema, CEL rules apart. Stricter in one thing: a field that
 * the schema does not know is a fault, where the API server would drop it without a word.
 */
export function valueFaults(schema: Schema, value: unknown, path = ''): Fault[] {
  if (value === null && schema.nullable) return [];
  return [
    ...typeFaults(schema, value, path),
    ...limitFaults(schema, value, path),
    ...junctorFaults(schema, value, path),
    ...innerFaults(schema, value, path),
  ];
}

function typeFaults(schema: Schema, value: unknown, path: string): Fault[] {
  if (schema['x-kubernetes-int-or-string']) {
    const isOne = typeof value === 'string' || Number.isInteger(value);
    return isOne ? [] : [{ at: path, message: `must be an integer or a string, got ${show(value)}` }];
  }
  if (schema.type === undefined || isOfType(schema.type, value)) return [];
  return [{ at: path, message: `must be of type ${schema.type}, got ${show(value)}` }];
}

function isOfType(type: NonNullable<Schema['type']>, value: unknown): boolean {
  switch (type) {
    case 'object':
      return isFields(value);
    case 'array':
      return Array.isArray(value);
    case 'integer':
      return Number.isSafeInteger(value);
    case 'number':
      return typeof value === 'number' && Number.isFinite(value);
    default:
      return typeof value === type;
  }
}

/** Limits hold for the values that they speak of, and say nothing of others. */
function limitFaults(schema: Schema, value: unknown, path: string): Fault[] {
  const messages: string[] = [];
  if (schema.enum && !schema.enum.some((allowed) => sameData(allowed, value))) {
    messages.push(`must be one of ${schema.enum.map((allowed) => show(allowed)).join(', ')}, got ${show(value)}`);
  }
  if (typeof value === 'string') messages.push(...stringMessages(schema, value));
  if (typeof value === 'number') messages.push(...numberMessages(schema, value));
  if (Array.isArray(value))
    messages.push(
      ...sizeMessages('items', value.length, schema.minItems, schema.maxItems),
      ...listTypeMessages(schema, value),
    );
  if (isFields(value))
    messages.push(...sizeMessages('properties', Object.keys(value).length, schema.minProperties, schema.maxProperties));
  return messages.map((message) => ({ at: path, message }));
}

function stringMessages(schema: Schema, value: string): string[] {
  const messages = sizeMessages('characters', [...value].length, schema.minLength, schema.maxLength);
  if (schema.pattern !== undefined && !re2(schema.pattern).test(value))
    messages.push(`must match ${schema.pattern}, got ${show(value)}`);
  const format = schema.format === undefined ? undefined : formats[schema.format];
  if (format && !format(value)) messages.push(`must be of format ${schema.format}, got ${show(value)}`);
  return messages;
}

function numberMessages(schema: Schema, value: number): string[] {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf, format } = schema;
  const messages: string[] = [];
  if (minimum !== undefined && (exclusiveMinimum ? value <= minimum : value < minimum)) {
    messages.push(`must be ${exclusiveMinimum ? 'more than' : 'at least'} ${minimum}, got ${value}`);
  }
  if (maximum !== undefined && (exclusiveMaximum ? value >= maximum : value > maximum)) {
    messages.push(`must be ${exclusiveMaximum ? 'less than' : 'at most'} ${maximum}, got ${value}`);
  }
  if (multipleOf !== undefined && !Number.isInteger(value / multipleOf))
    messages.push(`must be a multiple of ${multipleOf}, got ${value}`);
  if (format === 'int32' && Math.abs(value) > 2 ** 31 - 1 && value !== -(2 ** 31))
    messages.push(`must be of format int32, got ${value}`);
  return messages;
}

function sizeMessages(what: string, size: number, least = 0, most = Number.POSITIVE_INFINITY): string[] {
  if (size < least) return [`must have at least ${least} ${what}, got ${size}`];
  return size > most ? [`must have at most ${most} ${what}, got ${size}`] : [];
}

/** Lists that are sets, or maps by the values of some fields, hold nothing twice. */
function listTypeMessages(schema: Schema, values: readonly unknown[]): string[] {
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const listType = schema['x-kubernetes-list-type'];
  if (listType !== 'set' && listType !== 'map') return [];
  const identity = (value: unknown): unknown =>
    listType === 'set' ? value : keys.map((key) => (isFields(value) ? value[key] : undefined) ?? null);
  return values.flatMap((value, index) => {
    const first = values.findIndex((other) => sameData(identity(other), identity(value)));
    if (first === index) return [];
    const what =
      listType === 'set'
        ? show(value)
        : keys.map((key) => `${key} ${show(isFields(value) ? value[key] : undefined)}`).join(', ');
    return [`must not hold ${what} twice (items ${first} and ${index})`];
  });
}

/** In a junctor stand limits, without types and without fields of their own: nothing there is unknown. */
function junctorFaults(schema: Schema, value: unknown, path: string): Fault[] {
  const holds = (inner: Schema) => partFaults(inner, value, path).length === 0;
  const faults = (schema.allOf ?? []).flatMap((inner) => partFaults(inner, value, path));
  if (schema.anyOf && !schema.anyOf.some(holds))
    faults.push({ at: path, message: `must be valid for at least one of ${schema.anyOf.length} schemas (anyOf)` });
  const valid = (schema.oneOf ?? []).filter(holds).length;
  if (schema.oneOf && valid !== 1)
    faults.push({
      at: path,
      message: `must be valid for exactly one of ${schema.oneOf.length} schemas (oneOf), is for ${valid}`,
    });
  if (schema.not && holds(schema.not))
    faults.push({ at: path, message: 'must not be valid for the schema under "not"' });
  return faults;
}

function partFaults(schema: Schema, value: unknown, path: string): Fault[] {
  const faults = [
    ...typeFaults(schema, value, path),
    ...limitFaults(schema, value, path),
    ...junctorFaults(schema, value, path),
  ];
  if (isFields(value)) {
    faults.push(...missingFaults(schema, value, path));
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      if (Object.hasOwn(value, name)) faults.push(...partFaults(property, value[name], child(path, name)));
    }
  }
  const { items } = schema;
  if (items && Array.isArray(value))
    faults.push(...value.flatMap((item, index) => partFaults(items, item, child(path, index))));
  return faults;
}

function innerFaults(schema: Schema, value: unknown, path: string): Fault[] {
  if (Array.isArray(value)) {
    const { items } = schema;
    return items ? value.flatMap((item, index) => valueFaults(items, item, child(path, index))) : [];
  }
  if (!isFields(value)) return [];
  const known = schema['x-kubernetes-embedded-resource']
    ? { ...schema.properties, ...metaOfEmbedded }
    : schema.properties;
  const faults = missingFaults(schema, value, path);
  for (const [name, inner] of Object.entries(value)) {
    const at = child(path, name);
    const property = known && Object.hasOwn(known, name) ? known[name] : schema.additionalProperties;
    if (typeof property === 'object') faults.push(...valueFaults(property, inner, at));
    else if (property !== true && !schema['x-kubernetes-preserve-unknown-fields'] && schema.type !== undefined) {
      faults.push({
        at,
        message: `unknown field${known ? `; known are ${Object.keys(known).sort().join(', ')}` : ''}`,
      });
    }
  }
  return faults;
}

/** An object inside an object has what every object has, and its metadata is not looked into. */
const metaOfEmbedded: { readonly [name: string]: Schema } = {
  apiVersion: { type: 'string' },
  kind: { type: 'string' },
  metadata: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
};

function missingFaults(schema: Schema, value: Fields, path: string): Fault[] {
  return (schema.required ?? [])
    .filter((name) => value[name] === undefined)
    .map((name) => ({ at: child(path, name), message: 'is required' }));
}

/** A value as a message shows it, cut when it is long. */
export function show(value: unknown): string {
  const whole = value === undefined ? 'nothing' : (JSON.stringify(value) ?? String(value));
  return whole.length > 120 ? `${whole.slice(0, 117)}...` : whole;
}
