import { call } from './client';
import { Refusal, serve } from './server';

const url = process.env.PAYMENT_PROVIDER_URL ?? 'https://api.pay.example';
const provider = { name: 'the payment provider', url };

serve('payments', 8080, {
  'POST /payments': async ({ body, passOn }) => {
    const { order, amount, currency } = body;
    const problems = [
      ...(typeof order === 'string' && order !== '' ? [] : ['"order" must be the id of an order']),
      ...(Number.isSafeInteger(amount) && Number(amount) > 0
        ? []
        : ['"amount" must be a whole number of hundredths above 0']),
      ...(typeof currency === 'string' && /^[A-Z]{3}$/.test(currency) ? [] : ['"currency" must be a code such as EUR']),
    ];
    if (problems.length > 0) throw new Refusal(400, problems.join('; '), { problems });
    const charge = await call<{ id: string }>(provider, 'POST /charges', passOn, {
      amount,
      currency,
      reference: order,
    });
    return { status: 201, json: { id: charge.id, order, amount, currency } };
  },
});
