import type { Json, Reader, Shape } from '../shape';

/** A value in an annotation, as JSON. */
export function toJson<T>(shape: Shape<T>, value: T): string {
  return JSON.stringify(shape.encode(value, { namespace: '' }));
}

export function fromJson<T>(shape: Shape<T>, text: string, reader: Reader): T {
  let json: Json;
  try {
    json = JSON.parse(text);
  } catch {
    return reader.wrong('JSON', text);
  }
  return shape.decode(json, reader);
}
