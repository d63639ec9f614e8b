import { randomUUID } from 'node:crypto';
import { HttpError, serve } from './server';

/** Stands in for the provider outside when the shop runs without one: what it takes, keeps and declines is like there. */
const limit = 100_000;
const charges = new Map<string, { readonly id: string; readonly amount: number }>();

serve('payment-provider', {
  port: 8080,
  routes: {
    'POST /v1/charges': async ({ json }) => {
      const { amount, reference } = Object(await json()) as { amount?: unknown; reference?: unknown };
      if (typeof amount !== 'number' || typeof reference !== 'string') {
        throw new HttpError(400, 'a charge needs an amount in cents and a reference', {
          example: { amount: 6900, reference: 'order 1' },
        });
      }
      // Who asks twice for the same thing pays once.
      const charge = charges.get(reference) ?? { id: `ch_${randomUUID()}`, amount };
      if (amount > limit) throw new HttpError(402, `the card was declined: its limit is ${limit} cents`);
      charges.set(reference, charge);
      return { status: 201, json: charge };
    },
  },
});
