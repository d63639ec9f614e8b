import { Database } from './database-client';
import { allProducts } from './products';
import { HttpError, serve } from './server';

const database = new Database();

serve('catalog', {
  port: 8080,
  routes: {
    'GET /products': async () => ({ json: await allProducts(database) }),
    'GET /products/:id': async ({ params: { id } }) => {
      const product = (await allProducts(database)).find((each) => each.id === id);
      if (!product) throw new HttpError(404, `there is no product "${id}"`);
      return { json: product };
    },
  },
});
