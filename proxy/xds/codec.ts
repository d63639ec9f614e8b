import { createHash } from 'node:crypto';
import { fromBinary, fromJson, type JsonObject, type JsonValue, toBinary, toJson } from '@bufbuild/protobuf';
import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { type Cluster, ruleViolations } from '../../lib/envoy';
import { messageNamed, registry } from './descriptors';
import { type Resource, resourceTypes } from './resource';
import { schemaOf } from './schemas';

/**
 * A resource, checked by the rules of Envoy's API and encoded: what Envoy would refuse by its form is never sent.
 *
 * @throws InvalidResource on what Envoy does not know or would refuse
 */
export function encodeResource(
  typeUrl: string,
  name: string,
  json: object,
  more: Pick<Resource, 'after'> = {},
): Resource {
  const value = checked(typeUrl, name, json);
  const awaits = typeUrl === resourceTypes.cluster ? endpointsOf(json) : undefined;
  const bytes = new BinaryWriter().uint32(anyTypeUrl).string(typeUrl).uint32(anyValue).bytes(value).finish();
  return {
    typeUrl,
    name,
    version: createHash('sha256').update(value).digest('base64url').slice(0, versionLength),
    bytes,
    // As objects it takes ten times the memory of its bytes, and hardly anybody looks.
    get json() {
      return decode(bytes.subarray(bytes.length - value.length), typeNameOf(typeUrl));
    },
    ...(awaits === undefined ? {} : { awaits }),
    ...more,
  };
}

/** 96 bits: two contents in a mesh never meet. */
const versionLength = 16;

// google.protobuf.Any: tag and wire type of its two fields.
const anyTypeUrl = (1 << 3) | 2;
const anyValue = (2 << 3) | 2;

/** Why a resource cannot be sent, each reason with the path of the field. */
export class InvalidResource extends Error {
  constructor(
    readonly typeUrl: string,
    readonly resource: string,
    readonly reasons: readonly string[],
  ) {
    super(`${typeNameOf(typeUrl)} ${JSON.stringify(resource)}: ${reasons.join('; ')}`);
  }
}

function checked(typeUrl: string, name: string, json: object): Uint8Array {
  const encoded = encodedOrReason(typeUrl, json);
  const reasons = typeof encoded === 'string' ? [encoded] : violationsOf(typeUrl, json);
  if (typeof encoded === 'string' || reasons.length > 0) throw new InvalidResource(typeUrl, name, reasons);
  return encoded;
}

function encodedOrReason(typeUrl: string, json: object): Uint8Array | string {
  try {
    return encode(json, typeNameOf(typeUrl));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** What Envoy would refuse about a message by the rules in its descriptors, each with the path of the field. */
export function violationsOf(typeUrl: string, json: object): string[] {
  return ruleViolations(schemaOf, typeNameOf(typeUrl), json);
}

function typeNameOf(typeUrl: string): string {
  return typeUrl.slice(typeUrl.lastIndexOf('/') + 1);
}

/** Under which name a cluster asks for its endpoints, if it does. */
function endpointsOf(cluster: Cluster): string | undefined {
  if (!cluster.edsClusterConfig) return undefined;
  return cluster.edsClusterConfig.serviceName || cluster.name;
}

/**
 * A message as it goes over the wire, nested Anys included.
 *
 * @throws Error on a type, field or name of an enum that Envoy does not know, and on a value of the wrong type
 */
export function encode(message: object, typeName: string): Uint8Array {
  const schema = messageNamed(typeName);
  return toBinary(schema, fromJson(schema, message as JsonValue, { registry: registry() }));
}

/** The other way round. */
export function decode(bytes: Uint8Array, typeName: string): JsonObject {
  const schema = messageNamed(typeName);
  return toJson(schema, fromBinary(schema, bytes), { registry: registry() }) as JsonObject;
}
