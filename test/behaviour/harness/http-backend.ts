import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { constants, createServer as createHttp2Server, createSecureServer, type Http2ServerRequest } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { type Backend, type BackendOptions, Closing } from './backend';
import { caseHeader, type Received, type Reply, replyHeader } from './received';
import { acceptWebSocket } from './websocket';

/** A server of HTTP/1.1 (with WebSocket) or of HTTP/2 without TLS that tells what arrived and fails on demand. */
export async function httpBackend(
  options: BackendOptions,
  /** What it does before it answers. */
  first?: (request: Received) => Promise<unknown>,
): Promise<Backend> {
  const closing = new Closing();
  const received: Received[] = [];
  const tries = new Map<string, number>();
  let told: Reply | undefined;

  const answer = async (request: Request, response: ServerResponse) => {
    const body = await digest(request);
    const one: Received = { ...(await described(options, request)), body };
    received.push(one);
    await first?.(one);
    const reply = told ?? replyFor(one, tries);
    if (reply.delay !== undefined) await delay(reply.delay, undefined, { ref: false });
    if (reply.reset !== undefined) return reset(request, reply.reset);
    const { status, headers } = { status: reply.status ?? 200, headers: reply.headers ?? {} };
    response.writeHead(status, { 'x-instance': options.instance, ...headers });
    if (reply.bytes !== undefined) return sendBytes(response, reply.bytes);
    response.end(status === 204 || status === 304 ? undefined : (reply.body ?? JSON.stringify(one)));
  };
  const handle = (request: Request, response: ServerResponse) => {
    request.on('error', () => {});
    response.on('error', () => {});
    answer(request, response).catch(() => request.destroy());
  };

  const server = serverOf(options);
  // An answer of HTTP/2 has the same methods (Node's compatibility API).
  server.on('request', handle);
  if (!options.http2) {
    server.on('upgrade', async (request: IncomingMessage, socket: Socket) => {
      received.push({ ...(await described(options, request)), body: { bytes: 0, sha1: '' } });
      acceptWebSocket(request, socket);
    });
  }
  closing.watch(server);
  server.listen(options.port, options.address ?? '127.0.0.1');
  await once(server, 'listening');
  return {
    options,
    received,
    reply: (reply) => {
      told = reply;
    },
    drop: () => closing.drop(),
    close: () => closing.close(server),
  };
}

function serverOf({ http2, tls }: BackendOptions) {
  // Generous: limits of headers are the proxies' affair.
  const limits = { maxHeaderSize: 1 << 20, maxHeaderListPairs: 1_000 };
  if (tls) return http2 ? createSecureServer({ ...tls, ...limits }) : createHttpsServer({ ...tls, ...limits });
  return http2 ? createHttp2Server(limits) : createServer(limits);
}

type Request = IncomingMessage | Http2ServerRequest;

async function described(options: BackendOptions, request: Request): Promise<Omit<Received, 'body'>> {
  const headers = Object.entries(request.headers).flatMap(([name, value]) =>
    name.startsWith(':') || value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
  );
  return {
    instance: options.instance,
    service: options.service,
    ...(options.version === undefined ? {} : { version: options.version }),
    port: options.port,
    httpVersion: request.httpVersion,
    method: request.method ?? '',
    path: request.url ?? '',
    host: String(request.headers[':authority'] ?? request.headers.host ?? ''),
    headers: Object.fromEntries(headers),
  };
}

async function digest(request: Request): Promise<Received['body']> {
  const hash = createHash('sha1');
  let bytes = 0;
  for await (const part of request) {
    hash.update(part);
    bytes += part.length;
  }
  return { bytes, sha1: hash.digest('hex') };
}

/** What the request asks for, unless it has asked for it often enough. */
function replyFor(one: Received, tries: Map<string, number>): Reply {
  const text = one.headers[replyHeader];
  if (text === undefined) return {};
  const reply = JSON.parse(text) as Reply;
  const key = one.headers[caseHeader] ?? '';
  const before = tries.get(key) ?? 0;
  tries.set(key, before + 1);
  return reply.times !== undefined && before >= reply.times ? {} : reply;
}

function reset(request: Request, kind: NonNullable<Reply['reset']>): void {
  if ('stream' in request)
    request.stream.close(kind === 'refused' ? constants.NGHTTP2_REFUSED_STREAM : constants.NGHTTP2_INTERNAL_ERROR);
  else request.socket.resetAndDestroy();
}

async function sendBytes(response: ServerResponse, bytes: number): Promise<void> {
  const part = Buffer.alloc(64 * 1024, 'meshwright ');
  for (let left = bytes; left > 0; left -= part.length) {
    const more = left < part.length ? part.subarray(0, left) : part;
    if (!response.write(more)) await once(response, 'drain');
  }
  response.end();
}
