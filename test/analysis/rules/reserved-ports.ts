import {
  accessPolicy,
  externalService,
  gateway,
  listener,
  port,
  service,
  servicePods,
} from '../../support/model-builder';
import type { Cases } from '../cases';
import { reviews, reviewsToRatings, shop, web, webToReviews } from '../shop';

export const cases: Cases = {
  valid: {
    model: shop({
      edges: [
        { ...webToReviews, at: 14999 },
        { ...reviewsToRatings, at: 15200 },
      ],
    }),
  },
  invalid: [
    {
      name: 'a port of the application and one that callers dial',
      model: shop({
        services: [
          service('web', { ports: [port('http', 15001)] }),
          service('reviews', { ports: [port('http', 8080), port('tcp', 15090)], versions: reviews.versions }),
        ],
      }),
      findings: [
        {
          at: 'Service shop/reviews',
          message: "port 15090 is one of the ports from 15000 to 15199, on which the mesh's own proxies listen",
          fix: 'choose a port outside of them',
        },
        {
          at: 'Service shop/web',
          message: "targetPort 15001 is one of the ports from 15000 to 15199, on which the mesh's own proxies listen",
          fix: 'choose a port outside of them',
        },
      ],
    },
    {
      name: 'a container, a caller and a gateway',
      model: shop({
        edges: [{ ...webToReviews, at: 15000 }],
        gateways: [gateway('public', { listeners: [listener({ port: 15199 })] })],
      }),
      pods: [servicePods(web, { ports: [3000, 15100] })],
      findings: [
        {
          at: 'Edge shop/web-to-reviews-80',
          message: "`at` 15000 is one of the ports from 15000 to 15199, on which the mesh's own proxies listen",
          fix: 'choose a port outside of them',
        },
        {
          at: 'Gateway shop/public',
          message:
            "listener port 15199 is one of the ports from 15000 to 15199, on which the mesh's own proxies listen",
          fix: 'choose a port outside of them',
        },
        {
          at: 'Service shop/web',
          message:
            "container port 15100 of Deployment shop/web is one of the ports from 15000 to 15199, on which the mesh's own proxies listen",
          fix: 'choose a port outside of them',
        },
      ],
    },
    {
      name: 'an external service and a port outside the mesh',
      model: shop({
        externalServices: [externalService('legacy', { port: 15050 })],
        accessPolicies: [accessPolicy(web, { outsidePorts: [{ port: 15020, protocol: 'tcp', from: [] }] })],
      }),
      findings: [
        {
          at: 'AccessPolicy shop/web-access',
          message: "outside port 15020 is one of the ports from 15000 to 15199, on which the mesh's own proxies listen",
          fix: 'choose a port outside of them',
        },
        {
          at: 'ExternalService shop/legacy',
          message: "port 15050 is one of the ports from 15000 to 15199, on which the mesh's own proxies listen",
          fix: 'choose a port outside of them',
        },
      ],
    },
  ],
};
