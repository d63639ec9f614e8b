import type { PodFacts } from '../../../lib/model';
import {
  accessPolicy,
  edge,
  externalService,
  gatewayRoute,
  model,
  port,
  service,
  servicePods,
  workloadPods,
} from '../../support/model-builder';
import type { Cases } from '../cases';
import { nightly, publicGateway, shopWith, web } from '../shop';

// Online Boutique: the frontend and the service it calls listen on the same port.
const frontend = service('frontend', { ports: [port('http', 8080)] });
const recommendations = service('recommendationservice', { ports: [port('grpc', 8080, { port: 8080 })] });
const calls = edge(frontend, recommendations);
const both = { services: [frontend, recommendations], edges: [edge(web, frontend), calls] };
const cache = externalService('cache', { port: 8080, protocol: 'tcp', tls: { kind: 'none' } });
const low = service('low', {
  ports: [port('http', 5000, { port: 5000 }), port('http', 5199, { port: 5199, name: 'more' })],
});
const pods = (env: PodFacts['env']) => [servicePods(frontend, { env })];
const page = (name: string) => service(name, { ports: [port('http', 9080, { port: 9080 })] });
const bookinfo = model({
  services: [page('productpage'), page('book-reviews'), page('details')],
  edges: [edge(page('productpage'), page('book-reviews')), edge(page('productpage'), page('details'))],
  gateways: [publicGateway],
  routes: [gatewayRoute(publicGateway, page('productpage'))],
});

