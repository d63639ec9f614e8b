import { randomUUID } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';

/** What a handler is given. */
export interface Request {
  readonly headers: IncomingHttpHeaders;
  /** What `:name` stands for in the route's path. */
  readonly params: { readonly [name: string]: string };
  /** The fields of a JSON or form body; empty without one. */
  readonly body: { readonly [field: string]: unknown };
  /** Headers for the calls that answer this request, so that the mesh can tell what belongs together. */
  readonly passOn: PassedOn;
}

export type PassedOn = { readonly [header: string]: string };

/** Either `json` or `html` is the body. */
export interface Answer {
  /** @default 200 */
  readonly status?: number;
  readonly json?: unknown;
  readonly html?: string;
}

/** By method and path: `GET /products/:id`. */
export type Routes = { readonly [route: string]: (request: Request) => Answer | Promise<Answer> };

/** Thrown by a handler: answered with this status, and with the details as JSON. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly details: { readonly [name: string]: unknown } = {},
  ) {
    super(message);
  }
}

/** Serves HTTP until SIGTERM; then finishes what has begun, and exits with 0. */
export function serve(service: string, defaultPort: number, routes: Routes): void {
  let stopping = false;
  let inFlight = 0;
  const server = createServer(async (request, response) => {
    inFlight += 1;
    response.once('close', () => {
      inFlight -= 1;
      if (stopping && inFlight === 0) server.closeAllConnections();
    });
    const answer = await answered(service, routes, request, response);
    if (stopping) response.setHeader('connection', 'close');
    send(response, answer);
  });
  server.listen(portOr(defaultPort), listenHost(), () => announce((server.address() as AddressInfo).port));
  onTerminate(() => {
    stopping = true;
    server.close(() => process.exit(0));
    // A connection that has carried no request yet does not count as idle, and would hold the process for a minute.
    if (inFlight === 0) server.closeAllConnections();
  });
}

/** Who answered: service, version and pod. */
export function servedBy(service: string): string {
  return `${service}/${process.env.VERSION ?? 'v1'}@${process.env.HOSTNAME ?? hostname()}`;
}

export function portOr(defaultPort: number): number {
  return Number(process.env.PORT ?? defaultPort);
}

/** @default - every address, as a pod needs it */
export function listenHost(): string | undefined {
  return process.env.LISTEN_HOST;
}

/** Says that the service listens: the one line that others wait for. */
export function announce(port: number): void {
  print({ listening: port });
}

export function onTerminate(stop: () => void): void {
  process.once('SIGTERM', () => {
    print({ stopping: 'SIGTERM' });
    stop();
  });
}

export function print(line: { readonly [name: string]: unknown }): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** What is passed on: the trace, the request's id, and the header by which the mesh sends testers to a version. */
export function passedOn(header: (name: string) => unknown): { readonly requestId: string; readonly passOn: PassedOn } {
  const id = header('x-request-id');
  const requestId = typeof id === 'string' && id !== '' ? id : randomUUID();
  const others = ['traceparent', 'tracestate', 'x-tester'].flatMap((name) => {
    const value = header(name);
    return typeof value === 'string' ? [[name, value]] : [];
  });
  return { requestId, passOn: { ...Object.fromEntries(others), 'x-request-id': requestId } };
}

async function answered(
  service: string,
  routes: Routes,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Answer> {
  const started = performance.now();
  const { method = 'GET', url = '/' } = request;
  const path = url.split('?', 1)[0] ?? '/';
  const { requestId, passOn } = passedOn((name) => request.headers[name]);
  response.setHeader('x-request-id', requestId);
  response.setHeader('x-served-by', servedBy(service));
  if (path === '/healthz') return { json: { status: 'ok' } };

  const answer = await answerOf(async () => {
    const { handler, params } = routeOf(routes, method === 'HEAD' ? 'GET' : method, path);
    return handler({ headers: request.headers, params, body: await bodyOf(request), passOn });
  });
  const ms = Math.round(performance.now() - started);
  const { traceparent } = passOn;
  print({ service, method, path, status: answer.status ?? 200, ms, 'x-request-id': requestId, traceparent });
  return answer;
}

async function answerOf(handle: () => Promise<Answer>): Promise<Answer> {
  try {
    return await handle();
  } catch (error) {
    if (error instanceof Refusal) {
      return { status: error.status, json: { error: error.message, ...error.details } };
    }
    process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
    return { status: 500, json: { error: 'this is a mistake of the service; its log says more' } };
  }
}

function routeOf(routes: Routes, method: string, path: string) {
  const segments = path.split('/');
  const fitting = Object.entries(routes).flatMap(([route, handler]) => {
    const [routeMethod = '', pattern = ''] = route.split(' ');
    const parts = pattern.split('/');
    const fits = parts.length === segments.length && parts.every((part, i) => part[0] === ':' || part === segments[i]);
    if (!fits) return [];
    const params = parts.flatMap((part, i) => (part[0] === ':' ? [[part.slice(1), idOf(segments[i] ?? '')]] : []));
    return [{ routeMethod, handler, params: Object.fromEntries(params) as { [name: string]: string } }];
  });
  if (fitting.length === 0) throw new Refusal(404, `there is no ${path} here`, { routes: Object.keys(routes) });
  const found = fitting.find(({ routeMethod }) => routeMethod === method);
  if (found) return found;
  const allowed = fitting.map(({ routeMethod }) => routeMethod).join(', ');
  throw new Refusal(405, `${path} takes ${allowed}, not ${method}`);
}

/** Ids become keys of the database, where a space or a line break would be another command. */
function idOf(segment: string): string {
  if (/^[a-z0-9-]{1,40}$/.test(segment)) return segment;
  throw new Refusal(400, `"${segment}" is not an id: 1 to 40 of a-z, 0-9 and "-"`);
}

async function bodyOf(request: IncomingMessage): Promise<Request['body']> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= maxBody) chunks.push(chunk);
  }
  if (size > maxBody) throw new Refusal(413, `the body has ${size} bytes; at most ${maxBody} are read`);
  const text = Buffer.concat(chunks).toString();
  if (text === '') return {};
  if (request.headers['content-type']?.startsWith('application/x-www-form-urlencoded')) {
    return Object.fromEntries(new URLSearchParams(text));
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Refusal(400, 'the body is not JSON; send an object such as {"product": "mug", "quantity": 1}');
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Request['body'];
  throw new Refusal(400, 'the body is JSON, but not an object');
}

const maxBody = 64 * 1024;

function send(response: ServerResponse, { status = 200, json, html }: Answer): void {
  const type = html === undefined ? 'application/json' : 'text/html; charset=utf-8';
  const body = html ?? `${JSON.stringify(json)}\n`;
  // Nothing but the page's own style and forms: no text of a review can become a script.
  const policy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'";
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    ...(html !== undefined && { 'content-security-policy': policy }),
  });
  response.end(body);
}
