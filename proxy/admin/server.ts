import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../clock';
import type { Log } from '../log';
import { pageAt } from './pages';
import type { Subject } from './subject';

export interface AdminServerOptions {
  readonly host: string;
  /** 0: one that is free. */
  readonly port: number;
  readonly subject: Subject;
  readonly clock: Clock;
  readonly log: Log;
}

/** Reading is all that can be done here. Whatever else is asked for costs the asker its connection, and nobody else anything. */
export class AdminServer {
  static async start(options: AdminServerOptions): Promise<AdminServer> {
    const server = createServer({
      maxHeaderSize: 8_192,
      headersTimeout: 5_000,
      requestTimeout: 5_000,
      keepAliveTimeout: 10_000,
      // How often it is looked whether one of these has passed.
      connectionsCheckingInterval: 1_000,
    });
    // Probes, a Prometheus and a few people.
    server.maxConnections = 64;
    // Who does not read what was asked for.
    server.setTimeout(30_000, (socket) => socket.destroy());
    server.on('clientError', (error, socket) => {
      options.log.debug('an admin request is not right', { reason: error.message });
      if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n');
      else socket.destroy();
    });
    server.on('request', (request, response) => answer(request, response, options));
    server.listen(options.port, options.host);
    await once(server, 'listening');
    return new AdminServer(server);
  }

  private constructor(private readonly server: Server) {}

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }
}

function answer(request: IncomingMessage, response: ServerResponse, { subject, clock, log }: AdminServerOptions): void {
  const { method = '', url = '' } = request;
  if (method !== 'GET' && method !== 'HEAD') {
    end(response, 405, 'text/plain; charset=utf-8', 'only GET is answered here\n', { allow: 'GET, HEAD' });
    return;
  }
  // A page is asked for without a body. What comes of one is not read.
  if (hasBody(request)) {
    end(response, 413, 'text/plain; charset=utf-8', 'a request has no body here\n');
    return;
  }
  try {
    const { status, contentType, body } = pageAt(pathOf(url), subject, clock.now());
    response.writeHead(status, {
      'content-type': contentType,
      'content-length': Buffer.byteLength(body),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    response.end(method === 'HEAD' ? undefined : body);
  } catch (error) {
    log.error('an admin page cannot be shown', { reason: error instanceof Error ? error.message : String(error) });
    end(response, 500, 'text/plain; charset=utf-8', 'the page cannot be shown; the log says why\n');
  }
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** Without the query, in which there is nothing to say. */
function pathOf(url: string): string {
  const path = url.split(/[?#]/, 1)[0] ?? '';
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}

function end(
  response: ServerResponse,
  status: number,
  contentType: string,
  body: string,
  headers: { readonly [name: string]: string } = {},
): void {
  response.writeHead(status, { ...headers, 'content-type': contentType, connection: 'close' });
  response.end(body);
}
