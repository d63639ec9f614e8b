import { callUrl } from './client';
import { HttpError, serve } from './server';

export interface Payment {
  readonly charge: string;
}

const provider = process.env.PAYMENT_PROVIDER_URL ?? 'https://api.pay.example';

serve('payments', {
  port: 8080,
  routes: {
    'POST /payments': async ({ json }) => {
      const { order, amount } = Object(await json()) as { order?: unknown; amount?: unknown };
      if (typeof order !== 'string' || order === '' || !Number.isSafeInteger(amount) || Number(amount) < 1) {
        const problem = `got order ${JSON.stringify(order)} and amount ${JSON.stringify(amount)}`;
        throw new HttpError(400, `a payment needs the id of an order and an amount in cents; ${problem}`, {
          example: { order: '5f3c', amount: 6900 },
        });
      }
      // Nothing of the inside goes to the provider: no request id, no trace.
      const charge = { json: { amount, reference: order }, method: 'POST', timeoutMs: 5000 } as const;
      const { body } = await callUrl<{ id: string }>(`payment provider ${provider}`, `${provider}/v1/charges`, charge);
      return { status: 201, json: { charge: body.id } satisfies Payment };
    },
  },
});
