import type { Backend } from '../../../lib/model';
import { backend, canary, httpRoute, httpRule, prefix } from '../../support/model-builder';
import type { Cases } from '../cases';
import { reviews, shop } from '../shop';

const dividing = (backends: readonly Backend[]) =>
  shop({
    canaries: [canary(reviews)],
    routes: [httpRoute(reviews, [httpRule({ matches: [prefix('/x')], action: { kind: 'forward', backends } })])],
  });

export const cases: Cases = {
  valid: { model: dividing([backend(reviews, { version: 'v2' })]) },
  invalid: [
    {
      name: 'between its versions',
      model: dividing([
        backend(reviews, { version: 'v1', weight: 90 }),
        backend(reviews, { version: 'v2', weight: 10 }),
      ]),
      findings: [
        {
          at: 'Route shop/reviews',
          message: 'the route gives fixed weights (v1 90, v2 10) to versions of reviews that canary reviews moves',
          fix: 'lead the route to reviews as a whole, or leave the canary out (Canary shop/reviews)',
        },
      ],
    },
  ],
};
