import { GrpcError, status } from './status';

/**
 * Messages out of the bytes of a stream: a byte of flags, four of length, the message.
 * https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
 */
export class MessageReader {
  private parts: Uint8Array[] = [];
  private size = 0;

  constructor(private readonly mostBytes: number) {}

  /**
   * Takes the next bytes and gives the messages that are complete with them.
   *
   * @throws GrpcError for a message that is compressed or too large; the rest of the stream cannot be read then
   */
  read(bytes: Uint8Array): Uint8Array[] {
    this.parts.push(bytes);
    this.size += bytes.length;
    const messages: Uint8Array[] = [];
    for (let message = this.next(); message; message = this.next()) messages.push(message);
    return messages;
  }

  /** There is a message of which only the beginning has come. */
  get isWithinMessage(): boolean {
    return this.size > 0;
  }

  private next(): Uint8Array | undefined {
    if (this.size < prefixLength) return undefined;
    const length = this.lengthOfNext();
    return this.size < prefixLength + length ? undefined : this.take(prefixLength + length).subarray(prefixLength);
  }

  private lengthOfNext(): number {
    const [flags = 0, ...length] = this.peek(prefixLength);
    if (flags !== 0) throw new GrpcError(status.UNIMPLEMENTED, 'a message is compressed, which was not offered');
    const bytes = length.reduce((sum, byte) => sum * 256 + byte, 0);
    if (bytes > this.mostBytes) {
      throw new GrpcError(
        status.RESOURCE_EXHAUSTED,
        `a message has ${bytes} bytes; ${this.mostBytes} are the most that is accepted`,
      );
    }
    return bytes;
  }

  private peek(length: number): Uint8Array {
    const [first] = this.parts;
    return first && first.length >= length ? first.subarray(0, length) : this.joined().subarray(0, length);
  }

  private take(length: number): Uint8Array {
    const all = this.joined();
    this.parts = all.length > length ? [all.subarray(length)] : [];
    this.size -= length;
    return all.subarray(0, length);
  }

  /** Joins only what makes a message or its prefix whole, so that no byte is copied more than twice. */
  private joined(): Uint8Array {
    const [first] = this.parts;
    if (first && this.parts.length === 1) return first;
    const all = Buffer.concat(this.parts);
    this.parts = [all];
    return all;
  }
}

const prefixLength = 5;

/**
 * What is written for a message: its prefix, and its parts. Large parts stand as they are, since they belong to many streams; small
 * ones are joined, since each piece that is written has its price.
 */
export function framed(parts: readonly Uint8Array[]): Uint8Array[] {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const prefix = Buffer.alloc(prefixLength);
  prefix.writeUInt32BE(length, 1);
  const pieces: Uint8Array[] = [];
  let small: Uint8Array[] = [prefix];
  for (const part of parts) {
    if (part.length < smallest) small.push(part);
    else {
      if (small.length > 0) pieces.push(Buffer.concat(small));
      pieces.push(part);
      small = [];
    }
  }
  return small.length > 0 ? [...pieces, Buffer.concat(small)] : pieces;
}

/** Bytes from which a part is not copied. */
const smallest = 16 * 1024;
