import { telemetry } from '../../support/model-builder';
import type { Cases } from '../cases';
import { reviews, shop, web } from '../shop';

export const cases: Cases = {
  valid: { model: shop({ telemetries: [telemetry(web), telemetry(reviews)] }) },
  invalid: [
    {
      name: 'twice',
      model: shop({ telemetries: [telemetry(web), telemetry(web, { name: 'again' })] }),
      findings: [
        {
          at: 'Telemetry shop/web',
          message: 'telemetry web is about web, and so is telemetry again',
          fix: 'join the two',
        },
      ],
    },
  ],
};
