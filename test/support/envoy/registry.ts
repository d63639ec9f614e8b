import { readFileSync } from 'node:fs';
import {
  createFileRegistry,
  type DescMessage,
  type FileRegistry,
  fromBinary,
  fromJson,
  type JsonObject,
  type JsonValue,
  toBinary,
  toJson,
} from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { descriptorsPath } from './tools';

let loaded: FileRegistry | undefined;

/** Every message that the Envoy of the tests knows; read once, on first use. */
export function registry(): FileRegistry {
  loaded ??= createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(descriptorsPath())));
  return loaded;
}

/**
 * A message as it goes over the wire, nested Anys included.
 *
 * @throws Error on a type, field or name of an enum that Envoy does not know, and on a value of the wrong type
 */
export function encode(message: object, typeName: string): Uint8Array {
  const schema = schemaOf(typeName);
  return toBinary(schema, fromJson(schema, message as JsonValue, { registry: registry() }));
}

/** The other way round. */
export function decode(bytes: Uint8Array, typeName: string): JsonObject {
  const schema = schemaOf(typeName);
  return toJson(schema, fromBinary(schema, bytes), { registry: registry() }) as JsonObject;
}

function schemaOf(typeName: string): DescMessage {
  const schema = registry().getMessage(typeName);
  if (!schema) throw new Error(`Envoy has no message ${typeName}`);
  return schema;
}
