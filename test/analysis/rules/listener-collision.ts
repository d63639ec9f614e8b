import { edge, externalService, port, service } from '../../support/model-builder';
import type { Cases } from '../cases';
import { reviews, reviewsToRatings, shop, shopWith, web } from '../shop';

const twoPorts = service('two', { ports: [port('http', 8080), port('tcp', 8081, { port: 81 })] });
const cache = externalService('cache');
const queue = externalService('queue', { host: cache.host, port: 5672, protocol: 'tcp', tls: { kind: 'none' } });

export const cases: Cases = {
  valid: { model: shop({ edges: [{ ...reviewsToRatings, at: 18080 }, edge(reviews, web, { at: 18080 })] }) },
  invalid: [
    {
      name: 'one `at` twice',
      model: shopWith({
        services: [twoPorts],
        edges: [edge(web, twoPorts, { port: 80, at: 18080 }), edge(web, twoPorts, { port: 81, at: 18080 })],
      }),
      findings: [
        {
          at: 'Edge shop/web-to-two-81',
          message:
            '`at` of the call of two on port 81 is 18080, where the sidecar of web listens for the call of two on port 80',
          fix: 'give each of the two a port of its own with `at`',
        },
      ],
    },
    {
      name: 'an `at` that is another port of the host',
      model: shop({ externalServices: [cache, queue], edges: [edge(web, cache), edge(web, queue, { at: 443 })] }),
      findings: [
        {
          at: 'Edge shop/web-to-queue-5672',
          message:
            '`at` of the call of queue on port 5672 is 443, where the sidecar of web listens for the call of cache on port 443',
          fix: 'give each of the two a port of its own with `at`',
        },
      ],
    },
    {
      name: 'an `at` that is another port of the callee',
      model: shopWith({
        services: [twoPorts],
        edges: [edge(web, twoPorts, { port: 80 }), edge(web, twoPorts, { port: 81, at: 80 })],
      }),
      findings: [
        {
          at: 'Edge shop/web-to-two-81',
          message:
            '`at` of the call of two on port 81 is 80, where the sidecar of web listens for the call of two on port 80',
          fix: 'give each of the two a port of its own with `at`',
        },
      ],
    },
  ],
};
