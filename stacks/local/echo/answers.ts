import { createServer, type Server as HttpServer } from 'node:http';
import { createServer as createHttp2Server, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import type { EchoListener } from './listeners';

/** A server that says that it stands in, in the protocol of the port. */
export function echoServer(listener: EchoListener): Server | HttpServer | Http2Server {
  switch (listener.protocol) {
    case 'http':
      // Proxies keep idle connections for an hour; hung up on first, a request could meet a connection that is being closed.
      return createServer({ keepAliveTimeout: 65 * 60_000 }, (request, response) => {
        request.resume().once('end', () => {
          const body = json(listener, request.method ?? '', request.url ?? '', request.headers);
          response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
          response.end(request.method === 'HEAD' ? undefined : body);
        });
      });
    case 'http2':
    case 'grpc':
      return createHttp2Server().on('stream', (stream, headers) => {
        stream.on('error', () => {});
        const isGrpc = headers['content-type']?.startsWith('application/grpc') ?? false;
        stream
          .resume()
          .once('end', () => (isGrpc ? answerGrpc(listener, stream, headers) : answerHttp2(listener, stream, headers)));
      });
    case 'tcp':
    case 'tls':
      return createTcpServer((socket) => echo(listener, socket));
  }
}

type Headers = { readonly [name: string]: unknown };

function json(listener: EchoListener, method: string, path: string, headers: Headers): string {
  const { service, version } = listener;
  const answer = { standsInFor: service, ...(version && { version }), note: note(service), method, path, headers };
  return `${JSON.stringify(answer, undefined, 2)}\n`;
}

function note(service: string): string {
  return `an echo server stands in for ${service}; say how it runs on this machine by its \`local\``;
}

function answerHttp2(listener: EchoListener, stream: ServerHttp2Stream, headers: Headers): void {
  const body = json(listener, String(headers[':method']), String(headers[':path']), headers);
  stream.respond({ ':status': 200, 'content-type': 'application/json' });
  stream.end(body);
}

/**
 * Nobody here knows the messages of the service, and one made up would be taken for its answer. So every method is unimplemented,
 * but the one that is the same everywhere: health. https://github.com/grpc/grpc/blob/master/doc/health-checking.md
 */
function answerGrpc(listener: EchoListener, stream: ServerHttp2Stream, headers: Headers): void {
  const { service, version } = listener;
  const shown = { 'x-stands-in-for': version ? `${service}/${version}` : service };
  if (headers[':path'] === '/grpc.health.v1.Health/Check') {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...shown }, { waitForTrailers: true });
    stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(Buffer.from(serving));
    return;
  }
  const message = encodeURIComponent(`${note(service)} (asked for ${String(headers[':path'])})`);
  stream.respond(
    { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '12', 'grpc-message': message, ...shown },
    { endStream: true },
  );
}

/** A frame with `HealthCheckResponse { status: SERVING }`. */
const serving = [0, 0, 0, 0, 2, 0x08, 0x01];

/** The server speaks first, then gives back what it gets. */
function echo({ service, version }: EchoListener, socket: Socket): void {
  socket.on('error', () => {});
  socket.write(`${note(version ? `${service}/${version}` : service)}\n`);
  socket.pipe(socket);
}
