import { edge, httpRoute, httpRule, identity, service } from '../../support/model-builder';
import type { Cases } from '../cases';
import { reviews, shopWith, web } from '../shop';

const stranger = service('stranger');

export const cases: Cases = {
  valid: { model: shopWith({ routes: [httpRoute(reviews, [httpRule({ from: [identity(web)] })])] }) },
  invalid: [
    {
      name: 'of a call',
      model: shopWith({ edges: [edge(stranger, web)] }),
      findings: [
        {
          at: 'Edge shop/stranger-to-web-80',
          message: 'the call is of service account shop/stranger, but no service or workload runs as it',
          fix: "declare what runs as it: a Service or Workload with serviceAccount: 'stranger'",
        },
      ],
    },
    {
      name: 'of a route',
      model: shopWith({ routes: [httpRoute(reviews, [httpRule({ from: [identity(stranger)] })])] }),
      findings: [
        {
          at: 'Route shop/reviews',
          message: '`from` is of service account shop/stranger, but no service or workload runs as it',
          fix: "declare what runs as it: a Service or Workload with serviceAccount: 'stranger'",
        },
      ],
    },
  ],
};
