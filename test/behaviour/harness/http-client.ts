import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { request as http1Request } from 'node:http';
import { type ClientHttp2Session, connect as http2Connect } from 'node:http2';
import { request as httpsRequest } from 'node:https';
import { connect as tlsConnect } from 'node:tls';
import { caseHeader, type Received, type Reply, replyHeader } from './received';

/** A request as an application sends it. */
export interface Request {
  /** Absent: GET. */
  readonly method?: string;
  /** With its query. Absent: `/`. */
  readonly path?: string;
  /** Absent: the address that is dialled. */
  readonly host?: string;
  readonly headers?: { readonly [name: string]: string };
  readonly body?: string | { readonly bytes: number };
  /** What the backend is to do with it. */
  readonly reply?: Reply;
  /** Absent: HTTP/1.1. */
  readonly version?: 'HTTP/1.1' | 'HTTP/2';
}

export interface Answer {
  readonly status: number;
  /** Names in lower case; several of one name are joined with `, `. */
  readonly headers: { readonly [name: string]: string };
  /** Of a body of more than a megabyte nothing. */
  readonly text: string;
  readonly bytes: number;
  readonly sha1: string;
  /** What reached the backend that has answered; absent where it was not the backend that did. */
  readonly received: Received | undefined;
  /** Milliseconds from sending to the end of the answer. */
  readonly took: number;
}

export interface Where {
  readonly port: number;
  /** Absent: 127.0.0.1. */
  readonly address?: string;
  readonly tls?: ClientTls;
}

/** TLS of a client of the harness itself: whom it trusts, and what it proves itself with. */
export interface ClientTls {
  readonly serverName?: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** Whether the server's certificate must be of the server's name; a SPIFFE ID is none. Absent: true. */
  readonly verifyName?: boolean;
  /** Absent: what Node offers. */
  readonly only?: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';
}

/** Longer than any answer that a case waits for. */
const patience = 20_000;

/** @throws Error where there is no answer: the connection was refused or reset, or TLS failed */
export async function send(where: Where, request: Request = {}): Promise<Answer> {
  const started = performance.now();
  const answer = await (request.version === 'HTTP/2' ? overHttp2(where, request) : overHttp1(where, request));
  return { ...answer, took: performance.now() - started };
}

type Untimed = Omit<Answer, 'took'>;

function overHttp1({ port, address = '127.0.0.1', tls }: Where, request: Request): Promise<Untimed> {
  return new Promise((resolve, reject) => {
    const sent = (tls ? httpsRequest : http1Request)({
      host: address,
      port,
      method: request.method ?? 'GET',
      path: request.path ?? '/',
      headers: { ...headersOf(request), ...(request.host === undefined ? {} : { host: request.host }) },
      // A connection of its own for each request, so that no request meets one that is just being closed.
      agent: false,
      ...(tls && tlsOptions(tls)),
    });
    sent.setTimeout(patience, () => sent.destroy(new Error(`no answer in ${patience} ms`)));
    sent.on('error', reject);
    sent.on('response', (response) => {
      collected(response).then((body) => resolve(answerOf(response.statusCode ?? 0, response.headers, body)), reject);
    });
    writeBody(sent, request.body).catch(reject);
  });
}

async function overHttp2(where: Where, request: Request): Promise<Untimed> {
  const session = http2Session(where);
  try {
    return await onSession(session, request, where);
  } finally {
    session.destroy();
  }
}

/** For requests that are to share one connection; to be destroyed by whoever opens it. */
export function http2Session({ port, address = '127.0.0.1', tls }: Where): ClientHttp2Session {
  const session = tls
    ? http2Connect(`https://${tls.serverName ?? address}:${port}`, {
        createConnection: () => tlsConnect({ host: address, port, ALPNProtocols: ['h2'], ...tlsOptions(tls) }),
      })
    : http2Connect(`http://${address}:${port}`);
  session.on('error', () => {});
  return session;
}

