import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/**
 * Ports of this machine for one running mesh. They come from below what systems give to outgoing connections (Linux: from
 * 32768, macOS: from 49152), or one could be taken between two starts of the process that has it. Meshes beside each other
 * have blocks of their own: whoever listens on the first port of a block has the block, and loses it by ending, however it ends.
 */
export class Ports {
  private readonly guards: Server[] = [];
  private readonly assigned = new Map<string, number>();
  private readonly taken = new Set<number>();
  private last: Promise<unknown> = Promise.resolve();
  private block: { readonly first: number; next: number } | undefined;

  /** The port of a key: the same for as long as it is not released. */
  assign(key: string): Promise<number> {
    return this.inTurn(async () => this.assigned.get(key) ?? this.note(key, await this.free()));
  }

  /** Likewise, but one that looks like the declared port where that is possible: it is for people. */
  assignLike(key: string, declared: number): Promise<number> {
    return this.inTurn(async () => {
      const known = this.assigned.get(key);
      if (known !== undefined) return known;
      this.block ??= await this.takeBlock();
      const port = portLike(declared, (this.block.first - range.first) / blockSize);
      const fits = port < 65_536 && !this.taken.has(port) && (await isFree(port));
      return this.note(key, fits ? port : await this.free());
    });
  }

  /** One after the other: what one has found free the next one must not find too. */
  private inTurn(find: () => Promise<number>): Promise<number> {
    const found = this.last.then(find);
    this.last = found.catch(() => {});
    return found;
  }

  release(key: string): void {
    const port = this.assigned.get(key);
    if (port === undefined) return;
    this.assigned.delete(key);
    this.taken.delete(port);
  }

  close(): void {
    for (const guard of this.guards) guard.close();
  }

  private note(key: string, port: number): number {
    this.assigned.set(key, port);
    this.taken.add(port);
    return port;
  }

  /** The next one in turn: a port that was just given back may still be dialled by whoever has not heard of it. */
  private async free(): Promise<number> {
    for (;;) {
      this.block ??= await this.takeBlock();
      const { first } = this.block;
      for (let tried = 1; tried < blockSize; tried++) {
        const port = this.block.next;
        this.block.next = port + 1 < first + blockSize ? port + 1 : first + 1;
        if (!this.taken.has(port) && (await isFree(port))) return port;
      }
      this.block = undefined;
    }
  }

  private async takeBlock(): Promise<{ readonly first: number; next: number }> {
    for (let first = range.first; first + blockSize <= range.end; first += blockSize) {
      const guard = await listening(first, '127.0.0.1');
      if (!guard) continue;
      guard.unref();
      guard.on('connection', (socket) => socket.destroy());
      this.guards.push(guard);
      return { first, next: first + 1 };
    }
    throw new Error(`there is no free port from ${range.first} to ${range.end}; stop what listens there`);
  }
}

/**
 * A port that any user may listen on: 80 becomes 8080, and 8180 in the second mesh. By the number of the block, which no other mesh
 * has: Envoys share a port without a word, so that two meshes would get each other's requests.
 */
export function portLike(declared: number, block: number): number {
  return (declared < 1_024 ? declared + 8_000 : declared) + 100 * block;
}

const range = { first: 20_000, end: 32_000 } as const;
const blockSize = 200;

/** On the loopback address, and on all: what listens there would get connections of ours on some systems. */
async function isFree(port: number): Promise<boolean> {
  for (const address of ['127.0.0.1', '0.0.0.0']) {
    const server = await listening(port, address);
    if (!server) return false;
    server.close();
    await once(server, 'close');
  }
  return true;
}

function listening(port: number, address: string): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ port, host: address, exclusive: true }, () => resolve(server));
  });
}
