import type { google, validate } from './generated/types';

/**
 * What Envoy's API says about a message beyond the types of its fields: the part of its descriptor that
 * {@link ruleViolations} reads, as plain data. Whoever holds the descriptors makes it, so that no protobuf library is needed here.
 */
export interface MessageSchema {
  readonly fields: readonly FieldSchema[];
  /** Oneofs of which one field must be set, each as the names of its fields. */
  readonly requiredOneofs: readonly (readonly string[])[];
}

export interface FieldSchema {
  /** As protobuf-JSON has it: `connectTimeout`. */
  readonly name: string;
  readonly shape: 'one' | 'list' | 'map';
  /** Of the field, of each item of a list or of each value of a map. */
  readonly value: ValueSchema;
  /**
   * What its absence means: that it has the empty value, for which its rules hold too; that it is not there; or that
   * another field of its oneof may be.
   */
  readonly absence: 'empty' | 'missing' | 'alternative';
  readonly rules?: validate.FieldRules;
}

export type ValueSchema =
  | { readonly kind: 'message'; readonly type: string }
  | { readonly kind: 'enum'; readonly numbers: { readonly [name: string]: number } }
  | { readonly kind: 'string' | 'bytes' | 'bool' | 'number' };

/** Finds the schema of a message by its full name; undefined for one that is not known. */
export type Schemas = (type: string) => MessageSchema | undefined;

/**
 * What Envoy would refuse about a message, found by the rules that its own descriptors carry (protoc-gen-validate), through
 * every nested message and every Any. Envoy stops at the first; this names all, each with its path in the message.
 *
 * It does not repeat what a decoder of protobuf-JSON says: unknown fields, unknown names of enums, values of the wrong type.
 *
 * @throws Error if a field has a rule that is not implemented, rather than pass what Envoy refuses
 */
export function ruleViolations(schemas: Schemas, type: string, message: object): string[] {
  return messageViolations(schemas, type, message as Json, '');
}

type Json = { readonly [name: string]: unknown };

function messageViolations(schemas: Schemas, type: string, message: Json, path: string): string[] {
  if (type === 'google.protobuf.Any') return anyViolations(schemas, message, path);
  if (type.startsWith('google.protobuf.')) return [];
  const schema = schemas(type);
  if (!schema) return [`${path || 'message'}: is of the unknown type ${type}`];
  const oneofs = schema.requiredOneofs
    .filter((names) => names.every((name) => isAbsent(message[name])))
    .map((names) => `${path || 'message'}: must have one of ${names.join(', ')}`);
  const { byName, wanted } = fieldsOf(schemas, schema);
  const found: (readonly [number, readonly string[]])[] = [];
  for (const name of Object.keys(message)) {
    const place = byName.get(name);
    const value = message[name];
    if (!place || isAbsent(value)) continue;
    const violations = fieldViolations(schemas, place.field, value, path);
    if (violations.length > 0) found.push([place.index, violations]);
  }
  for (const { field, index } of wanted) {
    if (isAbsent(message[field.name])) found.push([index, fieldViolations(schemas, field, undefined, path)]);
  }
  return [...oneofs, ...found.sort(([a], [b]) => a - b).flatMap(([, violations]) => violations)];
}

interface PlacedField {
  readonly field: FieldSchema;
  readonly index: number;
}

interface Fields {
  readonly byName: ReadonlyMap<string, PlacedField>;
  /** Those of which even the absence breaks a rule. */
  readonly wanted: readonly PlacedField[];
}

const known = new WeakMap<MessageSchema, Fields>();

/** Messages of Envoy have dozens of fields and a few that are set: which of the others matter is found out once. */
function fieldsOf(schemas: Schemas, schema: MessageSchema): Fields {
  const existing = known.get(schema);
  if (existing) return existing;
  const placed = schema.fields.map((field, index) => ({ field, index }));
  const made: Fields = {
    byName: new Map(placed.map((one) => [one.field.name, one])),
    wanted: placed.filter(({ field }) => fieldViolations(schemas, field, undefined, '').length > 0),
  };
  known.set(schema, made);
  return made;
}

function anyViolations(schemas: Schemas, any: Json, path: string): string[] {
  const url = any['@type'];
  if (typeof url !== 'string') return [`${path}: must have "@type", the name of the message that it holds`];
  return messageViolations(schemas, url.slice(url.lastIndexOf('/') + 1), any, path);
}

