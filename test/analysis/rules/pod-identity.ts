import { servicePods, workloadPods } from '../../support/model-builder';
import type { Cases } from '../cases';
import { nightly, reviews, shop, web } from '../shop';

export const cases: Cases = {
  valid: {
    model: shop(),
    pods: [
      servicePods(web, { serviceAccount: 'default' }),
      servicePods(reviews, { serviceAccount: undefined }),
      workloadPods(nightly),
    ],
  },
  invalid: [
    {
      name: 'another account',
      model: shop(),
      pods: [servicePods(web, { serviceAccount: 'frontend' })],
      findings: [
        {
          at: 'Service shop/web',
          message: 'Deployment shop/web runs as service account frontend, but web is known as web',
          fix: "set serviceAccount: 'frontend' on web, or name web in the pod template",
        },
      ],
    },
  ],
};
