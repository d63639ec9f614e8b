// CustomResourceDefinitions as they are published in YAML, without what does not validate: descriptions, which are three
// quarters of the text, and `status`.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { root } from './cache.mjs';

/** Those in some entries of an archive; `yaml` is an npm dependency, so this runs after npm has. */
export function crdsIn(entries, names) {
  const { parseAllDocuments } = createRequire(join(root, 'package.json'))('yaml');
  return names
    .flatMap((name) => parseAllDocuments(textOf(entries, name)).map((document) => document.toJS()))
    .filter((object) => object?.kind === 'CustomResourceDefinition')
    .map(minimised);
}

function textOf(entries, name) {
  const entry = entries.get(name);
  if (!entry) throw new Error(`the archive holds no ${name}`);
  return entry.read().toString('utf8');
}

function minimised({ status, ...crd }) {
  const versions = crd.spec.versions.map((served) => ({
    ...served,
    schema: { openAPIV3Schema: withoutDescriptions(served.schema.openAPIV3Schema) },
  }));
  return { ...crd, spec: { ...crd.spec, versions } };
}

/** Follows the places where a schema holds schemas: a property may be called `description`. */
function withoutDescriptions({ description, ...schema }) {
  const each = (schemas) =>
    Object.fromEntries(Object.entries(schemas).map(([name, inner]) => [name, withoutDescriptions(inner)]));
  const result = { ...schema };
  if (schema.properties) result.properties = each(schema.properties);
  for (const key of ['items', 'additionalProperties', 'not']) {
    if (typeof schema[key] === 'object') result[key] = withoutDescriptions(schema[key]);
  }
  for (const key of ['allOf', 'anyOf', 'oneOf']) {
    if (schema[key]) result[key] = schema[key].map(withoutDescriptions);
  }
  return result;
}
