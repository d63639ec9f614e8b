import { call, upstream } from './client';
import type { Order } from './orders';
import { errorPage, frontPage, type Opinion, orderPage, productPage } from './page';
import type { Product } from './products';
import type { Reviews } from './reviews';
import { type Answer, type Context, HttpError, serve } from './server';

const catalog = upstream('catalog');
const reviews = upstream('reviews');
const orders = upstream('orders');

serve('web', {
  port: 3000,
  errorPage,
  routes: {
    'GET /': async ({ context }) => {
      const { body: products, servedBy } = await call<readonly Product[]>(catalog, '/products', { headers: context });
      const shelf = products.map(async (product) => ({ product, opinion: await opinionOf(product.id, context) }));
      return page(frontPage(await Promise.all(shelf), servedBy));
    },
    'GET /products/:id': async ({ params: { id = '' }, context }) => {
      const [{ body: product, servedBy }, opinion] = await Promise.all([
        call<Product>(catalog, `/products/${encodeURIComponent(id)}`, { headers: context }),
        opinionOf(id, context),
      ]);
      return page(productPage(product, opinion, servedBy));
    },
    'GET /orders/:id': async ({ params: { id = '' }, context }) => {
      const { body, servedBy } = await call<Order>(orders, `/orders/${encodeURIComponent(id)}`, { headers: context });
      return page(orderPage(body, servedBy));
    },
    'POST /orders': async ({ contentType, text, json, context }) => {
      const isForm = contentType.startsWith('application/x-www-form-urlencoded');
      const order = isForm ? fromForm(await text()) : await json();
      const { body } = await call<Order>(orders, '/orders', { method: 'POST', json: order, headers: context });
      const headers = { location: `/orders/${body.id}` };
      // A browser goes on to a page that it can load again without ordering twice.
      return isForm ? { status: 303, headers, html: '' } : { status: 201, headers, json: body };
    },
  },
});

/** A shop without reviews still sells. */
async function opinionOf(product: string, headers: Context): Promise<Opinion> {
  try {
    const { body, servedBy } = await call<Reviews>(reviews, `/reviews/${encodeURIComponent(product)}`, { headers });
    return { ...body, servedBy };
  } catch (error) {
    if (error instanceof HttpError) return { unavailable: error.message };
    throw error;
  }
}

function fromForm(text: string): object {
  const fields = new URLSearchParams(text);
  return { product: fields.get('product') ?? undefined, quantity: Number(fields.get('quantity')) };
}

function page(html: string): Answer {
  const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; base-uri 'none'";
  return { headers: { 'content-security-policy': policy }, html };
}
