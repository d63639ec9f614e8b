import { accessPolicy, edge, httpRoute, httpRule, service, sharedProxy, workload } from '../../support/model-builder';
import type { Cases } from '../cases';
import { reviews, shopWith, web } from '../shop';

export const cases: Cases = {
  valid: {
    model: shopWith({
      routes: [httpRoute(reviews, [httpRule()]), httpRoute(web, [httpRule()])],
      accessPolicies: [accessPolicy(web)],
    }),
  },
  invalid: [
    {
      name: 'two services of one name',
      model: shopWith({ services: [service('web', { serviceAccount: 'web-2' })] }),
      findings: [
        {
          at: 'Service shop/web',
          message: 'service web makes Service shop/web, which service web makes as well',
          fix: 'give one of them another name',
        },
      ],
    },
    {
      name: 'a service and a workload of one name',
      model: shopWith({ workloads: [workload('web', { serviceAccount: 'web-job' })] }),
      findings: [
        {
          at: 'Workload shop/web',
          message: 'workload web makes pods of shop/web, which service web makes as well',
          fix: 'give one of them another name',
        },
      ],
    },
    {
      name: 'a service of the name of a version',
      model: shopWith({ services: [service('reviews-v2')], edges: [edge(web, service('reviews-v2'))] }),
      findings: [
        {
          at: 'Service shop/reviews',
          message:
            'version v2 of service reviews makes Service shop/reviews-v2, which service reviews-v2 makes as well',
          fix: 'give one of them another name',
        },
      ],
    },
    {
      name: 'a service of the name of a gateway and of the instances behind a shared proxy',
      model: shopWith({
        services: [service('public-gateway', { serviceAccount: 'pg' }), service('web-instances')],
        edges: [edge(reviews, service('public-gateway')), edge(reviews, service('web-instances'))],
        sharedProxies: [sharedProxy('front', [web])],
      }),
      findings: [
        {
          at: 'Gateway shop/public',
          message: 'gateway public makes Service shop/public-gateway, which service public-gateway makes as well',
          fix: 'give one of them another name',
        },
        {
          at: 'SharedProxy shop/front',
          message: 'shared proxy front makes Service shop/web-instances, which service web-instances makes as well',
          fix: 'give one of them another name',
        },
      ],
    },
    {
      name: 'a policy of the name of what synthesis writes',
      model: shopWith({ accessPolicies: [accessPolicy(reviews, { name: 'reviews-callers' })] }),
      findings: [
        {
          at: 'AccessPolicy shop/reviews-callers',
          message:
            'access policy reviews-callers makes AccessPolicy shop/reviews-callers, which the list of callers of reviews makes as well',
          fix: 'give one of them another name',
        },
      ],
    },
    {
      name: 'two routes of one name',
      model: shopWith({
        routes: [httpRoute(reviews, [httpRule()]), httpRoute(web, [httpRule()], { name: 'reviews' })],
      }),
      findings: [
        {
          at: 'Route shop/reviews',
          message: 'route reviews makes HTTPRoute shop/reviews, which route reviews makes as well',
          fix: 'give one of them another name',
        },
      ],
    },
  ],
};