export const cases: Cases = {
  valid: {
    model: shopWith({
      ...both,
      edges: [
        edge(web, frontend),
        { ...calls, at: 18080, env: [{ name: 'RECOMMENDATION_SERVICE_ADDR', value: 'address' }] },
      ],
    }),
  },
  invalid: [
    {
      name: 'a variable holds the address',
      model: shopWith(both),
      pods: pods([
        { name: 'PORT', value: '8080' },
        { name: 'RECOMMENDATION_SERVICE_ADDR', value: 'recommendationservice:8080' },
      ]),
      findings: [
        {
          at: 'Edge shop/frontend-to-recommendationservice-8080',
          message:
            'port 8080 is taken in the pods of frontend by the application (port http of service frontend), and its sidecar would listen on it for recommendationservice: an address cannot be bound twice',
          fix: "let it find recommendationservice elsewhere: frontend.calls(recommendationservice, { at: 18080, env: { RECOMMENDATION_SERVICE_ADDR: 'address' } }), or give one of the two another port, or set capture: Capture.transparent() on frontend",
        },
      ],
    },
    {
      name: 'a variable holds a URL',
      model: shopWith(both),
      pods: pods([{ name: 'RECOMMENDATIONS', value: 'http://recommendationservice.shop.svc:8080/' }]),
      findings: [
        {
          at: 'Edge shop/frontend-to-recommendationservice-8080',
          message:
            'port 8080 is taken in the pods of frontend by the application (port http of service frontend), and its sidecar would listen on it for recommendationservice: an address cannot be bound twice',
          fix: "let it find recommendationservice elsewhere: frontend.calls(recommendationservice, { at: 18080, env: { RECOMMENDATIONS: 'url' } }), or give one of the two another port, or set capture: Capture.transparent() on frontend",
        },
      ],
    },
    {
      name: 'a variable holds more than the address',
      model: shopWith(both),
      pods: pods([{ name: 'RECOMMENDATIONS_URL', value: 'http://recommendationservice:8080/v1' }]),
      findings: [
        {
          at: 'Edge shop/frontend-to-recommendationservice-8080',
          message:
            'port 8080 is taken in the pods of frontend by the application (port http of service frontend), and its sidecar would listen on it for recommendationservice: an address cannot be bound twice',
          fix: 'let it find recommendationservice elsewhere: frontend.calls(recommendationservice, { at: 18080 }) and change the port in its variable RECOMMENDATIONS_URL (http://recommendationservice:8080/v1) to 18080, or give one of the two another port, or set capture: Capture.transparent() on frontend',
        },
      ],
    },
    {
      name: 'a variable holds the port',
      model: shopWith(both),
      pods: pods([
        { name: 'RECOMMENDATIONSERVICE_HOST', value: 'recommendationservice' },
        { name: 'RECOMMENDATIONSERVICE_PORT', value: '8080' },
      ]),
      findings: [
        {
          at: 'Edge shop/frontend-to-recommendationservice-8080',
          message:
            'port 8080 is taken in the pods of frontend by the application (port http of service frontend), and its sidecar would listen on it for recommendationservice: an address cannot be bound twice',
          fix: "let it find recommendationservice elsewhere: frontend.calls(recommendationservice, { at: 18080, env: { RECOMMENDATIONSERVICE_PORT: 'port' } }), or give one of the two another port, or set capture: Capture.transparent() on frontend",
        },
      ],
    },
    {
      name: 'variables that mean others',
      model: shopWith(both),
      pods: pods([
        { name: 'A', value: 'my-recommendationservice:8080' },
        { name: 'B', value: 'recommendationservice.other:8080' },
      ]),
      findings: [
        {
          at: 'Edge shop/frontend-to-recommendationservice-8080',
          message:
            'port 8080 is taken in the pods of frontend by the application (port http of service frontend), and its sidecar would listen on it for recommendationservice: an address cannot be bound twice',
          fix: "let it find recommendationservice elsewhere: frontend.calls(recommendationservice, { at: 18080, env: { RECOMMENDATIONSERVICE_SERVICE_PORT: 'port' } }), or give one of the two another port, or set capture: Capture.transparent() on frontend",
        },
      ],
    },
    {
      name: 'no variable is known: every port of bookinfo is 9080',
      model: bookinfo,
      findings: [
        {
          at: 'Edge shop/productpage-to-book-reviews-9080',
          message:
            'port 9080 is taken in the pods of productpage by the application (port http of service productpage), and its sidecar would listen on it for book-reviews: an address cannot be bound twice',
          fix: "let it find book-reviews elsewhere: productpage.calls(book-reviews, { at: 19080, env: { BOOK_REVIEWS_SERVICE_PORT: 'port' } }), or give one of the two another port, or set capture: Capture.transparent() on productpage",
        },
        {
          at: 'Edge shop/productpage-to-details-9080',
          message:
            'port 9080 is taken in the pods of productpage by the application (port http of service productpage), and its sidecar would listen on it for details: an address cannot be bound twice',
          fix: "let it find details elsewhere: productpage.calls(details, { at: 19080, env: { DETAILS_SERVICE_PORT: 'port' } }), or give one of the two another port, or set capture: Capture.transparent() on productpage",
        },
      ],
    },
    {
      name: 'a container whose port no Service names, and an outside port',
      model: shopWith({
        ...both,
        services: [service('frontend', { ports: [port('http', 3000)] }), recommendations],
        accessPolicies: [accessPolicy(frontend, { outsidePorts: [{ port: 18080, protocol: 'tcp', from: [] }] })],
      }),
      pods: [servicePods(frontend, { ports: [3000, 8080] })],
      findings: [
        {
          at: 'Edge shop/frontend-to-recommendationservice-8080',
          message:
            'port 8080 is taken in the pods of frontend by the application (Deployment shop/frontend), and its sidecar would listen on it for recommendationservice: an address cannot be bound twice',
          fix: "let it find recommendationservice elsewhere: frontend.calls(recommendationservice, { at: 28080, env: { RECOMMENDATIONSERVICE_SERVICE_PORT: 'port' } }), or give one of the two another port, or set capture: Capture.transparent() on frontend",
        },
      ],
    },
    {
      name: 'ports whose like are left to the mesh',
      model: shopWith({
        services: [low],
        edges: [edge(web, low), edge(low, low, { port: 5000 }), edge(low, low, { port: 5199 })],
      }),
      findings: [
        {
          at: 'Edge shop/low-to-low-5000',
          message:
            'port 5000 is taken in the pods of low by the application (port http of service low), and its sidecar would listen on it for low: an address cannot be bound twice',
          fix: "let it find low elsewhere: low.calls(low, { at: 25000, env: { LOW_SERVICE_PORT: 'port' } }), or give one of the two another port, or set capture: Capture.transparent() on low",
        },
        {
          at: 'Edge shop/low-to-low-5199',
          message:
            'port 5199 is taken in the pods of low by the application (port more of service low), and its sidecar would listen on it for low: an address cannot be bound twice',
          fix: "let it find low elsewhere: low.calls(low, { at: 25199, env: { LOW_SERVICE_PORT: 'port' } }), or give one of the two another port, or set capture: Capture.transparent() on low",
        },
      ],
    },
    {
      name: 'an external service',
      model: shopWith({
        services: [frontend],
        externalServices: [cache],
        edges: [edge(web, frontend), edge(frontend, cache)],
      }),
      findings: [
        {
          at: 'Edge shop/frontend-to-cache-8080',
          message:
            'port 8080 is taken in the pods of frontend by the application (port http of service frontend), and its sidecar would listen on it for cache: an address cannot be bound twice',
          fix: 'let it find cache elsewhere: frontend.calls(cache, { at: 18080 }) with the variable that it reads the address from in `env`, or give one of the two another port, or set capture: Capture.transparent() on frontend',
        },
      ],
    },
    {
      name: 'an `at` that is taken',
      model: shopWith({
        ...both,
        services: [service('frontend', { ports: [port('http', 3000)] }), recommendations],
        edges: [edge(web, frontend), { ...calls, at: 3000 }],
      }),
      findings: [
        {
          at: 'Edge shop/frontend-to-recommendationservice-8080',
          message:
            'port 3000 is taken in the pods of frontend by the application (port http of service frontend), and its sidecar would listen on `at`, the same number, for recommendationservice: an address cannot be bound twice',
          fix: 'choose another `at`, such as 13000',
        },
      ],
    },
    {
      name: 'a port of a workload',
      model: shopWith({ services: [recommendations], edges: [edge(nightly, recommendations)] }),
      pods: [workloadPods(nightly, { ports: [8080] })],
      findings: [
        {
          at: 'Edge shop/nightly-to-recommendationservice-8080',
          message:
            'port 8080 is taken in the pods of nightly by the application (Job shop/nightly), and its sidecar would listen on it for recommendationservice: an address cannot be bound twice',
          fix: "let it find recommendationservice elsewhere: nightly.calls(recommendationservice, { at: 18080, env: { RECOMMENDATIONSERVICE_SERVICE_PORT: 'port' } }), or give one of the two another port, or set capture: Capture.transparent() on nightly",
        },
      ],
    },
  ],
};
