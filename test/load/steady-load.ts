import { Agent, type IncomingMessage, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/** A client that never stops asking, and counts every answer that is not the one it should be. */
export interface SteadyLoad {
  /** Requests that were begun. */
  readonly sent: number;
  /** Answers by what was wrong with them: `503 upstream connect error…`, `ECONNRESET`, `no answer in 10000 ms`. */
  readonly failures: ReadonlyMap<string, number>;
  /** Requests answered by each instance, as they name themselves. */
  readonly instances: ReadonlyMap<string, number>;
  /** Waits until so many more requests have been answered, whatever the answer. */
  more(requests: number): Promise<void>;
  /** Lets what is under way end, and begins nothing new. */
  stop(): Promise<void>;
}

export interface LoadOptions {
  readonly path?: string;
  readonly host?: string;
  /** Requests at one time, each on a connection that is kept. @default 8 */
  readonly connections?: number;
  /** Milliseconds that each of them waits between two requests. @default 4 */
  readonly pause?: number;
  /** What is asked in turn. @default {@link mixed} */
  readonly requests?: readonly Asked[];
}

export interface Asked {
  readonly method: string;
  readonly headers?: { readonly [name: string]: string };
  readonly body?: Buffer;
}

/** What must hold whatever is asked: reads, writes that are never tried twice, and requests that outlive many a change. */
export const mixed: readonly Asked[] = [
  ...Array.from({ length: 6 }, () => ({ method: 'GET' })),
  { method: 'POST', body: Buffer.alloc(20_000, 'meshwright ') },
  { method: 'GET', headers: { 'x-reply': JSON.stringify({ delay: 150 }) } },
  { method: 'POST', body: Buffer.alloc(300, 'meshwright '), headers: { 'x-reply': JSON.stringify({ delay: 30 }) } },
];

/** Nothing here takes a second: what takes ten has been lost. */
const patience = 10_000;

/** At a port of this machine. */
export function loadOf(port: number, options: LoadOptions = {}): SteadyLoad {
  const { connections = 8, pause = 4, requests = mixed } = options;
  const agent = new Agent({ keepAlive: true, maxSockets: connections, scheduling: 'fifo' });
  const failures = new Map<string, number>();
  const instances = new Map<string, number>();
  let sent = 0;
  let answered = 0;
  let going = true;
  const waiting = new Set<() => void>();

  const one = async () => {
    const asked = requests[sent++ % requests.length] ?? { method: 'GET' };
    const outcome = await ask(agent, port, options, asked);
    if (outcome.kind === 'failed') failures.set(outcome.why, (failures.get(outcome.why) ?? 0) + 1);
    else instances.set(outcome.instance, (instances.get(outcome.instance) ?? 0) + 1);
    answered++;
    for (const look of waiting) look();
  };
  const loops = Array.from({ length: connections }, async () => {
    while (going) {
      await one();
      if (pause > 0) await delay(pause);
    }
  });

  return {
    get sent() {
      return sent;
    },
    failures,
    instances,
    more: (count) =>
      new Promise((resolve) => {
        const enough = answered + count;
        const look = () => {
          if (answered < enough) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    stop: async () => {
      going = false;
      await Promise.all(loops);
      agent.destroy();
    },
  };
}

type Outcome =
  | { readonly kind: 'answered'; readonly instance: string }
  | { readonly kind: 'failed'; readonly why: string };

function ask(
  agent: Agent,
  port: number,
  options: LoadOptions,
  { method, headers = {}, body }: Asked,
): Promise<Outcome> {
  const { path = '/', host } = options;
  return new Promise((resolve) => {
    const failed = (why: string) => resolve({ kind: 'failed', why });
    const asking = request({
      agent,
      host: '127.0.0.1',
      port,
      path,
      method,
      headers: { ...headers, ...(host === undefined ? {} : { host }), ...(body && { 'content-length': body.length }) },
    });
    const timer = setTimeout(() => {
      failed(`no answer in ${patience} ms`);
      asking.destroy();
    }, patience);
    asking.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      failed(`${error.code ?? error.message}${asking.reusedSocket ? ' on a connection that was kept' : ''}`);
    });
    asking.on('response', (response) => {
      read(response).then(
        (text) => {
          clearTimeout(timer);
          const instance = response.headers['x-instance'];
          if (response.statusCode === 200) resolve({ kind: 'answered', instance: String(instance) });
          else failed(`${response.statusCode} ${text.slice(0, 200)}`);
        },
        (error: Error) => {
          clearTimeout(timer);
          failed(`cut off in the body: ${error.message}`);
        },
      );
    });
    asking.end(body);
  });
}

async function read(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part);
  return Buffer.concat(parts).toString();
}
