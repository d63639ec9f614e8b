import { order } from '../../../model';
import type { Rule, Schema } from './schema';
import { withRules } from './schema';
import type { Json, Reader, Shape } from './shape';

interface ListLimits {
  readonly minItems?: number;
  /** Always given: what it costs to check a rule is reckoned from it. */
  readonly maxItems: number;
  /** No value twice. */
  readonly unique?: boolean;
}

/** A list; its order is kept. */
export function list<T>(item: Shape<T>, { minItems, maxItems, unique }: ListLimits): Shape<readonly T[]> {
  return {
    schema: {
      type: 'array',
      ...(minItems === undefined ? {} : { minItems }),
      maxItems,
      items: item.schema,
      'x-kubernetes-list-type': unique ? 'set' : 'atomic',
    },
    encode: (values, place) => values.map((value) => item.encode(value, place)),
    decode: (json, reader) =>
      reader.all(
        (json === undefined ? reader.wrong('a list', json) : reader.items(json)).map(
          (each, index) => () => item.decode(each, reader.at(index)),
        ),
      ),
  };
}

/** Values by any name. */
export function mapOf<T>(value: Shape<T>, maxProperties: number): Shape<{ readonly [key: string]: T }> {
  return {
    schema: { type: 'object', additionalProperties: value.schema, maxProperties },
    encode: (values, place) =>
      Object.fromEntries(
        Object.keys(values)
          .sort(order)
          .map((key) => [key, value.encode(values[key] as T, place)]),
      ),
    decode: (json, reader) => {
      const given = json === undefined ? reader.wrong('an object', json) : reader.fields(json);
      return Object.fromEntries(
        reader.all(Object.keys(given).map((key) => (): [string, T] => [key, value.decode(given[key], reader.at(key))])),
      );
    },
  };
}

/** A shape whose values are objects of known fields. */
export interface ObjectShape<T> extends Shape<T> {
  readonly known: readonly string[];
  /** Reads the fields that are its own, and no others. */
  take(json: { readonly [field: string]: Json }, reader: Reader): T;
}

/** A field of an object: its shape, what it means, and what stands for its absence. */
export interface Field<T> {
  readonly shape: Shape<T>;
  readonly description: string;
  /** Its name in manifests. Absent: that in the model. */
  readonly as?: string;
  readonly otherwise?: T;
}

interface RequiredField<T> extends Field<T> {
  readonly presence: 'required';
}
interface OptionalField<T> extends Field<T> {
  readonly presence: 'optional';
}

/** A field that is always there. */
export const required = <T>(shape: Shape<T>, description: string, as?: string): RequiredField<T> => ({
  presence: 'required',
  shape,
  description,
  as,
});

/** A field that may be absent, in manifests as in the model. */
export const optional = <T>(shape: Shape<T>, description: string, as?: string): OptionalField<T> => ({
  presence: 'optional',
  shape,
  description,
  as,
});

/** A field that the model always has, and manifests leave out where it says what everybody expects: a scalar, or an empty list. */
export const otherwise = <T>(value: T, shape: Shape<T>, description: string, as?: string): RequiredField<T> => ({
  presence: 'required',
  shape,
  description,
  as,
  otherwise: value,
});

/** A list that manifests leave out where it is empty. */
export const listed = <T>(shape: Shape<readonly T[]>, description: string, as?: string): RequiredField<readonly T[]> =>
  otherwise<readonly T[]>([], shape, description, as);

export type FieldsOf<T> = {
  readonly [K in keyof T]-?: undefined extends T[K] ? OptionalField<Exclude<T[K], undefined>> : RequiredField<T[K]>;
};

/** An object, field by field: every field of the model's type must be spoken of. */
export function fields<T extends object>(of: FieldsOf<T>, ...rules: readonly Rule[]): ObjectShape<T> {
  const all = (Object.entries(of) as [string, RequiredField<unknown> | OptionalField<unknown>][]).map(
    ([key, field]) => ({ key, name: field.as ?? key, ...field }),
  );
  const mandatory = all
    .filter((field) => field.presence === 'required' && field.otherwise === undefined)
    .map((field) => field.name);
  const known = all.map((field) => field.name);
  const take: ObjectShape<T>['take'] = (json, reader) => {
    const pairs = reader.all(
      all.map((field) => (): [string, unknown] => {
        const value = json[field.name];
        if (value === undefined && field.presence === 'optional') return [field.key, undefined];
        if (value === undefined && field.otherwise !== undefined) return [field.key, field.otherwise];
        return [field.key, field.shape.decode(value, reader.at(field.name))];
      }),
    );
    return Object.fromEntries(pairs.filter(([, value]) => value !== undefined)) as T;
  };
  return {
    schema: objectSchema(
      Object.fromEntries(all.map((field) => [field.name, { ...field.shape.schema, description: field.description }])),
      mandatory,
      rules,
    ),
    known,
    take,
    encode: (value, place) => {
      const json: Record<string, Json> = {};
      for (const field of all) {
        const inner = (value as { readonly [key: string]: unknown })[field.key];
        if (inner === undefined || isExpected(inner, field.otherwise)) continue;
        json[field.name] = field.shape.encode(inner, place);
      }
      return json;
    },
    decode: whole(known, take),
  };
}