function fieldViolations(schemas: Schemas, field: FieldSchema, value: unknown, parent: string): string[] {
  const path = parent === '' ? field.name : `${parent}.${field.name}`;
  const rules = field.rules ?? {};
  switch (field.shape) {
    case 'list':
      return listViolations(schemas, field.value, rules.repeated ?? {}, isList(value) ? value : [], path);
    case 'map':
      return mapViolations(schemas, field.value, rules.map ?? {}, isObject(value) ? value : {}, path);
    case 'one':
      return isAbsent(value)
        ? absenceViolations(field, rules, path)
        : valueViolations(schemas, field.value, rules, value, path);
  }
}

function absenceViolations(field: FieldSchema, rules: validate.FieldRules, path: string): string[] {
  const required = rules.message?.required || rules.duration?.required || rules.any?.required;
  if (required && field.absence === 'missing') return [`${path}: is required`];
  const empty = field.absence === 'empty' ? emptyValue(field.value) : undefined;
  return empty === undefined ? [] : ruleProblems(field.value, rules, empty).map((problem) => `${path}: ${problem}`);
}

function emptyValue(value: ValueSchema): unknown {
  switch (value.kind) {
    case 'message':
      return undefined;
    case 'enum':
    case 'number':
      return 0;
    case 'bool':
      return false;
    case 'string':
    case 'bytes':
      return '';
  }
}

function listViolations(
  schemas: Schemas,
  item: ValueSchema,
  rules: validate.RepeatedRules,
  items: readonly unknown[],
  path: string,
): string[] {
  const { minItems, maxItems, unique, items: itemRules = {}, ignoreEmpty, ...others } = rules;
  refuseUnknown('repeated', others);
  const skipped = ignoreEmpty && items.length === 0;
  return [
    ...(skipped ? [] : sizeProblems(items.length, minItems, maxItems, 'items')),
    ...(unique ? repeats(items) : []),
  ]
    .map((problem) => `${path}: ${problem}`)
    .concat(items.flatMap((value, index) => valueViolations(schemas, item, itemRules, value, `${path}[${index}]`)));
}

function mapViolations(
  schemas: Schemas,
  value: ValueSchema,
  rules: validate.MapRules,
  map: Json,
  path: string,
): string[] {
  const { minPairs, maxPairs, keys: keyRules = {}, values: valueRules = {}, ignoreEmpty, ...others } = rules;
  refuseUnknown('map', others);
  const keys = Object.keys(map).sort();
  const skipped = ignoreEmpty && keys.length === 0;
  return [
    ...(skipped ? [] : sizeProblems(keys.length, minPairs, maxPairs, 'entries')),
    ...keys.flatMap((key) => ruleProblems(keySchema(keyRules), keyRules, key).map((problem) => `a key ${problem}`)),
  ]
    .map((problem) => `${path}: ${problem}`)
    .concat(
      keys.flatMap((key) => valueViolations(schemas, value, valueRules, map[key], `${path}[${JSON.stringify(key)}]`)),
    );
}

/** In JSON every key is a string; the rules tell what it stands for. */
function keySchema(rules: validate.FieldRules): ValueSchema {
  return { kind: rules.string || Object.keys(rules).length === 0 ? 'string' : rules.bool ? 'bool' : 'number' };
}

function sizeProblems(
  size: number,
  min: number | string | undefined,
  max: number | string | undefined,
  what: string,
): string[] {
  if (min !== undefined && size < Number(min)) return [`must have at least ${min} ${what}, got ${size}`];
  if (max !== undefined && size > Number(max)) return [`must have at most ${max} ${what}, got ${size}`];
  return [];
}

function repeats(items: readonly unknown[]): string[] {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const text of items.map((item) => JSON.stringify(item))) (seen.has(text) ? twice : seen).add(text);
  return [...twice].map((text) => `must not repeat an item, got ${text} more than once`);
}

function valueViolations(
  schemas: Schemas,
  schema: ValueSchema,
  rules: validate.FieldRules,
  value: unknown,
  path: string,
): string[] {
  const problems = ruleProblems(schema, rules, value).map((problem) => `${path}: ${problem}`);
  const enters = schema.kind === 'message' && !rules.message?.skip && isObject(value);
  return enters ? [...problems, ...messageViolations(schemas, schema.type, value, path)] : problems;
}