export function onSession(session: ClientHttp2Session, request: Request, where: Where): Promise<Untimed> {
  return new Promise((resolve, reject) => {
    session.once('error', reject);
    const stream = session.request(
      {
        ':method': request.method ?? 'GET',
        ':path': request.path ?? '/',
        ':authority': request.host ?? `${where.tls?.serverName ?? where.address ?? '127.0.0.1'}:${where.port}`,
        ...headersOf(request),
      },
      // A request that is refused may be answered and closed before an empty body has been ended.
      { endStream: request.body === undefined },
    );
    stream.setTimeout(patience, () => stream.destroy(new Error(`no answer in ${patience} ms`)));
    stream.on('error', reject);
    let isAnswered = false;
    stream.on('response', ({ ':status': status, ...headers }) => {
      isAnswered = true;
      collected(stream).then((body) => resolve(answerOf(Number(status), headers, body)), reject);
    });
    stream.on('close', () => {
      // What comes after the head of an answer is read to its end, which may be seen after the stream is closed.
      if (!isAnswered) reject(new Error(`the stream was closed with ${stream.rstCode} before an answer`));
    });
    if (request.body !== undefined) writeBody(stream, request.body).catch(reject);
  });
}

function headersOf({ headers, reply }: Request): { [name: string]: string } {
  return {
    ...(reply === undefined ? {} : { [replyHeader]: JSON.stringify(reply), [caseHeader]: String(cases++) }),
    ...headers,
  };
}

let cases = 0;

function tlsOptions({ serverName, ca, cert, key, verifyName = true, only }: ClientTls) {
  return {
    // OpenSSL itself refuses what is older than 1.2 at its usual level.
    ...(only === undefined ? {} : { minVersion: only, maxVersion: only, ciphers: 'DEFAULT@SECLEVEL=0' }),
    ...(serverName === undefined ? {} : { servername: serverName }),
    ...(ca === undefined ? { rejectUnauthorized: false } : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(verifyName ? {} : { checkServerIdentity: () => undefined }),
  };
}

async function writeBody(stream: NodeJS.WritableStream, body: Request['body']): Promise<void> {
  if (body === undefined || typeof body === 'string') {
    stream.end(body ?? '');
    return;
  }
  const part = Buffer.alloc(64 * 1024, 'meshwright ');
  for (let left = body.bytes; left > 0; left -= part.length) {
    const more = left < part.length ? part.subarray(0, left) : part;
    if (!stream.write(more)) await once(stream, 'drain');
  }
  stream.end();
}

/** SHA-1 of a body that is given by its length, as it is sent. */
export function sha1OfBytes(bytes: number): string {
  const hash = createHash('sha1');
  const part = Buffer.alloc(64 * 1024, 'meshwright ');
  for (let left = bytes; left > 0; left -= part.length) hash.update(left < part.length ? part.subarray(0, left) : part);
  return hash.digest('hex');
}

interface Body {
  readonly text: string;
  readonly bytes: number;
  readonly sha1: string;
}

async function collected(stream: AsyncIterable<Buffer>): Promise<Body> {
  const hash = createHash('sha1');
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of stream) {
    hash.update(part);
    bytes += part.length;
    if (bytes <= 1 << 20) parts.push(part);
  }
  return { text: bytes <= 1 << 20 ? Buffer.concat(parts).toString('utf8') : '', bytes, sha1: hash.digest('hex') };
}

function answerOf(
  status: number,
  headers: { readonly [name: string]: string | readonly string[] | undefined },
  body: Body,
): Untimed {
  const joined = Object.entries(headers).map(([name, value]) => [
    name,
    typeof value === 'string' ? value : (value ?? []).join(', '),
  ]);
  return { status, headers: Object.fromEntries(joined), ...body, received: receivedIn(body.text) };
}

function receivedIn(text: string): Received | undefined {
  if (!text.startsWith('{"instance":')) return undefined;
  return JSON.parse(text) as Received;
}
