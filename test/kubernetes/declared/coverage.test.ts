import fc from 'fast-check';
import { expect, it } from 'vitest';
import { meshwrightDefinitions } from '../../../lib/kubernetes/crds';
import { encode } from '../../../lib/kubernetes/declared';
import { arbitraryModel } from '../../support/arbitraries/model';

// biome-ignore lint/suspicious/noExplicitAny: the schema or the spec of any kind
type Json = any;

/** The laws of this folder say something of a field only if generated models have it. */
it('generated models fill every field of every kind of ours', () => {
  const filled = new Set<string>();
  for (const model of fc.sample(arbitraryModel(), { numRuns: 400, seed: 4711 })) {
    for (const { kind, spec } of encode(model)) visit(spec, kind, filled);
  }
  const declared = meshwrightDefinitions().flatMap((crd) =>
    fieldsOf(crd.spec.versions[0].schema.openAPIV3Schema.properties.spec, crd.spec.names.kind),
  );
  expect(declared.filter((field) => !filled.has(field))).toEqual([]);
});

function visit(value: Json, path: string, into: Set<string>): void {
  into.add(path);
  if (Array.isArray(value)) for (const item of value) visit(item, `${path}[]`, into);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) visit(inner, `${path}.${key}`, into);
  }
}

function fieldsOf(schema: Json, path: string): string[] {
  return [
    path,
    ...Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => fieldsOf(inner, `${path}.${name}`)),
    ...(schema.items ? fieldsOf(schema.items, `${path}[]`) : []),
  ];
}
