import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Metadata, status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { healthClient, type Rating, type RatingsClient, ratingsClient } from '../../examples/shop/services/ratings-api';

const root = join(__dirname, '..', '..');
const running = new Set<Running>();

interface Line {
  readonly event: string;
  readonly instance: string;
  readonly [fact: string]: unknown;
}

/** One service as a process of its own, on a port that the system gave it. */
class Running {
  readonly lines: Line[] = [];
  readonly exited: Promise<number | null>;
  private errors = '';
  private waiting: (() => void)[] = [];

  private constructor(private readonly child: ChildProcess) {
    const wake = () => {
      for (const look of this.waiting.splice(0)) look();
    };
    if (child.stdout) {
      createInterface({ input: child.stdout }).on('line', (line) => {
        this.lines.push(JSON.parse(line));
        wake();
      });
    }
    child.stderr?.on('data', (text) => {
      this.errors += text;
    });
    this.exited = once(child, 'close').then(([code]) => {
      running.delete(this);
      wake();
      return code;
    });
    running.add(this);
  }

  static async start(service: string, env: { readonly [name: string]: string } = {}): Promise<Running> {
    const started = Running.spawn(service, env);
    await started.line((line) => line.event === 'listening');
    return started;
  }

  static spawn(service: string, env: { readonly [name: string]: string }): Running {
    const file = join(root, 'examples/shop/services', `${service}.ts`);
    const given = { PATH: process.env.PATH, PORT: '0', ADDRESS: '127.0.0.1', ...env };
    return new Running(spawn(process.execPath, ['--import', 'tsx', file], { cwd: root, env: given }));
  }

  /** The first line that fits, as soon as it is there. */
  async line(fits: (line: Line) => boolean): Promise<Line> {
    for (;;) {
      const found = this.lines.find(fits);
      if (found) return found;
      if (this.child.exitCode !== null) throw new Error(`exited with ${this.child.exitCode}: ${this.errors}`);
      await new Promise<void>((look) => this.waiting.push(look));
    }
  }

  get port(): number {
    return Number(this.lines.find(({ event }) => event === 'listening')?.port);
  }

  get name(): string {
    return String(this.lines[0]?.instance);
  }

  get complaint(): string {
    return this.errors;
  }

  terminate(): void {
    this.child.kill('SIGTERM');
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }

  async fetch(path: string, init?: RequestInit): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.port}${path}`, { redirect: 'manual', ...init });
  }

  post(path: string, body: unknown, headers: { readonly [name: string]: string } = {}): Promise<Response> {
    const init = { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) };
    return this.fetch(path, { ...init, headers: { 'content-type': 'application/json', ...headers } });
  }
}

/** The variables by which a client finds the service, as Kubernetes sets them. */
function at(service: string, { port }: { readonly port: number }): { readonly [name: string]: string } {
  return { [`${service}_SERVICE_HOST`]: '127.0.0.1', [`${service}_SERVICE_PORT`]: String(port) };
}

let database: Running;
let provider: Running;
let ratings: Running;
let catalog: Running;
let payments: Running;
let reviewsV1: Running;
let reviews: Running;
let orders: Running;
let web: Running;
let client: RatingsClient;

beforeAll(async () => {
  [database, provider, ratings, reviewsV1] = await Promise.all([
    Running.start('database'),
    Running.start('payment-provider'),
    Running.start('ratings'),
    Running.start('reviews'),
  ]);
  [catalog, payments, reviews] = await Promise.all([
    Running.start('catalog', at('DATABASE', database)),
    Running.start('payments', { PAYMENT_PROVIDER_URL: `http://127.0.0.1:${provider.port}` }),
    Running.start('reviews', { VERSION: 'v2', ...at('RATINGS', ratings) }),
  ]);
  orders = await Running.start('orders', { ...at('DATABASE', database), ...at('PAYMENTS', payments) });
  web = await Running.start('web', { ...at('CATALOG', catalog), ...at('REVIEWS', reviews), ...at('ORDERS', orders) });
  client = ratingsClient(`127.0.0.1:${ratings.port}`);
});

afterAll(async () => {
  client?.close();
  const left = [...running];
  for (const each of left) each.kill();
  await Promise.all(left.map(({ exited }) => exited));
});

describe('the shop', () => {
  it('shows', async () => {
    const response = await web.fetch('/');
    console.log(await response.text());
    console.log(web.lines, reviews.lines, ratings.lines, database.lines.slice(0, 4));
  });
});
