/** A request as it reached a backend: what its application would see. */
export interface Received {
  /** Name of the instance that it reached: `catalog-v2-0`. */
  readonly instance: string;
  readonly service: string;
  readonly version?: string;
  /** Port of the application. */
  readonly port: number;
  readonly httpVersion: string;
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** `host` or `:authority`. */
  readonly host: string;
  /** Names in lower case; several of one name are joined with `, `. */
  readonly headers: { readonly [name: string]: string };
  readonly body: { readonly bytes: number; readonly sha1: string };
}

/**
 * What a backend does with a request. The request says it itself, in the header `x-reply` as JSON, so that a case is one piece
 * of data; or the instance is told ({@link Backend.reply}), where it is the instance that is broken.
 */
export interface Reply {
  /** Absent: 200. */
  readonly status?: number;
  readonly headers?: { readonly [name: string]: string };
  /** Absent: the request as it was {@link Received}, as JSON. */
  readonly body?: string;
  /** The body is so many bytes. */
  readonly bytes?: number;
  /** Milliseconds before it is answered. */
  readonly delay?: number;
  /**
   * The connection (HTTP/1.1) or the stream (HTTP/2) is reset in the place of an answer; `refused` says of the stream that
   * nothing has been done about it.
   */
  readonly reset?: 'internal' | 'refused';
  /** Of the tries of one request (`x-case`) only the first so many meet this reply; the next ones are answered plainly. */
  readonly times?: number;
}

export const replyHeader = 'x-reply';
/** Tells the tries of one request from those of another. */
export const caseHeader = 'x-case';
