import { trafficPolicy } from '../../support/model-builder';
import type { Cases } from '../cases';
import { database, ratings, reviews, shop } from '../shop';

export const cases: Cases = {
  valid: {
    model: shop({
      trafficPolicies: [
        trafficPolicy(database, {
          loadBalancing: { kind: 'ringHash', by: [{ kind: 'header', name: 'x' }, { kind: 'sourceAddress' }] },
          limits: { maxConnections: 10 },
        }),
      ],
    }),
  },
  invalid: [
    {
      name: 'requests of TCP',
      model: shop({
        trafficPolicies: [
          trafficPolicy(database, {
            loadBalancing: { kind: 'maglev', by: [{ kind: 'header', name: 'x' }] },
            limits: { maxPendingRequests: 1, maxRequests: 1, maxRequestsPerConnection: 1 },
            connection: { http2KeepAlive: { interval: 1_000, timeout: 1_000 } },
          }),
        ],
      }),
      findings: [
        {
          at: 'TrafficPolicy shop/database',
          message:
            '`connection.http2KeepAlive` needs requests that can be told apart (http, http2, grpc), but database speaks tcp',
          fix: 'leave `connection.http2KeepAlive` out, or declare the port with the protocol that is spoken on it',
        },
        {
          at: 'TrafficPolicy shop/database',
          message:
            '`limits.maxPendingRequests` needs requests that can be told apart (http, http2, grpc), but database speaks tcp',
          fix: 'leave `limits.maxPendingRequests` out, or declare the port with the protocol that is spoken on it',
        },
        {
          at: 'TrafficPolicy shop/database',
          message:
            '`limits.maxRequestsPerConnection` needs requests that can be told apart (http, http2, grpc), but database speaks tcp',
          fix: 'leave `limits.maxRequestsPerConnection` out, or declare the port with the protocol that is spoken on it',
        },
        {
          at: 'TrafficPolicy shop/database',
          message:
            '`limits.maxRequests` needs requests that can be told apart (http, http2, grpc), but database speaks tcp',
          fix: 'leave `limits.maxRequests` out, or declare the port with the protocol that is spoken on it',
        },
        {
          at: 'TrafficPolicy shop/database',
          message:
            '`loadBalancing.by` needs requests that can be told apart (http, http2, grpc), but database speaks tcp',
          fix: 'leave `loadBalancing.by` out, or declare the port with the protocol that is spoken on it',
        },
      ],
    },
    {
      name: 'health of another protocol',
      model: shop({
        trafficPolicies: [
          trafficPolicy(ratings, {
            port: 80,
            healthCheck: {
              kind: 'http',
              path: '/',
              interval: 1_000,
              timeout: 500,
              unhealthyThreshold: 1,
              healthyThreshold: 1,
            },
          }),
          trafficPolicy(reviews, {
            healthCheck: { kind: 'grpc', interval: 1_000, timeout: 500, unhealthyThreshold: 1, healthyThreshold: 1 },
          }),
        ],
      }),
      findings: [
        {
          at: 'TrafficPolicy shop/ratings',
          message: '`healthCheck` needs http or http2, but port 80 of ratings speaks grpc',
          fix: 'leave `healthCheck` out, or declare the port with the protocol that is spoken on it',
        },
        {
          at: 'TrafficPolicy shop/reviews',
          message: '`healthCheck` needs grpc, but reviews speaks http',
          fix: 'leave `healthCheck` out, or declare the port with the protocol that is spoken on it',
        },
      ],
    },
  ],
};
