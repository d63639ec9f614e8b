import { connect, type Socket } from 'node:net';
import { type Upstream, upstream } from './client';
import { HttpError } from './server';

const timeoutMs = 5000;

/** The database, over one connection that is opened when it is needed and again when it was lost. */
export class Database {
  private connection: Promise<Connection> | undefined;
  private readonly at: Upstream = upstream('database', 6379);

  /** The value under the key, or undefined. */
  async get<Value>(key: string): Promise<Value | undefined> {
    if (!isKey(key)) return undefined; // it cannot have been set
    const reply = await this.ask(`GET ${key}`, 2);
    return reply === 'NONE' ? undefined : (JSON.parse(after('VALUE ', reply)) as Value);
  }

  async set(key: string, value: unknown): Promise<void> {
    if (!isKey(key)) throw new Error(`a key has no spaces and is not empty, got "${key}"`);
    after('OK', await this.ask(`SET ${key} ${JSON.stringify(value)}`, 2));
  }

  async increment(key: string): Promise<number> {
    return Number(after('VALUE ', await this.ask(`INCR ${key}`, 1)));
  }

  /** The values under all keys that begin with the prefix, in the order of their keys. */
  async list<Value>(prefix: string): Promise<Value[]> {
    const keys = after('KEYS', await this.ask(`LIST ${prefix}`, 2))
      .split(' ')
      .filter(isKey);
    const values = await Promise.all(keys.map((key) => this.get<Value>(key)));
    return values.filter((value) => value !== undefined);
  }

  /** What may be done twice without harm is tried once more when the connection was lost. */
  private async ask(line: string, attempts: number): Promise<string> {
    try {
      this.connection ??= this.open();
      return await (await this.connection).ask(line);
    } catch (error) {
      if (attempts > 1) return this.ask(line, attempts - 1);
      const { code, message } = error as NodeJS.ErrnoException;
      throw new HttpError(502, `database cannot be reached: ${code ?? message}`);
    }
  }

  private open(): Promise<Connection> {
    const opened: Promise<Connection> = Connection.open(this.at, () => {
      if (this.connection === opened) this.connection = undefined;
    });
    return opened;
  }
}

class Connection {
  private readonly waiting: { readonly resolve: (line: string) => void; readonly reject: (error: Error) => void }[] =
    [];
  private rest = '';

  /** Resolves when the database has said hello: it speaks first, and is not spoken to before. */
  static async open(at: Upstream, lost: () => void): Promise<Connection> {
    const connection = new Connection(connect({ host: at.host, port: at.port }), lost);
    const greeting = await connection.reply();
    if (!greeting.startsWith('SHOPDB 1 '))
      throw new Error(`it does not speak SHOPDB 1; its first line is "${greeting}"`);
    return connection;
  }

  private constructor(
    private readonly socket: Socket,
    lost: () => void,
  ) {
    let reason = new Error('the connection was closed');
    socket.setEncoding('utf8').setNoDelay().setTimeout(timeoutMs);
    socket.on('data', (text: string) => this.receive(text));
    socket.on('timeout', () => {
      if (this.waiting.length > 0) socket.destroy(new Error(`no answer within ${timeoutMs} ms`));
    });
    socket.on('end', lost);
    socket.on('error', (error) => {
      reason = error;
    });
    socket.on('close', () => {
      lost();
      for (const { reject } of this.waiting.splice(0)) reject(reason);
    });
  }

  ask(line: string): Promise<string> {
    this.socket.write(`${line}\n`);
    return this.reply();
  }

  private reply(): Promise<string> {
    if (this.socket.destroyed) return Promise.reject(new Error('the connection was closed'));
    return new Promise((resolve, reject) => this.waiting.push({ resolve, reject }));
  }

  private receive(text: string): void {
    const lines = (this.rest + text).split('\n');
    this.rest = lines.pop() ?? '';
    for (const line of lines) this.waiting.shift()?.resolve(line);
  }
}

function isKey(key: string): boolean {
  return /^\S+$/.test(key);
}

/** What follows the expected beginning of a reply. */
function after(beginning: string, reply: string): string {
  if (reply.startsWith(beginning)) return reply.slice(beginning.length);
  throw new HttpError(502, `database answered: ${reply}`);
}
