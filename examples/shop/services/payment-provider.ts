import { randomUUID } from 'node:crypto';
import { Refusal, serve } from './server';

/** Stands in, on a developer's machine, for the provider that the cluster reaches at https://api.pay.example. */
serve('payment-provider', 8090, {
  'POST /charges': ({ body }) => {
    const { amount, currency, reference } = body;
    if (typeof amount !== 'number') throw new Refusal(400, '"amount" is missing: hundredths of the currency');
    if (amount > limit) throw new Refusal(402, `declined: ${amount} is more than the limit of ${limit}`);
    return { status: 201, json: { id: `charge-${randomUUID()}`, amount, currency, reference } };
  },
});

/** In hundredths of the currency. */
const limit = 100_000;
