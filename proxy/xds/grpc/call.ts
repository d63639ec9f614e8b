import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { framed, MessageReader } from './framing';
import { GrpcError, type Status, status, statusHeaders } from './status';

/** One call of gRPC, on one stream of HTTP/2: messages both ways, and a status at the end. */
export class Call {
  private readonly reader: MessageReader;
  private ended = false;

  constructor(
    private readonly stream: ServerHttp2Stream,
    private readonly headers: IncomingHttpHeaders,
    requestBytes: number,
  ) {
    this.reader = new MessageReader(requestBytes);
    // Of streams that the other side resets; whoever reads from it is told.
    stream.on('error', () => {});
  }

  get path(): string {
    return this.headers[':path'] ?? '';
  }

  get isOver(): boolean {
    return this.ended || this.stream.destroyed || this.stream.closed;
  }

  /** It is a call of gRPC, as far as its headers tell; otherwise it is answered with what HTTP has for that. */
  isGrpc(): boolean {
    const httpStatus = httpStatusFor(this.headers);
    if (httpStatus === undefined) return true;
    this.ended = true;
    this.stream.respond({ ':status': httpStatus }, { endStream: true });
    this.closeWhenSent();
    return false;
  }

  /** The token that it shows. https://datatracker.ietf.org/doc/html/rfc6750#section-2.1 */
  get bearerToken(): string | undefined {
    return this.headers.authorization?.match(/^Bearer +([\w.~+/-]+=*) *$/i)?.[1];
  }

  /** What the client sends, one message after the other; it is not asked for more while one is worked on. */
  async *messages(): AsyncGenerator<Uint8Array> {
    for await (const chunk of this.stream.iterator({ destroyOnReturn: false })) {
      if (this.isOver) return;
      yield* this.reader.read(chunk);
    }
    if (this.reader.isWithinMessage) throw new GrpcError(status.INVALID_ARGUMENT, 'the last message is incomplete');
  }

  /** Whether the client takes more at once. */
  write(parts: readonly Uint8Array[]): { readonly bytes: number; readonly takesMore: boolean } {
    this.begin();
    const pieces = framed(parts);
    let takesMore = true;
    this.stream.cork();
    for (const piece of pieces) takesMore = this.stream.write(piece);
    this.stream.uncork();
    return { bytes: pieces.reduce((sum, piece) => sum + piece.length, 0), takesMore };
  }

  onDrain(run: () => void): void {
    this.stream.on('drain', run);
  }

  onClose(run: () => void): void {
    this.stream.once('close', run);
  }

  /** Headers go out at once, so that the client knows that it is heard. */
  begin(): void {
    if (this.stream.headersSent) return;
    this.stream.respond({ ':status': 200, 'content-type': contentType }, { waitForTrailers: true });
  }

  /** Ends it with a status, behind all that was written. */
  end(code: Status, message?: string): void {
    if (this.isOver) return;
    this.ended = true;
    const trailers = statusHeaders(code, message);
    if (this.stream.headersSent) {
      this.stream.once('wantTrailers', () => {
        this.stream.sendTrailers(trailers);
        this.closeWhenSent();
      });
      this.stream.end();
    } else {
      this.stream.respond({ ':status': 200, 'content-type': contentType, ...trailers }, { endStream: true });
      this.closeWhenSent();
    }
  }

  /**
   * The client has nothing more to say that would be heard. To say so at once would take back the trailers. What it has said already is
   * dropped: Node keeps a stream, and its place among those of its connection, until it is read to the end.
   */
  private closeWhenSent(): void {
    setImmediate(() => {
      this.stream.close(constants.NGHTTP2_NO_ERROR);
      this.stream.resume();
    });
  }

  /** Ends it now, whatever was written and not read. */
  abort(): void {
    this.ended = true;
    this.stream.close(constants.NGHTTP2_CANCEL);
    this.stream.destroy();
  }
}

const contentType = 'application/grpc';

/** https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#requests */
function httpStatusFor(headers: IncomingHttpHeaders): number | undefined {
  if (headers[':method'] !== 'POST') return 405;
  return /^application\/grpc($|[+;])/.test(headers['content-type'] ?? '') ? undefined : 415;
}
