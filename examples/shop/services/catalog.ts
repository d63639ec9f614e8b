import { Database } from './database-client';
import products from './products.json';
import { HttpError, serve } from './server';

export interface Product {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  /** In cents. */
  readonly price: number;
  /** Outline on a field of 24 by 24, as an SVG path. */
  readonly icon: string;
}

const database = new Database();

/** The database keeps everything in memory: whoever finds it empty fills it, and two who do so at once write the same. */
async function allProducts(): Promise<readonly Product[]> {
  const stored = await database.list<Product>('product:');
  if (stored.length > 0) return stored;
  await Promise.all(products.map((product) => database.set(`product:${product.id}`, product)));
  return products;
}

serve('catalog', {
  port: 8080,
  routes: {
    'GET /products': async () => ({ json: await allProducts() }),
    'GET /products/:id': async ({ params }) => {
      const product = (await allProducts()).find(({ id }) => id === params.id);
      if (!product) throw new HttpError(404, `there is no product "${params.id}"`);
      return { json: product };
    },
  },
});
