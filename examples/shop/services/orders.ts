import { randomUUID } from 'node:crypto';
import { call, upstream } from './client';
import { Database } from './database-client';
import type { Payment } from './payments';
import { allProducts, type Product } from './products';
import { HttpError, serve } from './server';

export interface Order {
  readonly id: string;
  /** Counts orders. */
  readonly number: number;
  readonly product: string;
  readonly quantity: number;
  /** In cents. */
  readonly total: number;
  readonly state: 'waiting' | 'paid' | 'unpaid';
  readonly charge?: string;
}

const maxQuantity = 10;
const database = new Database();
const payments = upstream('payments');

serve('orders', {
  port: 8080,
  routes: {
    'GET /orders': async () => ({ json: await database.list<Order>('order:') }),
    'GET /orders/:id': async ({ params }) => {
      const order = await database.get<Order>(`order:${params.id}`);
      if (!order) throw new HttpError(404, `there is no order "${params.id}"`);
      return { json: order };
    },
    'POST /orders': async ({ json, context }) => {
      const { product, quantity } = await checked(await json());
      const order: Order = {
        id: randomUUID(),
        number: await database.increment('orders'),
        product: product.id,
        quantity,
        total: product.price * quantity,
        state: 'waiting',
      };
      await database.set(`order:${order.id}`, order);
      try {
        const request = { method: 'POST', json: { order: order.id, amount: order.total }, headers: context } as const;
        const { body } = await call<Payment>(payments, '/payments', request);
        const paid: Order = { ...order, state: 'paid', charge: body.charge };
        await database.set(`order:${order.id}`, paid);
        return { status: 201, headers: { location: `/orders/${order.id}` }, json: paid };
      } catch (error) {
        await database.set(`order:${order.id}`, { ...order, state: 'unpaid' } satisfies Order);
        throw error instanceof HttpError ? new HttpError(error.status, error.message, { order: order.id }) : error;
      }
    },
  },
});

/** Says everything that is wrong at once. */
async function checked(body: unknown): Promise<{ readonly product: Product; readonly quantity: number }> {
  const { product: id, quantity } = Object(body) as { product?: unknown; quantity?: unknown };
  const products = await allProducts(database);
  const product = products.find((each) => each.id === id);
  const isQuantity = Number.isInteger(quantity) && Number(quantity) >= 1 && Number(quantity) <= maxQuantity;
  if (product && isQuantity) return { product, quantity: Number(quantity) };
  throw new HttpError(400, 'the order is not valid', {
    problems: [
      ...(product ? [] : [`product: ${got(id)}; allowed are ${products.map((each) => each.id).join(', ')}`]),
      ...(isQuantity ? [] : [`quantity: ${got(quantity)}; allowed are whole numbers from 1 to ${maxQuantity}`]),
    ],
    example: { product: 'desk-lamp', quantity: 1 },
  });
}

function got(value: unknown): string {
  return value === undefined ? 'missing' : `got ${JSON.stringify(value)}`;
}
