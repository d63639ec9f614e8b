import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net';
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
  private gone = false;
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
      this.gone = true;
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
      if (this.gone) throw new Error(`exited with ${this.child.exitCode}: ${this.errors}`);
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

  /** Ends it at once. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exited;
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
  await Promise.all([...running].map((each) => each.kill()));
});

const browser = { accept: 'text/html' };

describe('web', () => {
  it('lists every product with its rating, and says which copy of what has answered', async () => {
    const response = await web.fetch('/');
    const page = await response.text();
    const found = page.matchAll(/<h2>(.*?)<\/h2>\s*<p class="stars[^>]*?(?:title="(.*?)")?>.*?class="price">(.*?)</gs);
    expect([...found].map(([, ...parts]) => parts)).toEqual([
      ['Desk lamp', '4.5 of 5 stars, 32 ratings', '€69.00'],
      ['Enamel mug', '4.5 of 5 stars, 49 ratings', '€14.50'],
      ['Notebook', '3.5 of 5 stars, 28 ratings', '€18.00'],
      ['Oak stool', '4.7 of 5 stars, 12 ratings', '€125.00'],
      ['Tide clock', undefined, '€1,450.00'],
      ['Wool blanket', '4.2 of 5 stars, 34 ratings', '€99.00'],
    ]);
    expect(page).toContain(`<footer><span>${catalog.name}</span><span>${reviews.name}</span></footer>`);
    expect(response.headers.get('x-served-by')).toBe(web.name);
    expect(web.name).toMatch(new RegExp(`^web/v1@[^:]+:${web.port}$`));
  });

  it('counts what it has answered, probes aside', async () => {
    const count = async () => Number((await web.fetch('/nowhere')).headers.get('x-served-count'));
    const before = await count();
    expect(await (await web.fetch('/healthz')).json()).toEqual({ instance: web.name, served: before });
    expect(await count()).toBe(before + 1);
  });

  it('takes an order from a form, and leads to a page that shows it', async () => {
    const form = new URLSearchParams({ product: 'notebook', quantity: '2' });
    const response = await web.fetch('/orders', { method: 'POST', body: form, headers: browser });
    expect(response.status).toBe(303);
    const page = await web.fetch(response.headers.get('location') ?? '', { headers: browser });
    expect(await page.text()).toContain('<p>2 × notebook, €36.00. It is paid.</p>');
  });

  it('shows a browser a page when something is wrong, with nothing in it that came from outside unescaped', async () => {
    const response = await web.fetch('/products/%3Cscript%3E', { headers: browser });
    expect(response.status).toBe(404);
    expect(await response.text()).toContain('<p class="error">there is no product &#34;&#60;script&#62;&#34;</p>');
  });

  it('sells without reviews', async () => {
    const alone = await Running.start('web', { ...at('CATALOG', catalog), ...at('REVIEWS', { port: 2 }) });
    const page = await (await alone.fetch('/products/notebook')).text();
    expect(page).toContain('title="reviews cannot be reached: ECONNREFUSED">Reviews are away</p>');
  });
});

describe('reviews', () => {
  it('have no stars in v1', async () => {
    expect(await (await reviewsV1.fetch('/reviews/enamel-mug')).json()).toEqual({
      version: 'v1',
      reviews: [{ author: 'Marek', text: 'Fell off a mountain. Still a mug.' }],
    });
  });

  it('have stars in v2, where there are any', async () => {
    expect(await (await reviews.fetch('/reviews/oak-stool')).json()).toEqual({
      version: 'v2',
      reviews: [{ author: 'Tom', text: 'Milked a goat on it. Recommended.' }],
      rating: { product: 'oak-stool', stars: 56 / 12, count: 12 },
    });
    expect(await (await reviews.fetch('/reviews/tide-clock')).json()).toEqual({
      version: 'v2',
      reviews: [],
      rating: null,
    });
  });

  it('know no v3', async () => {
    const v3 = Running.spawn('reviews', { VERSION: 'v3' });
    expect(await v3.exited).toBe(1);
    expect(v3.complaint).toBe('reviews cannot start: VERSION is "v3"; allowed are v1 (no stars) and v2 (stars)\n');
  });
});

describe('an order', () => {
  it('is paid at the provider and kept', async () => {
    const response = await web.post('/orders', { product: 'desk-lamp', quantity: 3 });
    const order = (await response.json()) as { readonly id: string; readonly charge: string; readonly number: number };
    expect(response.status).toBe(201);
    expect(response.headers.get('location')).toBe(`/orders/${order.id}`);
    const { id, number } = order;
    const charge = expect.stringMatching(/^ch_[0-9a-f-]{36}$/);
    expect(order).toEqual({ id, number, product: 'desk-lamp', quantity: 3, total: 20700, state: 'paid', charge });
    expect(await (await orders.fetch(`/orders/${id}`)).json()).toEqual(order);
    // The provider knows the order: asked again, it is the same charge.
    const again = await payments.post('/payments', { order: id, amount: 20700 });
    expect(await again.json()).toEqual({ charge: order.charge });
    const next = await web.post('/orders', { product: 'notebook', quantity: 1 });
    expect(await next.json()).toMatchObject({ number: number + 1 });
  });

  it('carries its ids through every service of the shop', async () => {
    const ids = { 'x-request-id': 'order-4711', traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` };
    const response = await web.post('/orders', { product: 'enamel-mug', quantity: 1 }, ids);
    expect(response.headers.get('x-request-id')).toBe('order-4711');
    for (const service of [web, orders, payments]) {
      const line = await service.line((each) => each['x-request-id'] === 'order-4711');
      expect(line).toMatchObject({ ...ids, event: 'request', instance: service.name, method: 'POST', status: 201 });
    }
    await web.fetch('/products/notebook', { headers: ids });
    expect(await ratings.line((each) => each['x-request-id'] === 'order-4711')).toMatchObject({
      ...ids,
      method: '/shop.ratings.v1.Ratings/GetRating',
      product: 'notebook',
      status: 'OK',
    });
  });

  const products = 'desk-lamp, enamel-mug, notebook, oak-stool, tide-clock, wool-blanket';
  const example = { product: 'desk-lamp', quantity: 1 };
  it.each<[string, unknown, number, object]>([
    [
      'whose fields are wrong',
      { product: 'moon', quantity: 1.5 },
      400,
      {
        error: 'the order is not valid',
        problems: [
          `product: got "moon"; allowed are ${products}`,
          'quantity: got 1.5; allowed are whole numbers from 1 to 10',
        ],
        example,
      },
    ],
    [
      'that is empty',
      'null',
      400,
      {
        error: 'the order is not valid',
        problems: [
          `product: missing; allowed are ${products}`,
          'quantity: missing; allowed are whole numbers from 1 to 10',
        ],
        example,
      },
    ],
    ['that is not JSON', '{', 400, { error: expect.stringMatching(/^the body is not JSON: ./) }],
    ['that is too long', 'x'.repeat(70_000), 413, { error: 'the body is longer than 65536 bytes' }],
    [
      'that costs too much',
      { product: 'tide-clock', quantity: 1 },
      402,
      { error: 'the card was declined: its limit is 100000 cents', order: expect.any(String) },
    ],
  ])('%s is refused with the reason', async (_, body, expected, reason) => {
    const response = await web.post('/orders', body);
    expect([response.status, await response.json()]).toEqual([expected, reason]);
  });

  it('goes where there is something to take it', async () => {
    const nowhere = await payments.post('/orders', {});
    expect([nowhere.status, await nowhere.json()]).toEqual([
      404,
      { error: 'payments has nothing at /orders', available: ['POST /payments'] },
    ]);
    const wrong = await orders.fetch('/orders', { method: 'DELETE' });
    expect([wrong.status, await wrong.json()]).toEqual([
      405,
      { error: 'DELETE is not allowed at /orders', allowed: ['GET', 'POST'] },
    ]);
  });
});

describe('ratings', () => {
  const stars = (product: string) =>
    new Promise<Rating | undefined>((resolve, reject) => {
      client.getRating({ product }, new Metadata(), {}, (error, rating) => (error ? reject(error) : resolve(rating)));
    });
  const rate = (product: string, stars: number) =>
    new Promise<Rating | undefined>((resolve, reject) => {
      const done = (error: unknown, rating?: Rating) => (error ? reject(error) : resolve(rating));
      client.addRating({ product, stars }, new Metadata(), {}, done);
    });

  it('answer what is asked, and refuse what is wrong', async () => {
    expect(await stars('notebook')).toEqual({ product: 'notebook', stars: 97 / 28, count: 28 });
    await expect(stars('moon')).rejects.toMatchObject({ code: status.NOT_FOUND, details: 'nobody has rated "moon"' });
    await expect(rate('notebook', 6)).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: 'stars are 6; allowed are 1 to 5',
    });
  });

  it('tell a watcher what is and each change of it, and who they are', async () => {
    const watch = client.watchRatings({ product: 'new-thing' }, new Metadata());
    const ended = once(watch, 'error');
    const [metadata] = (await once(watch, 'metadata')) as [Metadata];
    expect(metadata.get('x-served-by')).toEqual([ratings.name]);
    const told: Rating[] = [];
    watch.on('data', (rating: Rating) => told.push(rating));
    await once(watch, 'data');
    await rate('notebook', 3); // of no interest to this watcher
    for (const given of [5, 2]) {
      const next = once(watch, 'data');
      await rate('new-thing', given);
      await next;
    }
    expect(told).toEqual([
      { product: 'new-thing', stars: 0, count: 0 },
      { product: 'new-thing', stars: 5, count: 1 },
      { product: 'new-thing', stars: 3.5, count: 2 },
    ]);
    watch.cancel();
    expect(await ended).toMatchObject([{ code: status.CANCELLED }]);
    const isWatch = ({ method }: Line) => method === '/shop.ratings.v1.Ratings/WatchRatings';
    expect(await ratings.line(isWatch)).toMatchObject({ product: 'new-thing', status: 'CANCELLED' });
  });

  it('let a slow watcher skip what it has no room for, and then tell it the latest', async () => {
    const product = 'long name '.repeat(1000);
    const watch = client.watchRatings({ product }, new Metadata());
    watch.on('error', () => {});
    await once(watch, 'metadata');
    await Promise.all(Array.from({ length: 100 }, () => rate(product, 4)));
    const counts: number[] = [];
    for await (const { count } of watch as AsyncIterable<Rating>) {
      counts.push(count);
      if (count === 100) break;
    }
    expect(counts.length).toBeLessThan(50);
  });

  it('tell a kubelet that they serve', async () => {
    const health = healthClient(`127.0.0.1:${ratings.port}`);
    const check = (service: string) =>
      new Promise((resolve) => health.check({ service }, (error, answer) => resolve(error?.code ?? answer)));
    expect(await check('')).toEqual({ status: 'SERVING' });
    expect(await check('shop.ratings.v1.Ratings')).toEqual({ status: 'SERVING' });
    expect(await check('shop.unknown')).toBe(status.NOT_FOUND);
    health.close();
  });
});

describe('the database', () => {
  it('speaks first, and answers in the order of the questions', async () => {
    const socket = connect(database.port, '127.0.0.1').setEncoding('utf8');
    const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
    const next = async () => (await lines.next()).value;
    expect(await next()).toBe(`SHOPDB 1 ${database.name}`);
    socket.write('SET a one two\r\nGET a\nGET b\nINCR n\nINCR n\nINCR a\nSET ab 1\nLIST a\nDROP a\nGET\nSET a 2\nG');
    expect(await Promise.all(Array.from({ length: 11 }, next))).toEqual([
      'OK',
      'VALUE one two',
      'NONE',
      'VALUE 1',
      'VALUE 2',
      'ERROR the value of a is no whole number: one two',
      'OK',
      'KEYS a ab',
      'ERROR there is no command "DROP"; allowed are GET, SET, INCR, LIST, INFO',
      'ERROR GET needs a key: GET <key>',
      'OK',
    ]);
    socket.write('ET a\n');
    expect(await next()).toBe('VALUE 2');
    socket.end();
    await once(socket, 'close');
  });

  it('may go away and come back', async () => {
    const first = await Running.start('database');
    const { port } = first;
    const shelf = await Running.start('catalog', at('DATABASE', { port }));
    expect((await shelf.fetch('/products/notebook')).status).toBe(200);
    await first.kill();
    const response = await shelf.fetch('/products/notebook');
    expect([response.status, await response.json()]).toEqual([
      502,
      { error: 'database cannot be reached: ECONNREFUSED' },
    ]);
    await Running.start('database', { PORT: String(port) });
    expect(await (await shelf.fetch('/products/notebook')).json()).toMatchObject({ name: 'Notebook', price: 1800 });
  });

  it('is asked once more when a connection is lost, unless that would count twice', async () => {
    const asked: string[] = [];
    let alive = false;
    const flaky = createTcpServer((socket) => {
      socket.write('SHOPDB 1 flaky\n');
      createInterface({ input: socket }).on('line', (line) => {
        asked.push(line);
        if (!alive) socket.destroy();
        else if (line.startsWith('LIST')) socket.write('KEYS product:cup\n');
        else if (line.startsWith('GET')) socket.write('VALUE {"id":"cup","price":100}\n');
        else socket.destroy();
        alive = true;
      });
    }).listen(0, '127.0.0.1');
    await once(flaky, 'listening');
    const ordering = await Running.start('orders', at('DATABASE', flaky.address() as AddressInfo));
    const response = await ordering.post('/orders', { product: 'cup', quantity: 1 });
    expect([response.status, await response.json()]).toEqual([
      502,
      { error: 'database cannot be reached: the connection was closed' },
    ]);
    expect(asked).toEqual(['LIST product:', 'LIST product:', 'GET product:cup', 'INCR orders']);
    flaky.close();
  });
});

describe('an end', () => {
  it('lets what is in flight finish, and takes nothing new', async () => {
    const slow = createServer().listen(0, '127.0.0.1');
    await once(slow, 'listening');
    const { port } = slow.address() as AddressInfo;
    const stopping = await Running.start('payments', { PAYMENT_PROVIDER_URL: `http://127.0.0.1:${port}` });
    const paid = stopping.post('/payments', { order: '1', amount: 1 }, { 'x-request-id': '1', 'x-tester': 'yes' });
    const [request, answer] = (await once(slow, 'request')) as [IncomingMessage, ServerResponse];
    // Nothing of the inside goes out.
    expect(Object.keys(request.headers).filter((name) => name.startsWith('x-') || name.startsWith('trace'))).toEqual(
      [],
    );
    stopping.terminate();
    await stopping.line(({ event }) => event === 'stopping');
    await expect(once(connect(stopping.port, '127.0.0.1'), 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    answer.end('{"id":"ch_1"}');
    const response = await paid;
    expect([response.status, await response.json()]).toEqual([201, { charge: 'ch_1' }]);
    expect(response.headers.get('connection')).toBe('close');
    expect(await stopping.exited).toBe(0);
    slow.close();
  });

  it('of the provider is told to the customer, and the order is kept unpaid', async () => {
    const { port } = provider;
    await provider.kill();
    const response = await web.post('/orders', { product: 'oak-stool', quantity: 2 });
    expect([response.status, await response.json()]).toEqual([
      502,
      {
        error: `orders answered 502: payments answered 502: payment provider http://127.0.0.1:${port} cannot be reached: ECONNREFUSED`,
      },
    ]);
    const kept = (await (await orders.fetch('/orders')).json()) as { readonly product: string }[];
    expect(kept.filter(({ product }) => product === 'oak-stool')).toMatchObject([{ quantity: 2, state: 'unpaid' }]);
  });

  it('of ratings ends every watch with the advice to watch again, and leaves reviews without stars', async () => {
    const watch = client.watchRatings({ product: 'notebook' }, new Metadata());
    await once(watch, 'data');
    const ended = once(watch, 'error');
    ratings.terminate();
    expect(await ended).toMatchObject([
      { code: status.UNAVAILABLE, details: `${ratings.name} is stopping; watch again` },
    ]);
    expect(await ratings.exited).toBe(0);
    expect(await (await reviews.fetch('/reviews/notebook')).json()).toMatchObject({
      rating: { unavailable: expect.stringMatching(/^ratings: UNAVAILABLE: ./) },
    });
  });

  it('is orderly for all of them', async () => {
    const all = [web, orders, reviews, reviewsV1, payments, catalog, database];
    for (const each of all) each.terminate();
    expect(await Promise.all(all.map(({ exited }) => exited))).toEqual(all.map(() => 0));
  });
});
