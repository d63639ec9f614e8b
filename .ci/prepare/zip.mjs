// Reads entries of a zip archive (Go modules and Python wheels are such), without a program that may not be installed.
// https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, sections 4.3.7, 4.3.12 and 4.3.16
import { readFileSync } from 'node:fs';
import { crc32, inflateRawSync } from 'node:zlib';

const stored = 0;
const deflated = 8;

/** The entries of an archive by name; `read()` unpacks one and checks it. */
export function openZip(path) {
  const bytes = readFileSync(path);
  const end = endOfDirectory(bytes, path);
  const count = bytes.readUInt16LE(end + 10);
  const entries = new Map();
  for (let at = bytes.readUInt32LE(end + 16), seen = 0; seen < count; seen++) {
    if (bytes.readUInt32LE(at) !== 0x02014b50) throw new Error(`${path}: the zip directory is damaged`);
    const nameLength = bytes.readUInt16LE(at + 28);
    const name = bytes.toString('utf8', at + 46, at + 46 + nameLength);
    const entry = {
      method: bytes.readUInt16LE(at + 10),
      crc: bytes.readUInt32LE(at + 16),
      packed: bytes.readUInt32LE(at + 20),
      header: bytes.readUInt32LE(at + 42),
    };
    entries.set(name, { name, read: () => unpack(bytes, entry, `${path}: ${name}`) });
    at += 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return entries;
}

/** The directory's end record stands last, before a comment of at most 65,535 bytes. */
function endOfDirectory(bytes, path) {
  for (let at = bytes.length - 22; at >= Math.max(0, bytes.length - 22 - 0xffff); at--) {
    if (bytes.readUInt32LE(at) === 0x06054b50) return at;
  }
  throw new Error(`${path}: is no zip archive, or was cut off`);
}

function unpack(bytes, { method, crc, packed, header }, where) {
  const start = header + 30 + bytes.readUInt16LE(header + 26) + bytes.readUInt16LE(header + 28);
  const body = bytes.subarray(start, start + packed);
  if (method !== stored && method !== deflated)
    throw new Error(`${where}: packed by method ${method}, which is not supported`);
  const content = method === stored ? body : inflateRawSync(body);
  // Node has crc32 since 20.15 and 22.2.
  if (crc32(content) !== crc) throw new Error(`${where}: the checksum does not match`);
  return content;
}
