import type { Schema } from './schema';

/** A value as it stands in a manifest. */
// biome-ignore lint/suspicious/noExplicitAny: what it is is asked of it field by field
export type Json = any;

/**
 * How a part of the model stands in a manifest: what Kubernetes is told of it, and both directions. They are one value, so
 * that none can be changed without the others.
 */
export interface Shape<T> {
  readonly schema: Schema;
  encode(value: T, place: Place): Json;
  /** Throws {@link Unreadable} after it has told the reader why. */
  decode(json: Json, reader: Reader): T;
}

/** Where a value stands; references to the same namespace leave it out. */
export interface Place {
  readonly namespace: string;
}

/** What is wrong with an object, and where in it. */
export interface Problem {
  /** `HTTPRoute storefront/web` */
  readonly object: string;
  /** `spec.rules[0].backendRefs[1]`; empty for the object as a whole. */
  readonly path: string;
  readonly message: string;
}

/** A value cannot be read; its reader has been told why. */
export class Unreadable extends Error {}

/** A place in an object that is being read; it passes on what is wrong there. */
export class Reader implements Place {
  constructor(
    private readonly report: (path: string, message: string) => void,
    /** Of the object. */
    readonly namespace: string,
    readonly path: string = '',
  ) {}

  /** The place of a field, or of an item. */
  at(key: string | number): Reader {
    const path = typeof key === 'number' ? `${this.path}[${key}]` : this.path === '' ? key : `${this.path}.${key}`;
    return new Reader(this.report, this.namespace, path);
  }

  fail(message: string): never {
    this.report(this.path, message);
    throw new Unreadable(message);
  }

  /** Runs all, so that every problem is reported and not only the first; throws if there was one. */
  all<T>(parts: readonly (() => T)[]): T[] {
    const values: T[] = [];
    let failure: Unreadable | undefined;
    for (const part of parts) {
      try {
        values.push(part());
      } catch (error) {
        if (!(error instanceof Unreadable)) throw error;
        failure = error;
      }
    }
    if (failure) throw failure;
    return values;
  }

  /** An object of JSON; absent counts as empty. */
  fields(json: Json): { readonly [field: string]: Json } {
    if (json === undefined) return {};
    if (typeof json !== 'object' || json === null || Array.isArray(json)) return this.wrong('an object', json);
    return json;
  }

  /** A list of JSON; absent counts as empty. */
  items(json: Json): readonly Json[] {
    if (json === undefined) return [];
    return Array.isArray(json) ? json : this.wrong('a list', json);
  }

  text(json: Json): string {
    return typeof json === 'string' ? json : this.wrong('a string', json);
  }

  number(json: Json): number {
    return typeof json === 'number' ? json : this.wrong('a number', json);
  }

  wrong(expected: string, json: Json): never {
    return this.fail(json === undefined ? 'is missing' : `must be ${expected}, got ${shown(json)}`);
  }

  /** Refuses fields other than these: what is not understood must not be dropped in silence. */
  only(fields: { readonly [field: string]: Json }, known: readonly string[]): void {
    this.all(
      Object.keys(fields)
        .filter((field) => fields[field] !== undefined && !known.includes(field))
        .map((field) => () => this.at(field).fail('is not supported')),
    );
  }
}

/** A value as messages show it. */
export function shown(json: Json): string {
  const text = JSON.stringify(json) ?? String(json);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
