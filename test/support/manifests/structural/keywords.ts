import { repeated, sameData } from '../json';
import type { Schema } from '../openapi';
import { formats } from '../schema/formats';
import { re2 } from '../schema/re2';
import type { Place } from './place';

/**
 * What is wrong with the keywords of one schema, what is inside it apart.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
 */
export function keywordProblems(place: Place): string[] {
  const { schema } = place;
  return [
    ...unknownKeywords(schema),
    ...typeProblems(place),
    ...fieldProblems(place),
    ...listProblems(schema),
    ...extensionProblems(schema),
    ...limitProblems(schema),
  ];
}

/** `$ref`, `definitions`, `uniqueItems` and whatever else OpenAPI has are not among them. */
const keywords = new Set([
  ...['title', 'description', 'example', 'externalDocs', 'type', 'format', 'nullable', 'default', 'enum', 'required'],
  ...['properties', 'additionalProperties', 'items', 'allOf', 'anyOf', 'oneOf', 'not', 'pattern', 'multipleOf'],
  ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'minLength', 'maxLength'],
  ...['minItems', 'maxItems', 'minProperties', 'maxProperties'],
  ...[
    'preserve-unknown-fields',
    'embedded-resource',
    'int-or-string',
    'list-type',
    'list-map-keys',
    'map-type',
    'validations',
  ].map((name) => `x-kubernetes-${name}`),
]);

function unknownKeywords(schema: Schema): string[] {
  return Object.keys(schema)
    .filter((keyword) => !keywords.has(keyword))
    .map((keyword) => `must not have the keyword ${keyword}`);
}

function typeProblems({ schema, level }: Place): string[] {
  const { type } = schema;
  if (type !== undefined && !['object', 'array', 'string', 'integer', 'number', 'boolean'].includes(type))
    return [`type must be one of Kubernetes', got "${type}"`];
  if (level === 'root') return type === 'object' ? [] : ['must be of type object at the root'];
  if (schema['x-kubernetes-int-or-string'])
    return type === undefined ? [] : ['must have no type, being x-kubernetes-int-or-string'];
  if (type === undefined && !schema['x-kubernetes-preserve-unknown-fields']) return ['must have a type'];
  return [];
}

function fieldProblems({ schema, level }: Place): string[] {
  const { properties, additionalProperties, required = [], type } = schema;
  const problems: string[] = [];
  if (additionalProperties !== undefined) {
    if (level === 'root') problems.push('must not have additionalProperties at the root');
    if (additionalProperties === false)
      problems.push('additionalProperties must not be false: what is not in the schema is dropped anyway');
    if (properties) problems.push('must have properties or additionalProperties, not both');
  }
  if ((properties || additionalProperties) && type !== 'object')
    problems.push('must be of type object, having properties');
  problems.push(...repeated(required).map((name) => `required: ${name} must not be there twice`));
  const undeclared = required.filter((name) => !properties || !Object.hasOwn(properties, name));
  problems.push(...undeclared.map((name) => `required: ${name} is not among the properties`));
  if (level === 'root') problems.push(...metadataProblems(properties?.metadata));
  return problems;
}

/** The metadata of an object is Kubernetes' own; a CRD can only limit the name. */
function metadataProblems(metadata: Schema | undefined): string[] {
  if (!metadata) return [];
  const { type, description, properties = {}, ...rest } = metadata;
  const other = Object.keys(properties).filter((name) => name !== 'name' && name !== 'generateName');
  if (type === 'object' && other.length === 0 && Object.keys(rest).length === 0) return [];
  return ['metadata must be of type object and say nothing but of name and generateName'];
}

function listProblems(schema: Schema): string[] {
  const { type, items } = schema;
  const listType = schema['x-kubernetes-list-type'];
  const keys = schema['x-kubernetes-list-map-keys'];
  const problems: string[] = [];
  if (type === 'array' && items === undefined) problems.push('must have items, being an array');
  if (items !== undefined && (type !== 'array' || Array.isArray(items)))
    problems.push('items must be one schema, of an array');
  if (listType !== undefined && type !== 'array') problems.push('must be an array, having x-kubernetes-list-type');
  if (listType !== undefined && !['atomic', 'set', 'map'].includes(listType))
    problems.push(`x-kubernetes-list-type must be atomic, set or map, got "${listType}"`);
  if (keys !== undefined && listType !== 'map')
    problems.push('x-kubernetes-list-type must be map, having x-kubernetes-list-map-keys');
  if (listType === 'map') problems.push(...mapKeyProblems(items, keys ?? []));
  if (listType === 'set') {
    const isAtomic =
      items?.type === 'object'
        ? items['x-kubernetes-map-type'] === 'atomic'
        : (items?.['x-kubernetes-list-type'] ?? 'atomic') === 'atomic';
    if (!isAtomic) problems.push('items of a set must be atomic');
  }
  return problems;
}

