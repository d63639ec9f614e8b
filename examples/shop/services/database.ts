import { type AddressInfo, createServer, type Socket } from 'node:net';
import { linesOf } from './lines';
import { announce, listenHost, onTerminate, portOr, print, servedBy } from './server';

/*
 * A line protocol over TCP. The server greets first; each command is a line, answered by `OK <n>` and n lines, or by
 * `ERROR <why>`: GET key · SET key value · LIST prefix · INCR key · QUIT.
 */
const values = new Map<string, string>(
  [
    { id: 'backpack', name: 'Backpack, 22 litres', price: 8900, currency: 'EUR' },
    { id: 'lamp', name: 'Desk lamp', price: 4550, currency: 'EUR' },
    { id: 'mug', name: 'Mug, hand-thrown', price: 1400, currency: 'EUR' },
    { id: 'notebook', name: 'Notebook, dotted', price: 950, currency: 'EUR' },
  ].map((product) => [`product/${product.id}`, JSON.stringify(product)]),
);

const commands: { readonly [name: string]: (key: string, value: string) => readonly string[] } = {
  GET: (key) => [values.get(key)].filter((value) => value !== undefined),
  SET: (key, value) => {
    if (value === '') throw new Error('SET takes a key and a value');
    values.set(key, value);
    return [];
  },
  LIST: (prefix) =>
    [...values.keys()]
      .filter((key) => key.startsWith(prefix))
      .sort()
      .map((key) => `${key} ${values.get(key)}`),
  INCR: (key) => {
    const next = Number(values.get(key) ?? 0) + 1;
    if (!Number.isSafeInteger(next)) throw new Error(`${key} holds no whole number`);
    values.set(key, String(next));
    return [String(next)];
  },
};

const open = new Set<Socket>();
const server = createServer((socket) => {
  open.add(socket);
  socket.once('close', () => open.delete(socket));
  void converse(socket);
});
server.listen(portOr(6379), listenHost(), () => announce((server.address() as AddressInfo).port));
onTerminate(() => {
  server.close(() => process.exit(0));
  // Answers are written in the turn their command is read in: none is ever unfinished here.
  for (const socket of open) socket.end();
});

async function converse(socket: Socket): Promise<void> {
  try {
    socket.write(`HELLO ${servedBy('database')}\n`);
    for await (const line of linesOf(socket)) {
      const quits = line === 'QUIT';
      socket.write(quits ? 'OK 0\n' : answer(line));
      if (quits) return void socket.end();
    }
  } catch (error) {
    print({ service: 'database', error: error instanceof Error ? error.message : String(error) });
  }
}

function answer(line: string): string {
  const [name = '', key = '', ...rest] = line.split(' ');
  try {
    const command = commands[name];
    if (!command) throw new Error(`"${name}" is no command; there are ${Object.keys(commands).join(', ')} and QUIT`);
    if (key === '') throw new Error(`${name} takes a key`);
    const lines = command(key, rest.join(' '));
    print({ service: 'database', command: name, key, lines: lines.length });
    return [`OK ${lines.length}`, ...lines, ''].join('\n');
  } catch (error) {
    return `ERROR ${error instanceof Error ? error.message : error}\n`;
  }
}
