/**
 * A 64-bit hash of a text as 16 hexadecimal digits. For names and addresses that must be the same in every run and on
 * every machine; it protects nothing.
 */
export function hash(text: string): string {
  return hex(fnv1a(text, 0x811c9dc5)) + hex(fnv1a(text, 0x9747b28c));
}

/** The first 32 bits of the hash as a number. */
export function hash32(text: string): number {
  return fnv1a(text, 0x811c9dc5);
}

/** FNV-1a over UTF-16 code units, finished by MurmurHash3's mixer: FNV alone leaves the high bits of short texts alike. */
function fnv1a(text: string, seed: number): number {
  let h = seed;
  for (let i = 0; i < text.length; i++) {
    h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  }
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

function hex(n: number): string {
  return n.toString(16).padStart(8, '0');
}
