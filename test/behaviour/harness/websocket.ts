import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:http';
import type { Duplex } from 'node:stream';

/** As much of WebSocket (RFC 6455) as two ends need that exchange short texts. */

/** Answers the handshake, then sends each text back. */
export function acceptWebSocket(request: IncomingMessage, socket: Duplex): void {
  const accept = acceptance(String(request.headers['sec-websocket-key']));
  const head = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'];
  socket.write(`${[...head, `Sec-WebSocket-Accept: ${accept}`].join('\r\n')}\r\n\r\n`);
  socket.on('error', () => {});
  onTexts(socket, (text) => socket.write(frame(`echo ${text}`, false)));
  socket.on('end', () => socket.end());
}

/** Opens a WebSocket, sends each text, and gives what came back for each; the status where it was not opened. */
export async function overWebSocket(
  where: { readonly host: string; readonly port: number; readonly path: string; readonly headers?: object },
  texts: readonly string[],
  /** Milliseconds before each text. */
  pause = 0,
): Promise<readonly string[] | number> {
  const key = randomBytes(16).toString('base64');
  const headers = {
    upgrade: 'websocket',
    connection: 'Upgrade',
    'sec-websocket-version': '13',
    'sec-websocket-key': key,
  };
  return new Promise((resolve, reject) => {
    const sent = request({ ...where, headers: { ...headers, ...where.headers } });
    sent.setTimeout(10_000, () => sent.destroy(new Error('no answer to the WebSocket')));
    sent.on('error', reject);
    sent.on('response', (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on('upgrade', (response, socket, head) => {
      if (response.headers['sec-websocket-accept'] !== acceptance(key)) reject(new Error('not the answer to this key'));
      const answers: string[] = [];
      if (head.length > 0) socket.unshift(head);
      socket.on('error', reject);
      onTexts(socket, (text) => {
        answers.push(text);
        if (answers.length < texts.length) return;
        socket.end();
        resolve(answers);
      });
      const rest = [...texts];
      const next = () => {
        const text = rest.shift();
        if (text === undefined) return;
        socket.write(frame(text, true));
        setTimeout(next, pause);
      };
      setTimeout(next, pause);
    });
    sent.end();
  });
}

function acceptance(key: string): string {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
}

/** A whole text of fewer than 126 bytes; what a client sends is masked. */
function frame(text: string, masked: boolean): Buffer {
  const payload = Buffer.from(text);
  if (!masked) return Buffer.concat([Buffer.from([0x81, payload.length]), payload]);
  const mask = randomBytes(4);
  return Buffer.concat([
    Buffer.from([0x81, 0x80 | payload.length]),
    mask,
    payload.map((byte, i) => byte ^ (mask[i % 4] ?? 0)),
  ]);
}

function onTexts(socket: Duplex, onText: (text: string) => void): void {
  let rest = Buffer.alloc(0);
  socket.on('data', (part: Buffer) => {
    rest = Buffer.concat([rest, part]);
    for (;;) {
      const masked = ((rest[1] ?? 0) & 0x80) !== 0;
      const start = masked ? 6 : 2;
      const end = start + ((rest[1] ?? 0) & 0x7f);
      if (rest.length < 2 || rest.length < end) return;
      const mask = masked ? rest.subarray(2, 6) : Buffer.alloc(4);
      onText(Buffer.from(rest.subarray(start, end).map((byte, i) => byte ^ (mask[i % 4] ?? 0))).toString('utf8'));
      rest = rest.subarray(end);
    }
  });
}
