#!/usr/bin/env node
// Envoy's own types, out of the Envoy that is used: its executable holds the descriptor of every message that is linked in.
//
//   node .ci/envoy-types.mjs [path of envoy]      default: what .ci/prepare.mjs has found
//
// Writes `proxy/xds/generated/descriptors.binpb.gz` (a FileDescriptorSet, by which the control plane encodes) and
// `lib/envoy/generated/types.ts` (the protobuf-JSON form of every message), and prints the path of each. What is there already,
// of the same Envoy and the same generator, is left as it is. https://protobuf.dev/programming-guides/json/
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { create, createFileRegistry, fromBinary, ScalarType, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { root, tools, writeWhole } from './prepare/cache.mjs';
import { run } from './prepare/command.mjs';

function main(envoy) {
  if (!envoy) throw new Error('no path of an Envoy was given; run "node .ci/prepare.mjs build", or name one');
  const executable = readFileSync(resolve(envoy));
  const version = versionOf(resolve(envoy));
  const descriptorsPath = join(root, 'proxy/xds/generated/descriptors.binpb.gz');
  const typesPath = join(root, 'lib/envoy/generated/types.ts');
  const stamp = `${sha256(executable)} ${sha256(readFileSync(fileURLToPath(import.meta.url)))}`;

  if (stampOf(typesPath) !== stamp || !existsSync(descriptorsPath)) {
    const files = extractFiles(executable);
    const set = toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, { file: files }));
    writeWhole(descriptorsPath, gzipSync(set, { level: 9 }));
    writeWhole(typesPath, generateTypes(files, version, stamp));
  }
  for (const path of [descriptorsPath, typesPath]) console.log(relative(root, path));
}

/** `envoy  version: <commit>/1.40.0/Clean/RELEASE/BoringSSL` */
function versionOf(path) {
  const version = run(path, ['--version']).stdout.match(/version: [^/]*\/(\d+\.\d+\.\d+)/)?.[1];
  if (!version) throw new Error(`${path} does not run as Envoy`);
  return version;
}

function sha256(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}

const stampLine = /^\/\/ stamp: (.*)$/m;

function stampOf(path) {
  return existsSync(path) ? readFileSync(path, 'utf8').slice(0, 1_000).match(stampLine)?.[1] : undefined;
}

// ---- descriptors out of the executable ----

/**
 * C++ keeps each file's FileDescriptorProto as it is encoded, so each begins with its first field: tag 0x0a, length, name.
 * Where several places look like one file, the longest is the descriptor and the others are cut short.
 */
function extractFiles(executable) {
  const found = new Map();
  const suffix = Buffer.from('.proto');
  for (let at = executable.indexOf(suffix); at >= 0; at = executable.indexOf(suffix, at + 1)) {
    const start = startOfDescriptor(executable, at + suffix.length);
    if (start === undefined) continue;
    const bytes = executable.subarray(start, endOfDescriptor(executable, start));
    const file = parse(bytes);
    if (!file || (found.get(file.name)?.size ?? 0) >= bytes.length) continue;
    found.set(file.name, { size: bytes.length, file });
  }
  return dependenciesFirst(new Map([...found].map(([name, { file }]) => [name, file])));
}

function startOfDescriptor(bytes, endOfName) {
  const longestName = 127; // its length is one byte
  for (let length = suffixLength; length <= longestName; length++) {
    const start = endOfName - length - 2;
    if (start < 0) return undefined;
    if (bytes[start] !== 0x0a || bytes[start + 1] !== length) continue;
    return /^[\w./-]+$/.test(bytes.toString('latin1', start + 2, endOfName)) ? start : undefined;
  }
  return undefined;
}

const suffixLength = '.proto'.length;

/** Behind the last field that can be one of a FileDescriptorProto; what follows in the executable is other data. */
function endOfDescriptor(bytes, start) {
  let at = start;
  for (;;) {
    const tag = varint(bytes, at);
    if (!tag) return at;
    const field = tag.value >>> 3;
    const wireType = tag.value & 7;
    const value = varint(bytes, tag.end);
    if (!value) return at;
    if (wireType === 0 && varintFields.has(field)) at = value.end;
    else if (wireType === 2 && lengthFields.has(field) && (field !== 1 || at === start)) at = value.end + value.value;
    else return at;
    if (at > bytes.length) return start;
  }
}

