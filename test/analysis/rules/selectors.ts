import { service, version, workload } from '../../support/model-builder';
import type { Cases } from '../cases';
import { shop, web } from '../shop';

export const cases: Cases = {
  valid: { model: shop() },
  invalid: [
    {
      name: 'no label',
      model: shop({
        services: [service('web', { ports: web.ports, selector: {} })],
        workloads: [workload('nightly', { selector: {} })],
      }),
      findings: [
        {
          at: 'Service shop/web',
          message: 'web selects every pod of its namespace, because its selector has no label',
          fix: "give its pods and its selector a label, such as { app: 'web' }",
        },
        {
          at: 'Workload shop/nightly',
          message: 'nightly selects every pod of its namespace, because its selector has no label',
          fix: "give its pods and its selector a label, such as { app: 'nightly' }",
        },
      ],
    },
    {
      name: 'two versions alike',
      model: shop({
        services: [
          service('reviews', {
            versions: [
              version('v1', { selector: { app: 'reviews', tier: 'a' } }),
              version('v2', { selector: { tier: 'a', app: 'reviews' } }),
            ],
          }),
        ],
      }),
      findings: [
        {
          at: 'Service shop/reviews',
          message: 'versions v1 and v2 of reviews select the same pods: app=reviews,tier=a',
          fix: "give one of them another `selector`, such as { version: 'v2' }",
        },
      ],
    },
  ],
};
