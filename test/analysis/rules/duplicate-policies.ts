import { trafficPolicy } from '../../support/model-builder';
import type { Cases } from '../cases';
import { reviews, shop } from '../shop';

export const cases: Cases = {
  valid: {
    model: shop({ trafficPolicies: [trafficPolicy(reviews), trafficPolicy(reviews, { name: 'of-80', port: 80 })] }),
  },
  invalid: [
    {
      name: 'of a service',
      model: shop({ trafficPolicies: [trafficPolicy(reviews), trafficPolicy(reviews, { name: 'again' })] }),
      findings: [
        {
          at: 'TrafficPolicy shop/reviews',
          message: 'policy reviews is about all ports of reviews, and so is policy again',
          fix: 'join the two, or let one name another `port`',
        },
      ],
    },
    {
      name: 'of a port',
      model: shop({
        trafficPolicies: [trafficPolicy(reviews, { port: 80 }), trafficPolicy(reviews, { name: 'again', port: 80 })],
      }),
      findings: [
        {
          at: 'TrafficPolicy shop/reviews',
          message: 'policy reviews is about port 80 of reviews, and so is policy again',
          fix: 'join the two, or let one name another `port`',
        },
      ],
    },
  ],
};
