import type { AccessRule } from '../../../lib/model';
import { accessPolicy, accessRule, edge, grpcMatch, httpMatch, identity, prefix } from '../../support/model-builder';
import type { Cases } from '../cases';
import { ratings, reviews, shop, web } from '../shop';

const denied = (rule: Partial<AccessRule>) =>
  shop({
    accessPolicies: [accessPolicy(reviews, { name: 'strict', rules: [accessRule({ action: 'deny', ...rule })] })],
  });
const onlyReads = (path: string) => ({
  edges: [edge(web, reviews, { only: [{ kind: 'http', ...prefix(path, { method: 'GET' }) } as const] })],
});
const admin = accessPolicy(reviews, {
  name: 'strict',
  rules: [
    accessRule({
      action: 'deny',
      from: [{ kind: 'identity', ...identity(web) }],
      requests: [{ kind: 'http', ...prefix('/admin') }],
    }),
  ],
});

export const cases: Cases = {
  valid: { model: shop({ ...onlyReads('/administration'), accessPolicies: [admin] }) },
  invalid: [
    {
      name: 'by identity',
      model: denied({ from: [{ kind: 'identity', ...identity(web) }] }),
      findings: [
        {
          at: 'Edge shop/web-to-reviews-80',
          message: 'web calls reviews on port 80, but access policy shop/strict denies it to shop/web',
          fix: 'take web out of the deny rule of strict, or take the call away',
        },
      ],
    },
    {
      name: 'by namespace and port',
      model: denied({ from: [{ kind: 'namespace', namespace: 'shop' }], ports: [80] }),
      findings: [
        {
          at: 'Edge shop/nightly-to-reviews-80',
          message: 'nightly calls reviews on port 80, but access policy shop/strict denies it to shop/nightly',
          fix: 'take nightly out of the deny rule of strict, or take the call away',
        },
        {
          at: 'Edge shop/web-to-reviews-80',
          message: 'web calls reviews on port 80, but access policy shop/strict denies it to shop/web',
          fix: 'take web out of the deny rule of strict, or take the call away',
        },
      ],
    },
    {
      name: 'everything',
      model: denied({}),
      findings: [
        {
          at: 'Edge shop/nightly-to-reviews-80',
          message: 'nightly calls reviews on port 80, but access policy shop/strict denies it to shop/nightly',
          fix: 'take nightly out of the deny rule of strict, or take the call away',
        },
        {
          at: 'Edge shop/web-to-reviews-80',
          message: 'web calls reviews on port 80, but access policy shop/strict denies it to shop/web',
          fix: 'take web out of the deny rule of strict, or take the call away',
        },
      ],
    },
    {
      name: 'every address',
      model: denied({ from: [{ kind: 'address', cidr: '0.0.0.0/0' }] }),
      findings: [
        {
          at: 'Edge shop/nightly-to-reviews-80',
          message: 'nightly calls reviews on port 80, but access policy shop/strict denies it to shop/nightly',
          fix: 'take nightly out of the deny rule of strict, or take the call away',
        },
        {
          at: 'Edge shop/web-to-reviews-80',
          message: 'web calls reviews on port 80, but access policy shop/strict denies it to shop/web',
          fix: 'take web out of the deny rule of strict, or take the call away',
        },
      ],
    },
    {
      name: 'the very pattern of the call',
      model: shop({
        edges: [
          edge(web, reviews, { only: [{ kind: 'http', ...httpMatch({ path: { kind: 'regex', pattern: '/a.*' } }) }] }),
        ],
        accessPolicies: [
          accessPolicy(reviews, {
            rules: [
              accessRule({
                action: 'deny',
                requests: [{ kind: 'http', ...httpMatch({ path: { kind: 'regex', pattern: '/a.*' } }) }],
              }),
            ],
          }),
        ],
      }),
      findings: [
        {
          at: 'Edge shop/web-to-reviews-80',
          message: 'web calls reviews on port 80, but access policy shop/reviews-access denies it to shop/web',
          fix: 'take web out of the deny rule of reviews-access, or take the call away',
        },
      ],
    },
    {
      name: 'all requests of the call, by their method',
      model: shop({
        ...onlyReads('/'),
        accessPolicies: [
          accessPolicy(reviews, {
            rules: [accessRule({ action: 'deny', requests: [{ kind: 'http', ...httpMatch({ method: 'GET' }) }] })],
          }),
        ],
      }),
      findings: [
        {
          at: 'Edge shop/web-to-reviews-80',
          message: 'web calls reviews on port 80, but access policy shop/reviews-access denies it to shop/web',
          fix: 'take web out of the deny rule of reviews-access, or take the call away',
        },
      ],
    },
    {
      name: 'all gRPC methods of the call',
      model: shop({
        edges: [
          edge(reviews, ratings, {
            only: [{ kind: 'grpc', ...grpcMatch({ service: 'shop.Ratings', method: 'Get' }) }],
          }),
        ],
        accessPolicies: [
          accessPolicy(ratings, {
            rules: [
              accessRule({ action: 'deny', requests: [{ kind: 'grpc', ...grpcMatch({ service: 'shop.Ratings' }) }] }),
            ],
          }),
        ],
      }),
      findings: [
        {
          at: 'Edge shop/reviews-to-ratings-80',
          message: 'reviews calls ratings on port 80, but access policy shop/ratings-access denies it to shop/reviews',
          fix: 'take reviews out of the deny rule of ratings-access, or take the call away',
        },
      ],
    },
    {
      name: 'all requests of the call',
      model: shop({ ...onlyReads('/admin/users'), accessPolicies: [admin] }),
      findings: [
        {
          at: 'Edge shop/web-to-reviews-80',
          message: 'web calls reviews on port 80, but access policy shop/strict denies it to shop/web',
          fix: 'take web out of the deny rule of strict, or take the call away',
        },
      ],
    },
  ],
};
