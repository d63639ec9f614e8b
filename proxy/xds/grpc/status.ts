/** https://grpc.github.io/grpc/core/md_doc_statuscodes.html */
export const status = {
  OK: 0,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  UNAUTHENTICATED: 16,
} as const;

export type Status = (typeof status)[keyof typeof status];

/** How a stream ends, with words that the client may read. */
export class GrpcError extends Error {
  constructor(
    readonly status: Status,
    message: string,
  ) {
    super(message);
  }
}

/** Status and message as the trailers of a stream have them. */
export function statusHeaders(code: Status, message = ''): { readonly [name: string]: string } {
  return { 'grpc-status': String(code), ...(message === '' ? {} : { 'grpc-message': percentEncoded(message) }) };
}

/** Printable ASCII without the percent sign stands as it is. */
function percentEncoded(text: string): string {
  const bytes = [...Buffer.from(text)];
  return bytes
    .map((byte) =>
      byte >= 0x20 && byte <= 0x7e && byte !== 0x25
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
    )
    .join('');
}
