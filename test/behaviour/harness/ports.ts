import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Ports that nobody listens on, below those that the kernel gives to outgoing connections (32768 and up): between the moment
 * a port is chosen and the moment Envoy binds it, no connection of this machine can take it. Nor does another process of
 * tests: whoever chooses a TCP port binds the UDP port of the same number for as long as it runs, which only one can.
 */
const first = 16_384;
const beyond = 32_768;

let next = first + ((process.pid * 389) % (beyond - first));

export async function freePort(): Promise<number> {
  for (let tried = 0; tried < beyond - first; tried++) {
    const port = next;
    next = next + 1 === beyond ? first : next + 1;
    if ((await claimed(port)) && (await isFree(port))) return port;
  }
  throw new Error(`no port between ${first} and ${beyond} is free`);
}

/** Until this process ends. */
async function claimed(port: number): Promise<boolean> {
  const claim = createSocket('udp4');
  const outcome = Promise.race([once(claim, 'listening').then(() => true), once(claim, 'error').then(() => false)]);
  claim.bind({ address: '127.0.0.1', port, exclusive: true });
  claim.unref();
  return outcome;
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
