/**
 * As much of DER as certificates need. https://www.itu.int/rec/T-REC-X.690, section 10 and 11
 *
 * Every value is a tag, a length and its content; the content of some is a row of values.
 */

export const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** Tag of a field that is told from its neighbours by a number: `[0]`, `[3]`. */
export function contextTag(number: number, form: 'primitive' | 'constructed'): number {
  return (form === 'primitive' ? 0x80 : 0xa0) | number;
}

export function encode(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  let length = 0;
  for (const content of contents) length += content.length;
  const header = lengthBytes(length);
  const bytes = Buffer.allocUnsafe(1 + header.length + length);
  bytes[0] = tag;
  bytes.set(header, 1);
  let at = 1 + header.length;
  for (const content of contents) {
    bytes.set(content, at);
    at += content.length;
  }
  return bytes;
}

/** Below 128 the length itself; else how many bytes it has, and those. Always the shortest form. */
function lengthBytes(length: number): number[] {
  if (length < 0x80) return [length];
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return [0x80 | bytes.length, ...bytes];
}

export function sequence(...values: readonly Uint8Array[]): Buffer {
  return encode(tags.sequence, ...values);
}

export function boolean(value: boolean): Buffer {
  return encode(tags.boolean, Uint8Array.of(value ? 0xff : 0));
}

/** A natural number, most significant byte first: without zeros before it, but for one where it would be read as negative. */
export function integer(magnitude: Uint8Array): Buffer {
  let start = 0;
  while (start < magnitude.length - 1 && magnitude[start] === 0) start++;
  const digits = magnitude.subarray(start);
  const first = digits[0];
  if (first === undefined) return encode(tags.integer, Uint8Array.of(0));
  return first >= 0x80 ? encode(tags.integer, Uint8Array.of(0), digits) : encode(tags.integer, digits);
}

/** Whole bytes. */
export function bitString(bytes: Uint8Array): Buffer {
  return encode(tags.bitString, Uint8Array.of(0), bytes);
}

/**
 * Bits by their number, as RFC 5280 counts those of a key's usage: the first is the highest of the first byte. Zeros at the end are
 * left out (X.690, section 11.2.2).
 */
export function namedBits(...numbers: readonly number[]): Buffer {
  const last = Math.max(...numbers);
  const bytes = new Uint8Array(Math.floor(last / 8) + 1);
  for (const number of numbers)
    bytes[Math.floor(number / 8)] = (bytes[Math.floor(number / 8)] ?? 0) | (0x80 >> (number % 8));
  return encode(tags.bitString, Uint8Array.of(7 - (last % 8)), bytes);
}

/** The other way round, of the content of a bit string. */
export function hasBit(content: Uint8Array, number: number): boolean {
  return ((content[1 + Math.floor(number / 8)] ?? 0) & (0x80 >> (number % 8))) !== 0;
}

export function octetString(bytes: Uint8Array): Buffer {
  return encode(tags.octetString, bytes);
}

export function utf8String(text: string): Buffer {
  return encode(tags.utf8String, Buffer.from(text, 'utf8'));
}

/** `1.2.840.10045.2.1`: the first two numbers share a byte, of the others each byte but the last is marked. */
export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...others] = dotted.split('.').map(Number);
  return encode(tags.objectIdentifier, Uint8Array.from([first * 40 + second, ...others].flatMap(base128)));
}

function base128(number: number): number[] {
  const bytes = [number % 128];
  for (let rest = Math.floor(number / 128); rest > 0; rest = Math.floor(rest / 128)) bytes.unshift(0x80 | (rest % 128));
  return bytes;
}

/**
 * A time as certificates have it: two digits of the year up to 2049, four from 2050; whole seconds, what is beyond them cut off.
 * https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.5
 *
 * @param time milliseconds since 1970
 */
export function time(time: number): Buffer {
  const digits = new Date(time).toISOString().replace(/\.\d+Z$|[-:T]/g, '');
  const year = Number(digits.slice(0, 4));
  return year >= 1950 && year < 2050
    ? encode(tags.utcTime, Buffer.from(`${digits.slice(2)}Z`))
    : encode(tags.generalizedTime, Buffer.from(`${digits}Z`));
}

/** A value as it stands in `bytes`. */
export interface Value {
  readonly tag: number;
  readonly content: Buffer;
  /** With tag and length. */
  readonly whole: Buffer;
}

/** What is not DER. */
export class MalformedDer extends Error {}

/** The one value that `bytes` are. */
export function decode(bytes: Buffer): Value {
  const value = first(bytes);
  if (value.whole.length !== bytes.length)
    throw new MalformedDer(`${bytes.length - value.whole.length} bytes too many`);
  return value;
}

/** The values that stand in the content of a sequence, a set, or a field that holds another value. */
export function children(value: Value): readonly Value[] {
  const found: Value[] = [];
  for (let rest = value.content; rest.length > 0; ) {
    const child = first(rest);
    found.push(child);
    rest = rest.subarray(child.whole.length);
  }
  return found;
}

/** Tags of more than a byte and lengths of more than four stand in no certificate. */
function first(bytes: Buffer): Value {
  const [tag, short] = bytes;
  if (tag === undefined || short === undefined) throw new MalformedDer('it ends in the middle');
  if ((tag & 0x1f) === 0x1f) throw new MalformedDer(`unknown tag ${tag}`);
  const more = short < 0x80 ? 0 : short & 0x7f;
  if (short === 0x80 || more > 4) throw new MalformedDer('a length is not in its shortest form');
  const start = 2 + more;
  if (bytes.length < start) throw new MalformedDer('it ends in the middle');
  const length = more === 0 ? short : bytes.readUIntBE(2, more);
  if (more > 0 && lengthBytes(length).length !== 1 + more)
    throw new MalformedDer('a length is not in its shortest form');
  if (bytes.length < start + length) throw new MalformedDer('it ends in the middle');
  return { tag, content: bytes.subarray(start, start + length), whole: bytes.subarray(0, start + length) };
}

/** `1.2.840.10045.2.1`, of the content of an object identifier. */
export function readObjectIdentifier(content: Uint8Array): string {
  const numbers: number[] = [];
  let number = 0;
  for (const byte of content) {
    number = number * 128 + (byte & 0x7f);
    if (byte >= 0x80) continue;
    numbers.push(number);
    number = 0;
  }
  const [both = 0, ...others] = numbers;
  const arc = Math.min(2, Math.floor(both / 40));
  return [arc, both - 40 * arc, ...others].join('.');
}

/** Milliseconds since 1970. https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.5 */
export function readTime(value: Value): number {
  const text = value.content.toString('latin1');
  const digits = value.tag === tags.utcTime ? `${Number(text.slice(0, 2)) < 50 ? '20' : '19'}${text}` : text;
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(digits) ?? [];
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if ((value.tag !== tags.utcTime && value.tag !== tags.generalizedTime) || Number.isNaN(time)) {
    throw new MalformedDer(`${JSON.stringify(text)} is no time`);
  }
  return time;
}
