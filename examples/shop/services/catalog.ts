import { database } from './client';
import { Refusal, serve } from './server';

export interface Product {
  readonly id: string;
  readonly name: string;
  /** In hundredths of the currency. */
  readonly price: number;
  readonly currency: string;
}

serve('catalog', 8080, {
  'GET /products': async () => {
    const lines = await database('LIST product/');
    return { json: lines.map((line) => JSON.parse(line.slice(line.indexOf(' ') + 1))) };
  },
  'GET /products/:id': async ({ params }) => {
    const [product] = await database(`GET product/${params.id}`);
    if (product === undefined) throw new Refusal(404, `there is no product "${params.id}"; GET /products lists them`);
    return { json: JSON.parse(product) };
  },
});
