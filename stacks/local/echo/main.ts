import type { Server } from 'node:net';
import { createInterface } from 'node:readline';
import { echoServer } from './answers';
import { type EchoListener, EchoListeners } from './listeners';

/** The process in which all services without a command are stood in for. It ends with its standard input. */
const servers = new Map<string, Pick<Server, 'close'>>();

const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => follow(EchoListeners.read(line)));
lines.on('close', () => process.exit(0));

function follow(listeners: readonly EchoListener[]): void {
  const wanted = new Map(listeners.map((listener) => [JSON.stringify(listener), listener]));
  for (const [key, server] of servers) {
    if (wanted.has(key)) continue;
    server.close();
    servers.delete(key);
  }
  for (const [key, listener] of wanted) {
    if (servers.has(key)) continue;
    const server = echoServer(listener);
    server.on('error', (error: Error) => console.error(`${listener.service}: ${error.message}`));
    server.listen(listener.at, '127.0.0.1', () => console.log(`${listener.service} is stood in for at ${listener.at}`));
    servers.set(key, server);
  }
}
