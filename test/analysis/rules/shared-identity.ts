import { edge, service, workload } from '../../support/model-builder';
import type { Cases } from '../cases';
import { nightly, shopWith, web } from '../shop';

export const cases: Cases = {
  valid: {
    model: shopWith({
      services: [service('web-2', { namespace: 'other', serviceAccount: 'web' })],
      edges: [edge(nightly, service('web-2', { namespace: 'other' }))],
    }),
  },
  invalid: [
    {
      name: 'two services',
      model: shopWith({
        services: [service('admin', { serviceAccount: 'reviews' })],
        edges: [edge(web, service('admin'))],
      }),
      findings: [
        {
          at: 'Service shop/reviews',
          message:
            'service reviews runs as service account shop/reviews, and so does service admin: the mesh could not tell them apart',
          fix: 'give one of them a `serviceAccount` of its own',
        },
      ],
    },
    {
      name: 'a workload and a gateway',
      model: shopWith({ workloads: [workload('probe', { serviceAccount: 'public-gateway' })] }),
      findings: [
        {
          at: 'Workload shop/probe',
          message:
            'workload probe runs as service account shop/public-gateway, and so does gateway public: the mesh could not tell them apart',
          fix: 'give one of them a `serviceAccount` of its own',
        },
      ],
    },
  ],
};
