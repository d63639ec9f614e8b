import { once } from 'node:events';
import type { Server, Socket } from 'node:net';
import type { Received, Reply } from './received';

/** The application beside a sidecar, or a host outside: a real server on this machine. */
export interface Backend {
  readonly options: BackendOptions;
  /** Requests, or connections of TCP, in the order in which they came. */
  readonly received: Received[];
  /** What it does with every request from now on, whatever the request says. Absent: what the request says. */
  reply(reply: Reply | undefined): void;
  /** Breaks every connection that is open. */
  drop(): void;
  close(): Promise<void>;
}

export interface BackendOptions {
  /** Name of the instance: `catalog-v2-0`. */
  readonly instance: string;
  readonly service: string;
  readonly version?: string;
  readonly port: number;
  /** Absent: 127.0.0.1. */
  readonly address?: string;
  /** HTTP/2 without TLS. */
  readonly http2?: boolean;
  /** PEM: the server speaks TLS and proves itself with it. */
  readonly tls?: { readonly cert: string; readonly key: string };
}

/** Closes a server with all that is connected to it, which Node leaves open. */
export class Closing {
  private readonly sockets = new Set<Socket>();

  watch(server: Server): void {
    server.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => this.sockets.delete(socket));
    });
  }

  drop(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  async close(server: Server): Promise<void> {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    this.drop();
    await closed;
  }
}