/** What the rules for a single value say of it. A message that wraps a number or a string has the rules of what it wraps. */
function ruleProblems(schema: ValueSchema, rules: validate.FieldRules, value: unknown): string[] {
  return Object.entries(rules).flatMap(([kind, rule]: [string, Json]) => {
    const { ignoreEmpty, ...rest } = rule;
    if (ignoreEmpty && (value === '' || value === 0 || value === '0')) return [];
    switch (kind) {
      case 'message': {
        const { skip: _skip, required: _required, ...others } = rest;
        refuseUnknown('message', others);
        return [];
      }
      case 'string':
        return stringProblems(rest as validate.StringRules, String(value));
      case 'bytes':
        return bytesProblems(rest as validate.BytesRules, String(value));
      case 'bool':
        return boolProblems(rest as validate.BoolRules, value);
      case 'enum':
        return enumProblems(rest as validate.EnumRules, schema, value);
      case 'duration': {
        const { required: _required, ...bounds } = rest as validate.DurationRules;
        return orderProblems('duration', bounds, value, nanoseconds);
      }
      case 'any': {
        const { required: _required, ...others } = rest;
        refuseUnknown('any', others);
        return [];
      }
      default:
        if (!numberKinds.has(kind)) throw new Error(`rules of the kind ${kind} are not implemented`);
        return orderProblems(kind, rest, value, number);
    }
  });
}

const numberKinds: ReadonlySet<string> = new Set([
  'double',
  'float',
  ...['int', 'uint', 'sint', 'fixed', 'sfixed'].flatMap((kind) => [`${kind}32`, `${kind}64`]),
]);

function stringProblems(rules: validate.StringRules, value: string): string[] {
  const {
    const: constant,
    len,
    minLen,
    maxLen,
    lenBytes,
    minBytes,
    maxBytes,
    pattern,
    prefix,
    suffix,
    contains,
    notContains,
    in: allowed,
    notIn: forbidden,
    wellKnownRegex,
    strict = true,
    ...others
  } = rules;
  refuseUnknown('string', others);
  const got = `got ${JSON.stringify(value)}`;
  const characters = [...value].length;
  const bytes = new TextEncoder().encode(value).length;
  const legal = wellKnownRegex && wellKnown[wellKnownRegex];
  return found([
    [constant !== undefined && value !== constant, `must be ${JSON.stringify(constant)}, ${got}`],
    [len !== undefined && characters !== Number(len), `must have ${len} characters, ${got}`],
    [characters < Number(minLen ?? 0), `must have at least ${minLen} characters, ${got}`],
    [characters > Number(maxLen ?? Infinity), `must have at most ${maxLen} characters, ${got}`],
    [lenBytes !== undefined && bytes !== Number(lenBytes), `must have ${lenBytes} bytes, ${got}`],
    [bytes < Number(minBytes ?? 0), `must have at least ${minBytes} bytes, ${got}`],
    [bytes > Number(maxBytes ?? Infinity), `must have at most ${maxBytes} bytes, ${got}`],
    [pattern !== undefined && !regex(pattern).test(value), `must match ${pattern}, ${got}`],
    [!value.startsWith(prefix ?? ''), `must begin with ${JSON.stringify(prefix)}, ${got}`],
    [!value.endsWith(suffix ?? ''), `must end with ${JSON.stringify(suffix)}, ${got}`],
    [!value.includes(contains ?? ''), `must contain ${JSON.stringify(contains)}, ${got}`],
    [!!notContains && value.includes(notContains), `must not contain ${JSON.stringify(notContains)}, ${got}`],
    [!!allowed?.length && !allowed.includes(value), `must be one of ${JSON.stringify(allowed)}, ${got}`],
    [!!forbidden?.includes(value), `must not be one of ${JSON.stringify(forbidden)}, ${got}`],
    [!!legal && !(strict ? legal.strict : legal.loose).test(value), `must be legal as ${legal?.name}, ${got}`],
  ]);
}

/** RE2 must match the whole text; what Envoy's rules use of its syntax, JavaScript has too. */
function regex(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`, 'u');
}

// https://github.com/bufbuild/protoc-gen-validate/blob/main/README.md#strings
// biome-ignore-start lint/suspicious/noControlCharactersInRegex: they are what is forbidden
const notLineOrNull = /^[^\u0000\u000a\u000d]*$/u;
const wellKnown = {
  UNKNOWN: undefined,
  HTTP_HEADER_NAME: { name: 'the name of a header', strict: /^:?[0-9a-zA-Z!#$%&'*+-.^_|~`]+$/u, loose: notLineOrNull },
  HTTP_HEADER_VALUE: {
    name: 'the value of a header',
    strict: /^[^\u0000-\u0008\u000a-\u001f\u007f]*$/u,
    loose: notLineOrNull,
  },
} as const;
// biome-ignore-end lint/suspicious/noControlCharactersInRegex: they are what is forbidden

function bytesProblems(rules: validate.BytesRules, base64: string): string[] {
  const { len, minLen, maxLen, ...others } = rules;
  refuseUnknown('bytes', others);
  const size = Math.floor((base64.replace(/=+$/, '').length * 3) / 4);
  return found([
    [len !== undefined && size !== Number(len), `must have ${len} bytes, got ${size}`],
    [size < Number(minLen ?? 0), `must have at least ${minLen} bytes, got ${size}`],
    [size > Number(maxLen ?? Infinity), `must have at most ${maxLen} bytes, got ${size}`],
  ]);
}

