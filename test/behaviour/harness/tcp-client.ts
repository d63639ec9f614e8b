import { connect } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import type { Where } from './http-client';

/**
 * What a client of TCP hears that sends some lines: all lines that come, until there are as many as it waits for (the
 * greeting among them), or the other side ends the connection.
 */
export function overTcp(
  { port, address = '127.0.0.1', tls }: Where,
  lines: readonly string[],
  wait: number,
): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    const socket = tls
      ? tlsConnect({
          host: address,
          port,
          ...(tls.serverName === undefined ? {} : { servername: tls.serverName }),
          ...(tls.ca === undefined ? { rejectUnauthorized: false } : { ca: tls.ca }),
        })
      : connect(port, address);
    let text = '';
    const heard = () => text.split('\n').slice(0, -1);
    socket.setTimeout(10_000, () => socket.destroy(new Error(`heard only ${JSON.stringify(heard())} in 10 s`)));
    socket.on('error', reject);
    socket.on('close', () => resolve(heard()));
    socket.on('data', (part) => {
      text += part.toString('utf8');
      if (heard().length >= wait) socket.end();
    });
    for (const line of lines) socket.write(`${line}\n`);
  });
}
