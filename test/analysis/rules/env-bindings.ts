import { edge } from '../../support/model-builder';
import type { Cases } from '../cases';
import { ratings, reviews, shop, web } from '../shop';

export const cases: Cases = {
  valid: {
    model: shop({
      edges: [
        edge(web, reviews, {
          env: [
            { name: 'REVIEWS', value: 'address' },
            { name: '_REVIEWS_PORT', value: 'port' },
          ],
        }),
        edge(reviews, ratings, { env: [{ name: 'REVIEWS', value: 'url' }] }),
      ],
    }),
  },
  invalid: [
    {
      name: 'illegal names',
      model: shop({
        edges: [
          edge(web, reviews, {
            env: [
              { name: '1ST', value: 'address' },
              { name: 'reviews-url', value: 'url' },
            ],
          }),
        ],
      }),
      findings: [
        {
          at: 'Edge shop/web-to-reviews-80',
          message:
            "`env` names \"1ST\": a variable's name consists of letters, digits and '_', and does not start with a digit",
          fix: 'choose another name in `env`',
        },
        {
          at: 'Edge shop/web-to-reviews-80',
          message:
            "`env` names \"reviews-url\": a variable's name consists of letters, digits and '_', and does not start with a digit",
          fix: 'choose another name in `env`',
        },
      ],
    },
    {
      name: 'one variable twice',
      model: shop({
        edges: [
          edge(web, reviews, { env: [{ name: 'BACKEND', value: 'address' }] }),
          edge(web, ratings, { env: [{ name: 'BACKEND', value: 'address' }] }),
        ],
      }),
      findings: [
        {
          at: 'Edge shop/web-to-reviews-80',
          message:
            '`env` of the call of reviews on port 80 sets BACKEND of web, which the call of ratings on port 80 sets as well',
          fix: 'name another variable in one of the two `env`',
        },
      ],
    },
  ],
};