function boolProblems(rules: validate.BoolRules, value: unknown): string[] {
  const { const: constant, ...others } = rules;
  refuseUnknown('bool', others);
  return found([[constant !== undefined && value !== constant, `must be ${constant}, got ${value}`]]);
}

/** In JSON an enum's value stands by name or by number. */
function enumProblems(rules: validate.EnumRules, schema: ValueSchema, value: unknown): string[] {
  const { const: constant, definedOnly, in: allowed, notIn: forbidden, ...others } = rules;
  refuseUnknown('enum', others);
  const numbers = schema.kind === 'enum' ? schema.numbers : {};
  const given = typeof value === 'string' ? numbers[value] : Number(value);
  const nameOf = (wanted: number) => Object.keys(numbers).find((name) => numbers[name] === wanted) ?? String(wanted);
  const got = `got ${given === undefined ? value : nameOf(given)}`;
  const defined = given !== undefined && Object.values(numbers).includes(given);
  return found([
    [constant !== undefined && given !== constant, `must be ${nameOf(constant ?? 0)}, ${got}`],
    [!!definedOnly && !defined, `must be one of ${Object.keys(numbers).join(', ')}, ${got}`],
    [!!allowed?.length && !allowed.includes(given ?? -1), `must be one of ${allowed?.map(nameOf).join(', ')}, ${got}`],
    [!!forbidden?.includes(given ?? -1), `must not be one of ${forbidden?.map(nameOf).join(', ')}, ${got}`],
  ]);
}

interface Bounds {
  readonly const?: unknown;
  readonly lt?: unknown;
  readonly lte?: unknown;
  readonly gt?: unknown;
  readonly gte?: unknown;
  readonly in?: readonly unknown[];
  readonly notIn?: readonly unknown[];
}

/** Rules of whatever has an order. A lower bound above the upper one means: outside of what lies between. */
function orderProblems(
  kind: string,
  rules: Bounds,
  value: unknown,
  read: (json: unknown) => number | bigint,
): string[] {
  const { const: constant, lt, lte, gt, gte, in: allowed = [], notIn: forbidden = [], ...others } = rules;
  refuseUnknown(kind, others);
  const given = read(value);
  const equals = (other: unknown) => !(given < read(other)) && !(given > read(other));
  const lower = gt ?? gte;
  const upper = lt ?? lte;
  const belowLower = lower !== undefined && (gt === undefined ? given < read(gte) : given <= read(gt));
  const aboveUpper = upper !== undefined && (lt === undefined ? given > read(lte) : given >= read(lt));
  const outside = lower !== undefined && upper !== undefined && read(lower) > read(upper);
  const lowerText = gt === undefined ? `at least ${gte}` : `above ${gt}`;
  const upperText = lt === undefined ? `at most ${lte}` : `below ${lt}`;
  const got = `got ${value}`;
  return found([
    [constant !== undefined && !equals(constant), `must be ${constant}, ${got}`],
    [outside && belowLower && aboveUpper, `must be ${lowerText} or ${upperText}, ${got}`],
    [!outside && belowLower, `must be ${lowerText}, ${got}`],
    [!outside && aboveUpper, `must be ${upperText}, ${got}`],
    [allowed.length > 0 && !allowed.some(equals), `must be one of ${allowed.join(', ')}, ${got}`],
    [forbidden.some(equals), `must not be one of ${forbidden.join(', ')}, ${got}`],
  ]);
}

/** Integers of 64 bits are strings in JSON and lose digits as numbers. */
function number(json: unknown): number | bigint {
  return typeof json === 'string' && /^-?\d+$/.test(json) ? BigInt(json) : Number(json);
}

function nanoseconds(json: unknown): bigint {
  const [, sign = '', seconds = '0', decimals = ''] =
    String(json as google.protobuf.Duration).match(/^(-?)(\d+)(?:\.(\d*))?s$/) ?? [];
  return BigInt(`${sign}${seconds}${decimals.padEnd(9, '0')}`);
}

/** A rule that nobody reads would let pass what Envoy refuses: a newer Envoy may use one. */
function refuseUnknown(kind: string, others: object): void {
  const names = Object.keys(others);
  if (names.length > 0)
    throw new Error(`rules ${names.map((name) => `${kind}.${name}`).join(', ')} are not implemented`);
}

function found(problems: readonly (readonly [boolean, string])[]): string[] {
  return problems.filter(([is]) => is).map(([, text]) => text);
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}
