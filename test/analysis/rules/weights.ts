import { backend, httpRoute, httpRule, tcpRoute } from '../../support/model-builder';
import type { Cases } from '../cases';
import { database, reviews, shop } from '../shop';

const split = (...weights: readonly number[]) =>
  shop({
    routes: [
      httpRoute(reviews, [
        httpRule({
          action: {
            kind: 'forward',
            backends: weights.map((weight, index) => backend(reviews, { version: `v${index + 1}`, weight })),
          },
        }),
      ]),
    ],
  });

export const cases: Cases = {
  valid: { model: split(80, 20) },
  invalid: [
    {
      name: 'too little',
      model: split(80, 10),
      findings: [
        {
          at: 'Route shop/reviews',
          message: 'weights must sum to 100, got 90 (v1 80, v2 10)',
          fix: 'leave one weight out to give it the rest',
        },
      ],
    },
    {
      name: 'out of range',
      model: split(120, -20),
      findings: [
        {
          at: 'Route shop/reviews',
          message: 'weight must be a number from 0 to 100, got -20',
          fix: 'set `weight` to a number from 0 to 100',
        },
        {
          at: 'Route shop/reviews',
          message: 'weight must be a number from 0 to 100, got 120',
          fix: 'set `weight` to a number from 0 to 100',
        },
      ],
    },
    {
      name: 'of connections',
      model: shop({ routes: [tcpRoute(database, [backend(database, { weight: 99.5 })])] }),
      findings: [
        {
          at: 'Route shop/database',
          message: 'weights must sum to 100, got 99.5 (database 99.5)',
          fix: 'leave one weight out to give it the rest',
        },
      ],
    },
  ],
};
