import {
  accessPolicy,
  accessRule,
  backend,
  edge,
  externalService,
  httpRoute,
  httpRule,
  ref,
  trafficPolicy,
} from '../../support/model-builder';
import type { Cases } from '../cases';
import { ratings, reviews, shopWith, web } from '../shop';

export const cases: Cases = {
  valid: {
    model: shopWith({ externalServices: [externalService('mail')], edges: [edge(web, externalService('mail'))] }),
  },
  invalid: [
    {
      name: 'a call',
      model: shopWith({
        externalServices: [externalService('mail')],
        edges: [edge(web, ratings, { port: 8080 }), edge(web, externalService('mail'), { port: 25 })],
      }),
      findings: [
        {
          at: 'Edge shop/web-to-mail-25',
          message: 'the call names port 25 of shop/mail, whose ports are: 443 (tls)',
          fix: 'name one of its ports, or add port 25 to mail',
        },
        {
          at: 'Edge shop/web-to-ratings-8080',
          message: 'the call names port 8080 of shop/ratings, whose ports are: 80 (grpc)',
          fix: 'name one of its ports, or add port 8080 to ratings',
        },
      ],
    },
    {
      name: 'a policy of each kind',
      model: shopWith({
        trafficPolicies: [trafficPolicy(web, { port: 3000 })],
        accessPolicies: [
          accessPolicy(web, {
            rules: [accessRule({ ports: [3000] })],
            externalAuthorization: {
              service: ref(ratings),
              port: 9000,
              protocol: 'grpc',
              timeout: 100,
              onFailure: 'deny',
              requests: [],
              headers: [],
            },
          }),
        ],
      }),
      findings: [
        {
          at: 'AccessPolicy shop/web-access',
          message: 'the external authorization names port 9000 of shop/ratings, whose ports are: 80 (grpc)',
          fix: 'name one of its ports, or add port 9000 to ratings',
        },
        {
          at: 'AccessPolicy shop/web-access',
          message: 'the policy names port 3000 of shop/web, whose ports are: 80 (http)',
          fix: 'name one of its ports, or add port 3000 to web',
        },
        {
          at: 'TrafficPolicy shop/web',
          message: 'the policy names port 3000 of shop/web, whose ports are: 80 (http)',
          fix: 'name one of its ports, or add port 3000 to web',
        },
      ],
    },
    {
      name: 'a route and its backend',
      model: shopWith({
        routes: [
          httpRoute(
            reviews,
            [httpRule({ action: { kind: 'forward', backends: [backend(reviews, { port: 8080 })] } })],
            { parents: [{ kind: 'service', ...ref(reviews), port: 8080 }] },
          ),
        ],
      }),
      findings: [
        {
          at: 'Route shop/reviews',
          message: 'a backend names port 8080 of shop/reviews, whose ports are: 80 (http)',
          fix: 'name one of its ports, or add port 8080 to reviews',
        },
        {
          at: 'Route shop/reviews',
          message: 'the route names port 8080 of shop/reviews, whose ports are: 80 (http)',
          fix: 'name one of its ports, or add port 8080 to reviews',
        },
      ],
    },
  ],
};
