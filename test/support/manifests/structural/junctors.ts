import { child, sameData } from '../json';
import type { Schema } from '../openapi';

/**
 * What is wrong with the schemas under `allOf`, `anyOf`, `oneOf` and `not`: they limit values, and may neither say what a value
 * is nor speak of a field that the schema around them does not declare.
 */
export function junctorProblems(schema: Schema): string[] {
  return junctors(schema).flatMap(({ keyword, inner, isIntOrString }) =>
    isIntOrString ? [] : partProblems(inner, schema).map((problem) => `${keyword}: ${problem}`),
  );
}

interface Junctor {
  readonly keyword: string;
  readonly inner: Schema;
  /** The one way in which a type may be said here: that of an integer or string. */
  readonly isIntOrString: boolean;
}

function junctors(schema: Schema): Junctor[] {
  const isIntOrString = (inner: readonly Schema[] | undefined) =>
    schema['x-kubernetes-int-or-string'] === true && sameData(inner, [{ type: 'integer' }, { type: 'string' }]);
  const of = (keyword: 'allOf' | 'anyOf' | 'oneOf') =>
    (schema[keyword] ?? []).map((inner, index) => ({
      keyword: `${keyword}[${index}]`,
      inner,
      isIntOrString:
        (keyword === 'anyOf' && isIntOrString(schema.anyOf)) ||
        (keyword === 'allOf' && index === 0 && isIntOrString(inner.anyOf)),
    }));
  const not = schema.not ? [{ keyword: 'not', inner: schema.not, isIntOrString: false }] : [];
  return [...of('allOf'), ...of('anyOf'), ...of('oneOf'), ...not];
}

const forbidden = [
  'type',
  'default',
  'title',
  'description',
  'nullable',
  'additionalProperties',
  '$ref',
  'definitions',
  'uniqueItems',
];

function partProblems(part: Schema, around: Schema, path = ''): string[] {
  const at = (message: string) => (path === '' ? message : `${path}: ${message}`);
  const problems = Object.keys(part)
    .filter((keyword) => forbidden.includes(keyword) || keyword.startsWith('x-kubernetes-'))
    .map((keyword) => at(`must not have the keyword ${keyword}`));
  problems.push(...junctorProblems(part).map(at));
  for (const [name, property] of Object.entries(part.properties ?? {})) {
    const declared = around.properties && Object.hasOwn(around.properties, name) ? around.properties[name] : undefined;
    if (path === '' && name === 'metadata') problems.push(at('must not speak of metadata'));
    else if (declared) problems.push(...partProblems(property, declared, child(path, name)));
    else problems.push(at(`${name} is not declared outside of it`));
  }
  const undeclared = (part.required ?? []).filter(
    (name) => !around.properties || !Object.hasOwn(around.properties, name),
  );
  problems.push(...undeclared.map((name) => at(`required: ${name} is not declared outside of it`)));
  if (part.items && !around.items) problems.push(at('items are not declared outside of it'));
  else if (part.items && around.items) problems.push(...partProblems(part.items, around.items, `${path}[]`));
  return problems;
}
