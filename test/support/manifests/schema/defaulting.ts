import { type Fields, isFields } from '../json';
import type { Schema } from '../openapi';

/**
 * What the API server makes of a value before it validates it: absent fields that have a default get it, from the outside in.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#defaulting
 */
export function withDefaults(schema: Schema, value: unknown): unknown {
  if (Array.isArray(value)) {
    const { items } = schema;
    return items ? value.map((item) => withDefaults(items, orDefault(items, item))) : value;
  }
  if (!isFields(value)) return value;
  const result: Record<string, unknown> = { ...value };
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const given = orDefault(property, ownField(value, name));
    if (given !== undefined) result[name] = withDefaults(property, given);
  }
  if (typeof schema.additionalProperties === 'object') {
    for (const [name, given] of Object.entries(value)) {
      result[name] = withDefaults(schema.additionalProperties, orDefault(schema.additionalProperties, given));
    }
  }
  return result;
}

function ownField(value: Fields, name: string): unknown {
  return Object.hasOwn(value, name) ? value[name] : undefined;
}

/** A null that may not be one is dropped, and so gets the default too. */
function orDefault(schema: Schema, value: unknown): unknown {
  if (value !== undefined && (value !== null || schema.nullable)) return value;
  return schema.default === undefined ? value : structuredClone(schema.default);
}
