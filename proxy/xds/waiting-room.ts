import type { Socket } from 'node:net';

/**
 * Connections that have not proven themselves yet, oldest first. When it is full the oldest goes: a client with a token is out of it
 * in milliseconds, one that only holds connections open is not.
 */
export class WaitingRoom {
  private readonly sockets = new Map<string, Socket>();

  constructor(
    private readonly places: number,
    private readonly onOverflow: (peer: string) => void,
  ) {}

  enter(peer: string, socket: Socket): void {
    this.sockets.set(peer, socket);
    socket.once('close', () => {
      if (this.sockets.get(peer) === socket) this.sockets.delete(peer);
    });
    if (this.sockets.size <= this.places) return;
    for (const [oldest, itsSocket] of this.sockets) {
      this.sockets.delete(oldest);
      this.onOverflow(oldest);
      itsSocket.destroy();
      return;
    }
  }

  all(): Socket[] {
    return [...this.sockets.values()];
  }

  leave(peer: string): void {
    this.sockets.delete(peer);
  }
}
