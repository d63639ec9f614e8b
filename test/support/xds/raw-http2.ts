import { once } from 'node:events';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import type { StartedServer } from './started';

/** TLS to a server of xDS, and behind it whatever a test writes. */
export async function rawConnection(
  { server, root }: Pick<StartedServer, 'server' | 'root'>,
  options: ConnectionOptions = { ALPNProtocols: ['h2'] },
): Promise<TLSSocket> {
  const socket = connect({ port: server.port, ca: root.certificate, servername: 'localhost', ...options });
  socket.on('error', () => {});
  await once(socket, 'secureConnect');
  return socket;
}

/** What a client of HTTP/2 says first, with an empty frame of settings. */
export const preface = Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), http2Frame(0x4, 0, 0)]);

/** https://datatracker.ietf.org/doc/html/rfc9113#section-4.1 */
export function http2Frame(type: number, flags: number, stream: number, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** A block of headers without any table: each name and value as it is. https://datatracker.ietf.org/doc/html/rfc7541#section-6.2.2 */
export function literalHeaders(headers: readonly (readonly [string, string])[]): Buffer {
  const text = (value: string) => {
    const bytes = Buffer.from(value);
    if (bytes.length >= 127) throw new Error('only short texts are written here');
    return Buffer.concat([Buffer.of(bytes.length), bytes]);
  };
  return Buffer.concat(headers.flatMap(([name, value]) => [Buffer.of(0), text(name), text(value)]));
}
