import type { Product } from './catalog';
import { call, database, upstream } from './client';
import { Refusal, type Request, serve } from './server';

interface Order {
  readonly id: string;
  readonly product: string;
  readonly quantity: number;
  readonly amount: number;
  readonly currency: string;
  readonly status: 'unpaid' | 'paid';
  readonly payment?: string;
}

const payments = upstream('payments');

serve('orders', 8080, {
  'POST /orders': async ({ body, passOn }) => {
    const { product, quantity } = await wanted(body);
    const [number] = await database('INCR orders/last');
    const { id: productId, price, currency } = product;
    const id = String(number);
    const unpaid: Order = { id, product: productId, quantity, amount: price * quantity, currency, status: 'unpaid' };
    await keep(unpaid);
    try {
      const payment = { order: id, amount: unpaid.amount, currency };
      const { id: paymentId } = await call<{ id: string }>(payments, 'POST /payments', passOn, payment);
      const paid: Order = { ...unpaid, status: 'paid', payment: paymentId };
      await keep(paid);
      return { status: 201, json: paid };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      throw new Refusal(error.status, error.message, { ...error.details, order: unpaid });
    }
  },
  'GET /orders/:id': async ({ params }) => {
    const [order] = await database(`GET order/${params.id}`);
    if (order === undefined) throw new Refusal(404, `there is no order "${params.id}"`);
    return { json: JSON.parse(order) };
  },
});

/** What is ordered, or everything that is wrong with it. */
async function wanted({ product: id, quantity }: Request['body']): Promise<{ product: Product; quantity: number }> {
  const products = (await database('LIST product/')).map(
    (line): Product => JSON.parse(line.slice(line.indexOf(' ') + 1)),
  );
  const product = products.find((one) => one.id === id);
  const amount = typeof quantity === 'number' && Number.isInteger(quantity) && quantity >= 1 && quantity <= 99;
  if (product && amount) return { product, quantity };
  const problems = [
    ...(product ? [] : [`"product" must be one of ${products.map((one) => one.id).join(', ')}`]),
    ...(amount ? [] : ['"quantity" must be a whole number from 1 to 99']),
  ];
  throw new Refusal(400, problems.join('; '), { problems });
}

async function keep(order: Order): Promise<void> {
  await database(`SET order/${order.id} ${JSON.stringify(order)}`);
}
