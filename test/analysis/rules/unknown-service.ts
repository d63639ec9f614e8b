import {
  accessPolicy,
  backend,
  canary,
  edge,
  externalService,
  httpRoute,
  httpRule,
  service,
  sharedProxy,
  telemetry,
  trafficPolicy,
} from '../../support/model-builder';
import type { Cases } from '../cases';
import { reviews, shopWith, web } from '../shop';

const gone = service('gone');

export const cases: Cases = {
  valid: {
    model: shopWith({
      routes: [httpRoute(reviews, [httpRule({ action: { kind: 'forward', backends: [backend(web)] } })])],
    }),
  },
  invalid: [
    {
      name: 'a call',
      model: shopWith({ edges: [edge(web, gone), edge(web, externalService('mail'))] }),
      findings: [
        {
          at: 'Edge shop/web-to-gone-80',
          message: 'the call names shop/gone, but no service of that name is declared',
          fix: "declare it: new Service(chart, 'gone', …), or name one of namespace shop: database, ratings, reviews, web",
        },
        {
          at: 'Edge shop/web-to-mail-443',
          message: 'the call names shop/mail, but no external service of that name is declared',
          fix: "declare it: new ExternalService(chart, 'mail', …)",
        },
      ],
    },
    {
      name: 'a backend, a mirror and a rate limit',
      model: shopWith({
        routes: [
          httpRoute(reviews, [
            httpRule({
              action: { kind: 'forward', backends: [backend(gone)] },
              mirrors: [{ service: gone, port: 80, percent: 5 }],
              rateLimit: {
                global: {
                  service: gone,
                  port: 80,
                  domain: 'shop',
                  descriptors: [{ kind: 'sourceIdentity' }],
                  onFailure: 'allow',
                },
              },
            }),
          ]),
        ],
      }),
      findings: [
        {
          at: 'Route shop/reviews',
          message: 'a backend names shop/gone, but no service of that name is declared',
          fix: "declare it: new Service(chart, 'gone', …), or name one of namespace shop: database, ratings, reviews, web",
        },
        {
          at: 'Route shop/reviews',
          message: 'a mirror names shop/gone, but no service of that name is declared',
          fix: "declare it: new Service(chart, 'gone', …), or name one of namespace shop: database, ratings, reviews, web",
        },
        {
          at: 'Route shop/reviews',
          message: 'the rate limit names shop/gone, but no service or external service of that name is declared',
          fix: "declare it: new Service(chart, 'gone', …), or name one of namespace shop: database, ratings, reviews, web",
        },
      ],
    },
    {
      name: 'policies, a canary, a shared proxy and telemetry',
      model: shopWith({
        trafficPolicies: [trafficPolicy(gone)],
        accessPolicies: [accessPolicy(gone)],
        canaries: [canary(gone)],
        sharedProxies: [sharedProxy('front', [gone])],
        telemetries: [telemetry(gone)],
      }),
      findings: [
        {
          at: 'AccessPolicy shop/gone-access',
          message: 'the policy names shop/gone, but no service or workload of that name is declared',
          fix: "declare it: new Service(chart, 'gone', …), or name one of namespace shop: database, nightly, ratings, reviews, web",
        },
        {
          at: 'Canary shop/gone',
          message: 'the candidate names shop/gone, but no service of that name is declared',
          fix: "declare it: new Service(chart, 'gone', …), or name one of namespace shop: database, ratings, reviews, web",
        },
        {
          at: 'Canary shop/gone',
          message: 'the stable version names shop/gone, but no service of that name is declared',
          fix: "declare it: new Service(chart, 'gone', …), or name one of namespace shop: database, ratings, reviews, web",
        },
        {
          at: 'SharedProxy shop/front',
          message: 'the shared proxy names shop/gone, but no service of that name is declared',
          fix: "declare it: new Service(chart, 'gone', …), or name one of namespace shop: database, ratings, reviews, web",
        },
        {
          at: 'Telemetry shop/gone',
          message: 'the telemetry names shop/gone, but no service of that name is declared',
          fix: "declare it: new Service(chart, 'gone', …), or name one of namespace shop: database, ratings, reviews, web",
        },
        {
          at: 'TrafficPolicy shop/gone',
          message: 'the policy names shop/gone, but no service of that name is declared',
          fix: "declare it: new Service(chart, 'gone', …), or name one of namespace shop: database, ratings, reviews, web",
        },
      ],
    },
    {
      name: 'in a namespace that has none',
      model: shopWith({ edges: [edge(web, service('gone', { namespace: 'nowhere' }))] }),
      findings: [
        {
          at: 'Edge shop/web-to-gone-nowhere-80-94e22c80',
          message: 'the call names nowhere/gone, but no service of that name is declared',
          fix: "declare it: new Service(chart, 'gone', …)",
        },
      ],
    },
  ],
};