/** Whether a value is the one that is left out: a scalar, or an empty list. */
function isExpected(value: unknown, expected: unknown): boolean {
  return value === expected || (Array.isArray(expected) && Array.isArray(value) && value.length === 0);
}

type Variants<T extends { readonly kind: string }> = {
  readonly [K in T['kind']]: Variant<Omit<Extract<T, { readonly kind: K }>, 'kind'>>;
};

interface Variant<T> {
  readonly shape: Shape<T>;
  readonly description: string;
}

export const variant = <T>(shape: Shape<T>, description: string): Variant<T> => ({ shape, description });

/** One of several, told apart by which field is there: `{ "random": {} }` is `{ kind: 'random' }`. */
export function oneOf<T extends { readonly kind: string }>(of: Variants<T>): ObjectShape<T> {
  const all = Object.entries(of) as [string, Variant<object>][];
  const known = all.map(([kind]) => kind);
  const take: ObjectShape<T>['take'] = (json, reader) => {
    const given = all.filter(([kind]) => json[kind] !== undefined);
    const [only] = given;
    if (!only || given.length > 1) {
      const got = given.map(([kind]) => kind).join(' and ') || 'none';
      return reader.fail(`must have exactly one of ${known.join(', ')}, got ${got}`);
    }
    const [kind, { shape }] = only;
    return { kind, ...shape.decode(json[kind], reader.at(kind)) } as unknown as T;
  };
  return {
    schema: objectSchema(
      Object.fromEntries(all.map(([kind, { shape, description }]) => [kind, { ...shape.schema, description }])),
      [],
      [exactlyOne(known)],
    ),
    known,
    take,
    encode: (value, place) => ({
      [value.kind]: (of as never as Record<string, Variant<T>>)[value.kind]?.shape.encode(value, place),
    }),
    decode: whole(known, take),
  };
}

/** A law: of these fields one is there, and only one. A sum costs the API server least of all ways to say it. */
export function exactlyOne(names: readonly string[]): Rule {
  return {
    rule: `${names.map((name) => `(has(self.${celName(name)}) ? 1 : 0)`).join(' + ')} == 1`,
    message: `exactly one of ${names.join(', ')} must be given`,
  };
}

/**
 * The same law as a count of fields, which costs nothing: for items of lists inside of lists, where the API server would
 * refuse any rule for what it might cost at worst.
 */
export function counted<T>(shape: Shape<T>): Shape<T> {
  const { 'x-kubernetes-validations': _, ...schema } = shape.schema;
  return { ...shape, schema: { ...schema, minProperties: 1, maxProperties: 1 } };
}

/** A field's name in CEL; words of the language stand between underscores. https://kubernetes.io/docs/reference/using-api/cel/#escaping */
function celName(name: string): string {
  return name === 'namespace' || name === 'in' ? `__${name}__` : name;
}

/** The fields of two objects in one. */
export function both<A extends object, B extends object>(a: ObjectShape<A>, b: ObjectShape<B>): ObjectShape<A & B> {
  const known = [...a.known, ...b.known];
  const take: ObjectShape<A & B>['take'] = (json, reader) => {
    const [one, other] = reader.all<object>([() => a.take(json, reader), () => b.take(json, reader)]);
    return { ...one, ...other } as A & B;
  };
  return {
    schema: objectSchema(
      { ...a.schema.properties, ...b.schema.properties },
      [...(a.schema.required ?? []), ...(b.schema.required ?? [])],
      [...(a.schema['x-kubernetes-validations'] ?? []), ...(b.schema['x-kubernetes-validations'] ?? [])],
    ),
    known,
    take,
    encode: (value, place) => ({ ...a.encode(value, place), ...b.encode(value, place) }),
    decode: whole(known, take),
  };
}

/** An object of the model with one field stands in manifests as that field's value alone. */
export function single<K extends string, T>(key: K, shape: Shape<T>): Shape<{ readonly [key in K]: T }> {
  return {
    schema: shape.schema,
    encode: (value, place) => shape.encode(value[key], place),
    decode: (json, reader) => ({ [key]: shape.decode(json, reader) }) as { readonly [key in K]: T },
  };
}

/** Nothing but that it is there. */
export const nothing: Shape<object> = fields<Record<never, never>>({});

/** A shape with laws added to it. */
export function lawful<T>(shape: Shape<T>, ...rules: readonly Rule[]): Shape<T> {
  return { ...shape, schema: withRules(shape.schema, ...rules) };
}

function objectSchema(
  properties: { readonly [name: string]: Schema },
  mandatory: readonly string[],
  rules: readonly Rule[],
): Schema {
  return {
    type: 'object',
    ...(mandatory.length > 0 ? { required: mandatory } : {}),
    ...(Object.keys(properties).length > 0 ? { properties } : {}),
    ...(rules.length > 0 ? { 'x-kubernetes-validations': rules } : {}),
  };
}

function whole<T>(known: readonly string[], take: ObjectShape<T>['take']): Shape<T>['decode'] {
  return (json, reader) => {
    const given = json === undefined ? reader.wrong('an object', json) : reader.fields(json);
    const [, value] = reader.all<T | undefined>([
      () => {
        reader.only(given, known);
        return undefined;
      },
      () => take(given, reader),
    ]);
    return value as T;
  };
}
