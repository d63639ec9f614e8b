import { backend, canary, httpRoute, httpRule, ref, servicePods } from '../../support/model-builder';
import type { Cases } from '../cases';
import { reviews, shop, shopWith, web } from '../shop';

export const cases: Cases = {
  valid: {
    model: shopWith({
      routes: [
        httpRoute(reviews, [
          httpRule({ action: { kind: 'forward', backends: [backend(reviews, { version: 'v2' })] } }),
        ]),
      ],
    }),
  },
  invalid: [
    {
      name: 'a backend',
      model: shopWith({
        routes: [
          httpRoute(reviews, [
            httpRule({ action: { kind: 'forward', backends: [backend(reviews, { version: 'v3' })] } }),
          ]),
        ],
      }),
      findings: [
        {
          at: 'Route shop/reviews',
          message: 'a backend names version v3 of shop/reviews, whose versions are: v1, v2',
          fix: "name one of its versions, or add it: addVersion('v3', …)",
        },
      ],
    },
    {
      name: 'a canary',
      model: shopWith({ canaries: [canary(web)] }),
      findings: [
        {
          at: 'Canary shop/web',
          message: 'the candidate names version v2 of shop/web, which has no versions',
          fix: "name one of its versions, or add it: addVersion('v2', …)",
        },
        {
          at: 'Canary shop/web',
          message: 'the stable version names version v1 of shop/web, which has no versions',
          fix: "name one of its versions, or add it: addVersion('v1', …)",
        },
      ],
    },
    {
      name: 'pods',
      model: shop(),
      pods: [servicePods(reviews, { member: { kind: 'service', ...ref(reviews), version: 'v9' } })],
      findings: [
        {
          at: 'Service shop/reviews',
          message: 'Deployment shop/reviews names version v9 of shop/reviews, whose versions are: v1, v2',
          fix: "name one of its versions, or add it: addVersion('v9', …)",
        },
      ],
    },
  ],
};
