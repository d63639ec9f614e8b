import { Duration } from '../../../model';
import type { Schema } from './schema';
import { type Shape, shown } from './shape';

interface TextLimits {
  readonly minLength?: number;
  /** Always given: what it costs to check a rule is reckoned from it. */
  readonly maxLength: number;
  readonly pattern?: string;
}

/** A string, of at least one character unless said otherwise. */
export function text({ minLength = 1, maxLength, pattern }: TextLimits): Shape<string> {
  return {
    schema: { type: 'string', minLength, maxLength, ...(pattern === undefined ? {} : { pattern }) },
    encode: (value) => value,
    decode: (json, reader) => reader.text(json),
  };
}

/** A DNS label: names of Services, namespaces and versions. https://www.rfc-editor.org/rfc/rfc1123 */
export const label = text({ maxLength: 63, pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$' });

/** A DNS subdomain: names of most objects, and hosts. */
export const subdomain = text({
  maxLength: 253,
  pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$',
});

/** An address block: `10.0.0.0/8`, `fd00::/8`. Its address is checked by synthesis, its form by the API server. */
export const cidr = text({ maxLength: 43, pattern: '^[0-9a-fA-F:.]+/[0-9]{1,3}$' });

/** Name of a header or a query parameter: an HTTP token. https://www.rfc-editor.org/rfc/rfc9110#name-tokens */
export const token = text({ maxLength: 256, pattern: "^[A-Za-z0-9!#$%&'*+\\-.^_\\x60|~]+$" });

interface NumberLimits {
  readonly minimum: number;
  readonly maximum: number;
}

export function integer({ minimum, maximum }: NumberLimits): Shape<number> {
  return numeric({ type: 'integer', format: maximum > 2_147_483_647 ? 'int64' : 'int32', minimum, maximum });
}

/** Any number above zero, up to a greatest one. */
export function positive(maximum: number): Shape<number> {
  return numeric({ type: 'number', minimum: 0, exclusiveMinimum: true, maximum });
}

/** Any number between two, neither included. */
export function exclusive(minimum: number, maximum: number): Shape<number> {
  return numeric({ type: 'number', minimum, exclusiveMinimum: true, maximum, exclusiveMaximum: true });
}

/** Any number. */
export const number = numeric({ type: 'number' });

function numeric(schema: Schema): Shape<number> {
  return { schema, encode: (value) => value, decode: (json, reader) => reader.number(json) };
}

export const port = integer({ minimum: 1, maximum: 65_535 });
export const percent = numeric({ type: 'number', minimum: 0, maximum: 100 });
export const count = integer({ minimum: 1, maximum: 2_147_483_647 });

export const flag: Shape<boolean> = {
  schema: { type: 'boolean' },
  encode: (value) => value,
  decode: (json, reader) => (typeof json === 'boolean' ? json : reader.wrong('true or false', json)),
};

/** Gateway API's durations (GEP-2257): `500ms`, `1h30m`. */
export const duration: Shape<number> = {
  schema: { type: 'string', maxLength: 32, pattern: '^([0-9]{1,5}(h|m|s|ms)){1,4}$' },
  encode: (value) => Duration.format(value),
  decode: (json, reader) =>
    Duration.parse(reader.text(json)) ?? reader.wrong('a duration such as 500ms, 2m or 1h30m', json),
};

/** One of a few words; Kubernetes writes them with a capital letter, the model as TypeScript does. */
export function choice<T extends string>(words: { readonly [word in T]: string }): Shape<T> {
  const written = Object.values<string>(words);
  const meant = new Map((Object.keys(words) as T[]).map((word) => [words[word] as string, word]));
  return {
    schema: { type: 'string', enum: written },
    encode: (value) => words[value],
    decode: (json, reader) =>
      meant.get(json) ??
      reader.fail(json === undefined ? 'is missing' : `must be one of ${written.join(', ')}, got ${shown(json)}`),
  };
}
