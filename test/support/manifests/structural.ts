import { child } from './json';
import type { Crd, CrdVersion } from './openapi';
import { definitionProblems, versionProblems } from './structural/definition';
import { junctorProblems } from './structural/junctors';
import { keywordProblems } from './structural/keywords';
import type { Place } from './structural/place';
import { defaultProblems, ruleProblems } from './structural/rules';

export interface StructuralOptions {
  /** The oldest Kubernetes 1.x whose API server must accept the CRD, as x. @default 29, the oldest that is supported */
  readonly minor?: number;
}

/**
 * What an API server would refuse in a CustomResourceDefinition, and what it would accept though it is a mistake: a printer
 * column that shows nothing, a required field that is not declared, a format that is never checked.
 * Each problem names the CRD, the version, the field and the rule: `edges.meshwright.dev v1: spec.port: must have a type`.
 *
 * Costs of CEL rules are not computed; what has no greatest size in a rule is a problem instead (see cel/bounds.ts).
 */
export function structuralProblems(object: object, { minor = 29 }: StructuralOptions = {}): string[] {
  const crd = object as Crd;
  const name = crd.metadata.name;
  const problems = definitionProblems(crd).map((problem) => `${name}: ${problem}`);
  for (const version of crd.spec.versions) {
    const root = version.schema?.openAPIV3Schema;
    const ofVersion = root ? [...versionProblems(version), ...schemaProblems(version, minor)] : ['must have a schema'];
    problems.push(...ofVersion.map((problem) => `${name} ${version.name}: ${problem}`));
  }
  return problems;
}

function schemaProblems(version: CrdVersion, minor: number): string[] {
  const root: Place = { schema: version.schema.openAPIV3Schema, path: '', level: 'root', around: [] };
  return [...placesIn(root)].flatMap((place) => {
    const messages = [...keywordProblems(place), ...junctorProblems(place.schema)];
    // What is said about rules and defaults of a schema that is broken would only mislead.
    if (messages.length === 0) messages.push(...defaultProblems(place), ...ruleProblems(place, minor));
    return messages.map((message) => (place.path === '' ? message : `${place.path}: ${message}`));
  });
}

/** A schema and all inside it, those in junctors apart. */
function* placesIn(place: Place): Generator<Place> {
  yield place;
  const { schema, path, around } = place;
  const { items, properties = {}, additionalProperties } = schema;
  for (const [name, property] of Object.entries(properties)) {
    yield* placesIn({ schema: property, path: child(path, name), level: 'field', around });
  }
  const inside = [...around, { schema, path }];
  if (items) yield* placesIn({ schema: items, path: `${path}[]`, level: 'item', around: inside });
  if (typeof additionalProperties === 'object')
    yield* placesIn({ schema: additionalProperties, path: `${path}[]`, level: 'field', around: inside });
}
