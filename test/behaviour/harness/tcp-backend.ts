import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { type Backend, type BackendOptions, Closing } from './backend';
import type { Received } from './received';

/**
 * A server that speaks first, as databases and mail servers do: it greets with its name, then sends back each line with its
 * name before it. With a certificate it does so inside of TLS.
 */
export async function tcpBackend(options: BackendOptions): Promise<Backend> {
  const closing = new Closing();
  const received: Received[] = [];
  const serve = (socket: Socket | TLSSocket) => {
    const serverName = 'servername' in socket && typeof socket.servername === 'string' ? socket.servername : '';
    received.push(connection(options, serverName));
    socket.on('error', () => {});
    socket.write(`hello from ${options.instance}\n`);
    let rest = '';
    socket.on('data', (part) => {
      const lines = (rest + part.toString('utf8')).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) socket.write(`${options.instance}: ${line}\n`);
    });
    socket.on('end', () => socket.end());
  };
  const server = options.tls ? createTlsServer(options.tls, serve) : createServer({ allowHalfOpen: true }, serve);
  server.on('tlsClientError', () => {});
  closing.watch(server);
  server.listen(options.port, options.address ?? '127.0.0.1');
  await once(server, 'listening');
  return { options, received, reply: () => {}, drop: () => closing.drop(), close: () => closing.close(server) };
}

function connection(options: BackendOptions, serverName: string): Received {
  const { instance, service, version, port } = options;
  return {
    instance,
    service,
    ...(version === undefined ? {} : { version }),
    port,
    httpVersion: '',
    method: '',
    path: '',
    host: serverName,
    headers: {},
    body: { bytes: 0, sha1: '' },
  };
}
