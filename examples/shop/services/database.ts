import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { Instance } from './instance';

// Keys and values in memory, by a line each way:
//
//   server, before anything is asked    SHOPDB 1 <instance>
//   GET key                             VALUE <value> | NONE
//   SET key value                       OK
//   INCR key                            VALUE <number>
//   LIST prefix                         KEYS <key> <key> ...
//   INFO                                VALUE {"instance": ..., "served": ..., "keys": ...}
//   anything else                       ERROR <what is allowed>
//
// Commands may be sent without waiting; the answers come in their order. A value is the rest of the line.

const self = new Instance('database');
const store = new Map<string, string>();
const connections = new Set<Socket>();
const maxLineLength = 64 * 1024;

const commands: { readonly [name: string]: (key: string, value: string) => string } = {
  GET: (key) => (store.has(key) ? `VALUE ${store.get(key)}` : 'NONE'),
  SET: (key, value) => {
    store.set(key, value);
    return 'OK';
  },
  INCR: (key) => {
    const next = Number(store.get(key) ?? 0) + 1;
    if (!Number.isSafeInteger(next)) return `ERROR the value of ${key} is no whole number: ${store.get(key)}`;
    store.set(key, String(next));
    return `VALUE ${next}`;
  },
  LIST: (prefix) => ['KEYS', ...[...store.keys()].filter((key) => key.startsWith(prefix)).sort()].join(' '),
  INFO: () => `VALUE ${JSON.stringify({ instance: self.name, served: self.served, keys: store.size })}`,
};

const server = createServer((socket) => {
  connections.add(socket);
  socket.once('close', () => connections.delete(socket));
  socket.on('error', ({ message }) => self.log('lost', { peer: socket.remotePort, message }));
  socket.setEncoding('utf8').setNoDelay();
  socket.write(`SHOPDB 1 ${self.name}\n`);
  let rest = '';
  socket.on('data', (text: string) => {
    const lines = (rest + text).split(/\r?\n/);
    rest = lines.pop() ?? '';
    for (const line of lines) socket.write(`${answer(line, socket.remotePort)}\n`);
    if (rest.length <= maxLineLength) return;
    rest = '';
    socket.end(`ERROR a line may have ${maxLineLength} characters\n`, () => socket.destroy());
  });
});

function answer(line: string, peer: number | undefined): string {
  const [, name = '', key = '', value = ''] = /^(\S*) ?(\S*) ?(.*)$/.exec(line) ?? [];
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  self.served++;
  self.log('request', { command: name, key, peer });
  if (!command) return `ERROR there is no command "${name}"; allowed are ${Object.keys(commands).join(', ')}`;
  if (key === '' && ['GET', 'SET', 'INCR'].includes(name)) return `ERROR ${name} needs a key: ${name} <key>`;
  return command(key, value);
}

void self.run({
  port: 6379,
  listen: async (port, address) => {
    server.listen(port, address);
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  },
  stop: () => {
    // Every command that has arrived is answered already: `end` lets the answers out and hangs up.
    for (const socket of connections) socket.end();
    return new Promise((closed) => server.close(closed));
  },
  cut: () => {
    for (const socket of connections) socket.destroy();
  },
});
