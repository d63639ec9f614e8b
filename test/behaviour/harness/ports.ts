import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Ports that nobody listens on, below those that the kernel gives to outgoing connections (32768 and up): between the moment
 * a port is chosen and the moment Envoy binds it, no connection of this machine can take it. Processes start at different
 * numbers, and each number is tried before it is given out.
 */
const first = 16_384;
const beyond = 32_768;

let next = first + ((process.pid * 389) % (beyond - first));

export async function freePort(): Promise<number> {
  for (let tried = 0; tried < beyond - first; tried++) {
    const port = next;
    next = next + 1 === beyond ? first : next + 1;
    if (await isFree(port)) return port;
  }
  throw new Error(`no port between ${first} and ${beyond} is free`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const outcome = Promise.race([once(server, 'listening').then(() => true), once(server, 'error').then(() => false)]);
  server.listen(port, '127.0.0.1');
  if (!(await outcome)) return false;
  server.close();
  await once(server, 'close');
  return true;
}