// https://github.com/protocolbuffers/protobuf/blob/main/src/google/protobuf/descriptor.proto (FileDescriptorProto)
const lengthFields = new Set([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
const varintFields = new Set([10, 11, 14]);

function varint(bytes, start) {
  let value = 0;
  for (let at = start, scale = 1; at < bytes.length && at < start + 5; at++, scale *= 128) {
    value += (bytes[at] & 127) * scale;
    if (bytes[at] < 128) return { value, end: at + 1 };
  }
  return undefined;
}

function parse(bytes) {
  try {
    const file = fromBinary(FileDescriptorProtoSchema, bytes);
    const says = file.package !== '' || file.messageType.length > 0 || file.dependency.length > 0;
    if (!says) return undefined;
    for (const message of file.messageType) fillJsonNames(message);
    return file;
  } catch {
    return undefined; // a text that happens to look like the beginning of one
  }
}

/** C++ is built without the names that fields have in JSON; they follow from the others. */
function fillJsonNames(message) {
  for (const field of message.field) {
    field.jsonName ||= field.name.replace(/_+(\w?)/g, (_, letter) => letter.toUpperCase());
  }
  for (const nested of message.nestedType) fillJsonNames(nested);
}

function dependenciesFirst(files) {
  const sorted = new Set();
  const missing = new Set();
  const visit = (name) => {
    const file = files.get(name);
    if (!file) missing.add(name);
    else if (!sorted.has(file)) {
      for (const dependency of file.dependency) visit(dependency);
      sorted.add(file);
    }
  };
  for (const name of [...files.keys()].sort()) visit(name);
  if (!files.has('envoy/config/bootstrap/v3/bootstrap.proto'))
    throw new Error('the executable holds no descriptors of Envoy');
  if (missing.size > 0) throw new Error(`the executable does not hold ${[...missing].join(', ')}`);
  return [...sorted];
}

// ---- TypeScript out of descriptors ----

const wellKnown = 'google.protobuf.';
/** The API: the versioned packages. What is not (the hot restart protocol, annotations, remains of v2) is in no configuration. */
const versioned = /^(?:envoy|xds|udpa)\.(?:\w+\.)*v\d\w*\./;
const annotations = /^(?:\w+\.)*annotations\./;
/** Each field's rules are an option of it; whoever checks them reads this. https://github.com/bufbuild/protoc-gen-validate */
const rulesOfFields = 'validate.FieldRules';

function generateTypes(files, version, stamp) {
  const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: files }));
  const types = reachable(registry);
  const names = new Scope(types);
  const namespaces = new Map();
  for (const type of types) {
    const at = type.typeName.lastIndexOf('.');
    const namespace = type.typeName.slice(0, at);
    const name = type.typeName.slice(at + 1);
    const text =
      type.kind === 'enum' ? enumText(name, type) : messageText(name, type, (to) => names.from(namespace, to));
    namespaces.set(namespace, [...(namespaces.get(namespace) ?? []), text]);
  }
  const inAny = types.filter((type) => type.kind === 'message' && !type.parent && isOfApi(type));
  return [
    `// Envoy ${version}: made by .ci/envoy-types.mjs from the executable, not to be edited.`,
    `// stamp: ${stamp}`,
    preamble,
    ...[...namespaces].map(([namespace, texts]) => `export namespace ${namespace} {\n${texts.join('\n')}\n}`),
    '/** Messages that an Any can hold, by name. */',
    'export interface Messages {',
    ...wellKnownInAny.map((name) => `  '${wellKnown}${name}': { readonly value: ${wellKnown}${name} };`),
    ...inAny.map((type) => `  '${type.typeName}': ${type.typeName};`),
    '}',
    '',
  ].join('\n');
}

const wellKnownInAny = [
  'Any',
  'BoolValue',
  'BytesValue',
  'DoubleValue',
  'Duration',
  'FloatValue',
  'Int32Value',
  'Int64Value',
  'ListValue',
  'StringValue',
  'Struct',
  'Timestamp',
  'UInt32Value',
  'UInt64Value',
  'Value',
];

