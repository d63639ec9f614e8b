import {
  type DescField,
  type DescMessage,
  type DescOneof,
  getExtension,
  hasExtension,
  type Message,
  ScalarType,
  toJson,
} from '@bufbuild/protobuf';
import type { FieldOptions, MessageOptions, OneofOptions } from '@bufbuild/protobuf/wkt';
import type { FieldRules, FieldSchema, MessageSchema, ValueSchema } from '../../lib/envoy';
import { registry } from './descriptors';

const known = new Map<string, MessageSchema | undefined>();

/** What the descriptor of a message says, as the data that `ruleViolations` reads; undefined for one that Envoy does not know. */
export function schemaOf(typeName: string): MessageSchema | undefined {
  if (!known.has(typeName)) {
    const message = registry().getMessage(typeName);
    known.set(typeName, message && messageSchema(message));
  }
  return known.get(typeName);
}
function messageSchema(message: DescMessage): MessageSchema {
  const options = message.proto.options;
  const unchecked = isTrue('validate.disabled', options) || isTrue('validate.ignored', options);
  return {
    fields: message.fields.map((field) => fieldSchema(field, unchecked)),
    requiredOneofs: unchecked ? [] : message.oneofs.filter(isRequired).map(namesOf),
  };
}

function isRequired(oneof: DescOneof): boolean {
  return isTrue('validate.required', oneof.proto.options);
}

function namesOf(oneof: DescOneof): string[] {
  return oneof.fields.map((field) => field.jsonName);
}

function fieldSchema(field: DescField, unchecked: boolean): FieldSchema {
  const rules = unchecked ? undefined : option<FieldRules>('validate.rules', field.proto.options);
  return {
    name: field.jsonName,
    shape: field.fieldKind === 'list' || field.fieldKind === 'map' ? field.fieldKind : 'one',
    value: valueSchema(field),
    absence: field.oneof ? 'alternative' : isTracked(field) ? 'missing' : 'empty',
    ...(rules === undefined ? {} : { rules }),
  };
}

/** Of a message, and of what is declared optional, Protobuf knows whether it is there. */
function isTracked(field: DescField): boolean {
  return field.fieldKind === 'message' || field.proto.proto3Optional;
}

function valueSchema(field: DescField): ValueSchema {
  if (field.message) return { kind: 'message', type: field.message.typeName };
  if (field.enum) {
    return { kind: 'enum', numbers: Object.fromEntries(field.enum.values.map(({ name, number }) => [name, number])) };
  }
  return { kind: scalarKinds.get(field.scalar ?? ScalarType.INT32) ?? 'number' };
}

const scalarKinds = new Map<ScalarType, 'string' | 'bytes' | 'bool'>([
  [ScalarType.STRING, 'string'],
  [ScalarType.BYTES, 'bytes'],
  [ScalarType.BOOL, 'bool'],
]);

type Options = FieldOptions | MessageOptions | OneofOptions | undefined;

function isTrue(name: string, options: Options): boolean {
  return option<boolean>(name, options) === true;
}

/** The value of an option that an extension defines, in its JSON form. */
function option<Value>(name: string, options: Options): Value | undefined {
  const extension = registry().getExtension(name);
  if (!extension) throw new Error(`Envoy has no option ${name}`);
  if (!options || !hasExtension(options, extension)) return undefined;
  const value = getExtension(options, extension);
  return (extension.message ? toJson(extension.message, value as Message) : value) as Value;
}
