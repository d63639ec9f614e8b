import type { Socket } from 'node:net';

/** The lines that arrive on a socket, without their ends; throws what breaks the connection. */
export async function* linesOf(socket: Socket): AsyncGenerator<string> {
  let rest = '';
  socket.setEncoding('utf8');
  for await (const chunk of socket as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > longest) throw new Error(`a line has more than ${longest} characters`);
    for (const line of lines) yield line.replace(/\r$/, '');
  }
}

const longest = 64 * 1024;
