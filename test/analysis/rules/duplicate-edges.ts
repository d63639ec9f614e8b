import type { Cases } from '../cases';
import { shop, shopWith, webToReviews } from '../shop';

export const cases: Cases = {
  valid: { model: shop() },
  invalid: [
    {
      name: 'one call twice',
      model: shopWith({ edges: [{ ...webToReviews, timeout: 1_000 }] }),
      findings: [
        {
          at: 'Edge shop/web-to-reviews-80',
          message: 'web declares its calls of reviews on port 80 more than once',
          fix: 'join them: web.calls(reviews, …) with all requests in one `only`',
        },
      ],
    },
  ],
};
