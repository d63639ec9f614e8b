import { edge, port, service } from '../../support/model-builder';
import type { Cases } from '../cases';
import { ratings, reviews, reviewsToRatings, shop, shopWith, web } from '../shop';

const twoPorts = service('two', { ports: [port('http', 8080), port('tcp', 8081, { port: 81 })] });

export const cases: Cases = {
  valid: { model: shop({ edges: [{ ...reviewsToRatings, at: 18080 }, edge(reviews, web), edge(web, ratings)] }) },
  invalid: [
    {
      name: 'one `at` twice',
      model: shop({ edges: [{ ...reviewsToRatings, at: 18080 }, edge(reviews, web, { at: 18080 })] }),
      findings: [
        {
          at: 'Edge shop/reviews-to-web-80',
          message:
            '`at` of the call of web on port 80 is 18080, where the sidecar of reviews already listens for ratings',
          fix: 'give each call a port of its own with `at`',
        },
      ],
    },
    {
      name: 'an `at` that is another port of the callee',
      model: shopWith({
        services: [twoPorts],
        edges: [edge(web, twoPorts, { port: 80 }), edge(web, twoPorts, { port: 81, at: 80 })],
      }),
      findings: [
        {
          at: 'Edge shop/web-to-two-81',
          message: '`at` of the call of two on port 81 is 80, where the sidecar of web already listens for two',
          fix: 'give each call a port of its own with `at`',
        },
      ],
    },
  ],
};