function mapKeyProblems(items: Schema | undefined, keys: readonly string[]): string[] {
  if (keys.length === 0) return ['must have x-kubernetes-list-map-keys, being a map'];
  if (items?.type !== 'object') return ['items must be objects, being a map'];
  const problems = repeated(keys).map((key) => `x-kubernetes-list-map-keys: ${key} must not be there twice`);
  for (const key of keys) {
    const property = items.properties?.[key];
    if (!property) problems.push(`x-kubernetes-list-map-keys: ${key} is no property of the items`);
    else if (property.type === 'object' || property.type === 'array')
      problems.push(`x-kubernetes-list-map-keys: ${key} must be a scalar`);
    else if (!items.required?.includes(key) && property.default === undefined)
      problems.push(`x-kubernetes-list-map-keys: ${key} must be required or have a default`);
    if (property?.nullable) problems.push(`x-kubernetes-list-map-keys: ${key} must not be nullable`);
  }
  return problems;
}

function extensionProblems(schema: Schema): string[] {
  const intOrString = schema['x-kubernetes-int-or-string'];
  const preserve = schema['x-kubernetes-preserve-unknown-fields'];
  const embedded = schema['x-kubernetes-embedded-resource'];
  const mapType = schema['x-kubernetes-map-type'];
  const problems: string[] = [];
  if (preserve !== undefined && preserve !== true)
    problems.push('x-kubernetes-preserve-unknown-fields must be true or left out');
  if (intOrString && (preserve || embedded)) problems.push('x-kubernetes-int-or-string goes with no other extension');
  if (embedded && schema.type !== 'object')
    problems.push('must be of type object, being x-kubernetes-embedded-resource');
  if (embedded && schema.additionalProperties !== undefined)
    problems.push('must not have additionalProperties, being x-kubernetes-embedded-resource');
  if (embedded && !preserve && !schema.properties)
    problems.push('must have properties or preserve unknown fields, being x-kubernetes-embedded-resource');
  if (mapType !== undefined && schema.type !== 'object')
    problems.push('must be of type object, having x-kubernetes-map-type');
  if (mapType !== undefined && !['atomic', 'granular'].includes(mapType))
    problems.push(`x-kubernetes-map-type must be atomic or granular, got "${mapType}"`);
  return problems;
}

function limitProblems(schema: Schema): string[] {
  const problems: string[] = [];
  const { pattern, format, enum: values } = schema;
  if (pattern !== undefined) problems.push(...patternProblems(pattern));
  // The API server passes over a format that it does not know.
  const known = [...Object.keys(formats), 'int32', 'int64', 'float', 'double', 'password'];
  if (format !== undefined && !known.includes(format))
    problems.push(`format "${format}" is never checked; checked are ${known.sort().join(', ')}`);
  if (values?.length === 0) problems.push('enum must not be empty');
  if (values?.some((value, index) => values.findIndex((other) => sameData(value, other)) !== index))
    problems.push('enum must not hold a value twice');
  for (const [least, most] of [
    ['minimum', 'maximum'],
    ['minLength', 'maxLength'],
    ['minItems', 'maxItems'],
    ['minProperties', 'maxProperties'],
  ] as const) {
    const [low, high] = [schema[least], schema[most]];
    if (low !== undefined && high !== undefined && low > high)
      problems.push(`${least} ${low} must not be more than ${most} ${high}`);
  }
  for (const [keyword, type] of Object.entries(typeOfLimit)) {
    const holds = schema.type === undefined || type.split(' ').includes(schema.type);
    if (Object.hasOwn(schema, keyword) && !holds) problems.push(`${keyword} says nothing of type ${schema.type}`);
  }
  return problems;
}

const typeOfLimit: { readonly [keyword: string]: string } = {
  pattern: 'string',
  minLength: 'string',
  maxLength: 'string',
  minimum: 'integer number',
  maximum: 'integer number',
  multipleOf: 'integer number',
  minItems: 'array',
  maxItems: 'array',
  minProperties: 'object',
  maxProperties: 'object',
  required: 'object',
};

function patternProblems(pattern: string): string[] {
  try {
    re2(pattern);
    return [];
  } catch (error) {
    return [`pattern is ${(error as Error).message}`];
  }
}
