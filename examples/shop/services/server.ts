import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Instance } from './instance';

export interface ServerOptions {
  /** Where it listens when `PORT` does not say. */
  readonly port: number;
  /** What answers, by method and path: `GET /products/:id`. */
  readonly routes: { readonly [methodAndPath: string]: (call: Call) => Promise<Answer> | Answer };
  /** How an error looks to a browser. @default - as to everyone else: JSON */
  readonly errorPage?: (status: number, error: string) => string;
}

export interface Call {
  readonly params: { readonly [name: string]: string };
  readonly contentType: string;
  /** Headers to send with every call that is made because of this one. */
  readonly context: Context;
  readonly text: () => Promise<string>;
  readonly json: () => Promise<unknown>;
}

export type Context = { readonly [header: string]: string };

export type Answer = { readonly status?: number; readonly headers?: { readonly [name: string]: string } } & (
  | { readonly json: unknown }
  | { readonly html: string }
);

/** Thrown to answer with a status other than 2xx; the facts go into the JSON beside `error`. */
export class HttpError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly facts: { readonly [name: string]: unknown } = {},
  ) {
    super(message);
  }
}

/**
 * Besides the two ids of a request: what W3C defines for traces, and a header that a route of this mesh looks at. A proxy
 * cannot know which outgoing call belongs to which incoming one, so the application must carry them over.
 */
const passedOn = ['x-request-id', 'traceparent', 'tracestate', 'baggage', 'x-tester'];

const maxBodyBytes = 64 * 1024;

/**
 * Proxies keep idle connections for an hour (https://www.envoyproxy.io/docs/envoy/latest/faq/configuration/timeouts).
 * If the server hung up first, as Node.js does after 5 s, a request could meet a connection that is just being closed.
 */
const keepAliveTimeout = 65 * 60 * 1000;

/** An HTTP service: routes, JSON, one log line per request, `GET /healthz`, an end that loses nothing. */
export function serve(service: string, { port, routes, errorPage }: ServerOptions): void {
  const self = new Instance(service);
  const server = createServer({ keepAliveTimeout }, async (request, response) => {
    const began = performance.now();
    const context = contextOf(request);
    const isProbe = request.url === '/healthz';
    if (!isProbe) self.served++;
    response.once('close', () => {
      if (isProbe) return;
      self.log('request', {
        'x-request-id': context['x-request-id'],
        ...(context.traceparent && { traceparent: context.traceparent }),
        method: request.method,
        path: request.url,
        // The caller may have gone before there was an answer.
        status: response.writableFinished ? response.statusCode : 'aborted',
        ms: Math.round(performance.now() - began),
      });
    });
    const answer = isProbe
      ? { json: { instance: self.name, served: self.served } }
      : await route(request, context).catch((error: unknown) => failure(error, request, context));
    send(response, answer, context);
  });

  async function route(request: IncomingMessage, context: Context): Promise<Answer> {
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    const fitting = Object.entries(routes).flatMap(([key, handler]) => {
      const [allowed = '', pattern = ''] = key.split(' ');
      const params = matchPath(pattern, path);
      return params ? [{ allowed, params, handler }] : [];
    });
    if (fitting.length === 0) {
      throw new HttpError(404, `${service} has nothing at ${path}`, { available: Object.keys(routes) });
    }
    const found = fitting.find(({ allowed }) => allowed === method);
    if (!found) {
      const allowed = fitting.map((fit) => fit.allowed);
      throw new HttpError(405, `${method} is not allowed at ${path}`, { allowed });
    }
    const text = () => bodyOf(request);
    const contentType = request.headers['content-type'] ?? '';
    return found.handler({ params: found.params, contentType, context, text, json: async () => parse(await text()) });
  }

  function failure(error: unknown, request: IncomingMessage, context: Context): Answer {
    const cutOff = request.errored ? new HttpError(400, 'the request ended before its body') : undefined;
    const known = error instanceof HttpError ? error : (cutOff ?? new HttpError(500, `${service} failed unexpectedly`));
    if (known.status === 500) {
      self.log('bug', { 'x-request-id': context['x-request-id'], stack: error instanceof Error ? error.stack : error });
    }
    const { status, message, facts } = known;
    if (errorPage && request.headers.accept?.includes('text/html')) return { status, html: errorPage(status, message) };
    return { status, json: { error: message, ...facts } };
  }

  function send(response: ServerResponse, answer: Answer, context: Context): void {
    const [type, body] =
      'html' in answer ? ['text/html', answer.html] : ['application/json', `${JSON.stringify(answer.json)}\n`];
    response.writeHead(answer.status ?? 200, {
      'content-type': `${type}; charset=utf-8`,
      'content-length': Buffer.byteLength(body),
      'x-request-id': context['x-request-id'],
      'x-served-by': self.name,
      'x-served-count': self.served,
      ...(self.stopping && { connection: 'close' }),
      ...answer.headers,
    });
    response.end(body);
  }

  void self.run({
    port,
    listen: async (port, address) => {
      server.listen(port, address);
      await once(server, 'listening');
      return (server.address() as AddressInfo).port;
    },
    stop: () => new Promise((closed) => server.close(closed)),
    cut: () => server.closeAllConnections(),
  });
}

function contextOf(request: IncomingMessage): Context {
  const received = passedOn.flatMap((name) => {
    const value = request.headers[name];
    // Metadata of gRPC can hold nothing else.
    return typeof value === 'string' && /^[\x20-\x7e]+$/.test(value) ? [[name, value]] : [];
  });
  return { 'x-request-id': randomUUID(), ...Object.fromEntries(received) };
}

/** Parameters of the pattern (`/products/:id`), or undefined when the path is another one. */
function matchPath(pattern: string, path: string): { readonly [name: string]: string } | undefined {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return undefined;
  if (!wanted.every((part, index) => (part.startsWith(':') ? given[index] !== '' : part === given[index])))
    return undefined;
  return Object.fromEntries(
    wanted.flatMap((part, index) => (part.startsWith(':') ? [[part.slice(1), decode(given[index] ?? '')]] : [])),
  );
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new HttpError(400, `"${part}" in the path is not valid percent-encoding`);
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > maxBodyBytes) throw new HttpError(413, `the body is longer than ${maxBodyBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new HttpError(400, `the body is not JSON: ${error instanceof Error ? error.message : error}`);
  }
}
