import { names } from '../../../lib/model';
import { ref, service, servicePods } from '../../support/model-builder';
import type { Cases } from '../cases';
import { reviews, shop, web } from '../shop';

export const cases: Cases = {
  valid: {
    model: shop({ services: [service('web', { ports: web.ports, selector: { [names.keys.service]: 'web' } })] }),
    pods: [servicePods(web, { labels: { app: 'anything' } })],
  },
  invalid: [
    {
      name: 'of a service',
      model: shop(),
      pods: [servicePods(web, { labels: { app: 'frontend' } })],
      findings: [
        {
          at: 'Service shop/web',
          message: 'pods of Deployment shop/web are not among those of web: they lack app: web',
          fix: 'add the labels to its pod template, or correct the `selector`',
        },
      ],
    },
    {
      name: 'of a version',
      model: shop(),
      pods: [
        servicePods(reviews, {
          member: { kind: 'service', ...ref(reviews), version: 'v2' },
          labels: { app: 'reviews', version: 'v1' },
        }),
      ],
      findings: [
        {
          at: 'Service shop/reviews',
          message:
            'pods of Deployment shop/reviews are not among those of version v2 of reviews: they lack version: v2',
          fix: 'add the labels to its pod template, or correct the `selector`',
        },
      ],
    },
  ],
};
