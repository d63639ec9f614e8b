import { trafficPolicy } from '../../support/model-builder';
import type { Cases } from '../cases';
import { reviews, shop, web } from '../shop';

export const cases: Cases = {
  valid: {
    model: shop({
      trafficPolicies: [
        trafficPolicy(reviews, { locality: { prefer: 'zone' } }),
        trafficPolicy(web, { locality: { prefer: 'none' }, outlierDetection: { enabled: false } }),
      ],
    }),
  },
  invalid: [
    {
      name: 'outlier detection is off',
      model: shop({
        trafficPolicies: [
          trafficPolicy(reviews, { locality: { prefer: 'zone' }, outlierDetection: { enabled: false } }),
        ],
      }),
      findings: [
        {
          at: 'TrafficPolicy shop/reviews',
          message:
            'locality keeps requests for reviews near, but outlierDetection is off and there is no healthCheck, so they would never fail over',
          fix: 'leave `outlierDetection` on, or give a `healthCheck`',
        },
      ],
    },
  ],
};