const preamble = `
/**
 * A message under its own name: \`{ '@type': 'type.googleapis.com/<name>', … }\`. The name decides which fields the rest may have.
 */
export type Any<Name extends keyof Messages = keyof Messages> = {
  [Each in Name]: { readonly '@type': \`type.googleapis.com/\${Each}\` } & Messages[Each];
}[Name];

/** Well-known types have a JSON form of their own. */
export namespace google.protobuf {
  /** Seconds, with at most nine decimals: \`0.25s\`. */
  export type Duration = \`\${number}s\`;
  /** RFC 3339, in UTC. */
  export type Timestamp = string;
  export type FieldMask = string;
  export type Empty = { readonly [key: string]: never };
  export type Struct = { readonly [key: string]: Value };
  export type Value = null | boolean | number | string | Struct | ListValue;
  export type ListValue = readonly Value[];
  export type NullValue = null;
  export type BoolValue = boolean;
  export type StringValue = string;
  /** Base64. */
  export type BytesValue = string;
  export type Int32Value = number;
  export type UInt32Value = number;
  export type Int64Value = number | string;
  export type UInt64Value = number | string;
  export type FloatValue = number;
  export type DoubleValue = number;
  export type Any = AnyMessage;
}
type AnyMessage = Any;`;

/** Every type of the API and what it refers to, in the order of names. */
function reachable(registry) {
  const found = new Map();
  const visit = (type) => {
    if (!type || found.has(type.typeName) || type.typeName.startsWith(wellKnown)) return;
    found.set(type.typeName, type);
    if (type.kind === 'message') for (const field of type.fields) visit(field.message ?? field.enum);
  };
  for (const type of registry) if (isOfApi(type)) visit(type);
  visit(registry.getMessage(rulesOfFields));
  return [...found.values()].sort((a, b) => (a.typeName < b.typeName ? -1 : 1));
}

function isOfApi(type) {
  const holdsValues = type.kind === 'enum' || (type.kind === 'message' && !type.proto.options?.mapEntry);
  return holdsValues && versioned.test(type.typeName) && !annotations.test(type.typeName);
}

function enumText(name, type) {
  return `  export type ${name} = ${type.values.map((value) => `'${value.name}'`).join(' | ')};`;
}

function messageText(name, message, refer) {
  const oneofs = message.oneofs.map(
    (oneof) => `At most one of ${oneof.fields.map((field) => `\`${field.jsonName}\``).join(', ')}.`,
  );
  const lines = [
    ...(oneofs.length > 0 ? [`  /** ${oneofs.join(' ')} */`] : []),
    ...(message.deprecated ? ['  /** @deprecated */'] : []),
    `  export interface ${name} {`,
    ...message.fields.flatMap((field) => [
      ...(field.deprecated ? ['    /** @deprecated */'] : []),
      `    readonly ${field.jsonName}?: ${fieldText(field, refer)};`,
    ]),
    '  }',
  ];
  return lines.join('\n');
}

function fieldText(field, refer) {
  if (field.fieldKind === 'list') return `readonly ${valueText(field.listKind, field, refer)}[]`;
  if (field.fieldKind === 'map') return `{ readonly [key: string]: ${valueText(field.mapKind, field, refer)} }`;
  return valueText(field.fieldKind, field, refer);
}

function valueText(kind, field, refer) {
  if (kind === 'message') return refer(field.message.typeName);
  if (kind === 'enum') return refer(field.enum.typeName);
  const text = scalarTexts.get(field.scalar) ?? 'number';
  return field.fieldKind === 'list' && text.includes('|') ? `(${text})` : text;
}

const scalarTexts = new Map([
  [ScalarType.BOOL, 'boolean'],
  [ScalarType.STRING, 'string'],
  [ScalarType.BYTES, 'string'],
  // Beyond 2^53 only a string keeps every digit.
  ...['INT64', 'UINT64', 'SINT64', 'FIXED64', 'SFIXED64'].map((kind) => [ScalarType[kind], 'number | string']),
]);

/** TypeScript looks a name up from the innermost namespace outwards, so `xds.core` could mean `envoy.x.xds.core`. */
class Scope {
  #names;

  constructor(types) {
    const prefixes = (name) => name.split('.').map((_, index, parts) => parts.slice(0, index + 1).join('.'));
    this.#names = new Set(types.flatMap((type) => prefixes(type.typeName)));
  }

  from(namespace, to) {
    const first = to.slice(0, to.indexOf('.'));
    for (let around = namespace; around !== ''; around = around.slice(0, Math.max(0, around.lastIndexOf('.')))) {
      if (!this.#names.has(`${around}.${first}`)) continue;
      throw new Error(
        `in ${namespace}, the name ${to} would mean ${around}.${to}: give types.ts an alias for ${first}`,
      );
    }
    return to;
  }
}

try {
  main(process.argv[2] ?? process.env.ENVOY_BIN ?? tools.get('envoy')?.path);
} catch (error) {
  console.error(`envoy-types: ${error.message}`);
  process.exitCode = 1;
}
