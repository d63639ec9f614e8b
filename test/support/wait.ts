import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** Looks again and again until something is so, which is what it gives. */
export async function until<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  { patience = 10_000, pause = 10 }: { readonly patience?: number; readonly pause?: number } = {},
): Promise<T> {
  const end = performance.now() + patience;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > end) throw new Error(`waited ${patience} ms in vain for ${what}`);
    await delay(pause);
  }
}

/** Waits until something listens on a port of this machine. */
export async function listening(port: number, what: string): Promise<void> {
  await until(what, () => {
    return new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => resolve(false));
      socket.on('connect', () => {
        socket.destroy();
        resolve(true);
      });
    });
  });
}
