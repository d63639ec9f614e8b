import type { AccessRule, JwtIssuer, Service } from '../../../lib/model';
import { accessPolicy, accessRule, edge, grpcMatch, port, prefix, service } from '../../support/model-builder';
import type { Cases } from '../cases';
import { database, reviews, shopWith, web } from '../shop';

const mixed = service('mixed', { ports: [port('http'), port('tcp', 9000)] });
const ruled = (of: Service, over: Partial<AccessRule>) =>
  shopWith({
    services: [mixed],
    edges: [edge(web, mixed)],
    accessPolicies: [accessPolicy(of, { rules: [accessRule(over)], jwt: [issuer] })],
  });
const issuer: JwtIssuer = {
  issuer: 'https://id.example',
  audiences: [],
  keys: { kind: 'inline', jwks: '{"keys":[{}]}' },
  forward: [],
};

export const cases: Cases = {
  valid: { model: ruled(mixed, { ports: [80], requests: [{ kind: 'http', ...prefix('/') }] }) },
  invalid: [
    {
      name: 'on all ports, one of which is TCP',
      model: ruled(mixed, {
        action: 'deny',
        requests: [{ kind: 'http', ...prefix('/admin') }],
        claims: [{ claim: 'role', values: ['admin'] }],
      }),
      findings: [
        {
          at: 'AccessPolicy shop/mixed-access',
          message:
            '`requests` and `claims` can only be asked on a port of http, http2 or grpc, but the rule is also about port 9000 (tcp)',
          fix: 'name its other ports: ports: [80]',
        },
      ],
    },
    {
      name: 'gRPC on HTTP',
      model: ruled(reviews, { requests: [{ kind: 'grpc', ...grpcMatch({ service: 'shop.Reviews' }) }] }),
      findings: [
        {
          at: 'AccessPolicy shop/reviews-access',
          message: '`requests` of gRPC can only be asked on a port of grpc, but the rule is also about port 80 (http)',
          fix: 'leave `requests` of gRPC out, and allow or deny by caller alone',
        },
      ],
    },
    {
      name: 'claims on TCP',
      model: {
        ...ruled(mixed, {}),
        accessPolicies: [
          accessPolicy(database, { rules: [accessRule({ requests: [{ kind: 'http', ...prefix('/') }] })] }),
        ],
      },
      findings: [
        {
          at: 'AccessPolicy shop/database-access',
          message:
            '`requests` can only be asked on a port of http, http2 or grpc, but the rule is also about port 5432 (tcp)',
          fix: 'leave `requests` out, and allow or deny by caller alone',
        },
      ],
    },
  ],
};
