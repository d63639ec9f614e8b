import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { createFileRegistry, type DescMessage, type FileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';

/** What Envoy's executable says of its own messages; `.ci/envoy-types.mjs` takes it out of there. */
const path = join(__dirname, 'generated/descriptors.binpb.gz');

let loaded: FileRegistry | undefined;

/** Every message that Envoy knows. Read once, on first use: it takes a tenth of a second. */
export function registry(): FileRegistry {
  loaded ??= createFileRegistry(fromBinary(FileDescriptorSetSchema, gunzipSync(readFileSync(path))));
  return loaded;
}

/** @throws Error for a name that Envoy does not know */
export function messageNamed(typeName: string): DescMessage {
  const message = registry().getMessage(typeName);
  if (!message) throw new Error(`Envoy has no message ${typeName}`);
  return message;
}
