import type { HttpRule } from '../../../lib/model';
import { grpcRoute, grpcRule, httpMatch, httpRoute, httpRule, prefix, ref } from '../../support/model-builder';
import type { Cases } from '../cases';
import { ratings, reviews, shop, web } from '../shop';

const acting = (over: Partial<HttpRule>) => shop({ routes: [httpRoute(reviews, [httpRule(over)])] });

export const cases: Cases = {
  valid: {
    model: acting({
      matches: [prefix('/old')],
      rewrite: { path: { kind: 'prefix', value: '/new' }, host: 'reviews.example:8080' },
    }),
  },
  invalid: [
    {
      name: 'a prefix that was not matched',
      model: acting({
        matches: [httpMatch({ path: { kind: 'exact', path: '/old' } })],
        rewrite: { path: { kind: 'prefix', value: '/new' } },
      }),
      findings: [
        {
          at: 'Route shop/reviews',
          message:
            '`rewrite.path` replaces the prefix that was matched, so the rule needs exactly one match, by PathMatch.prefix; it has exact',
          fix: 'match by one PathMatch.prefix, with a rule for each, or give `rewrite.path` as { full: … }',
        },
      ],
    },
    {
      name: 'two prefixes',
      model: acting({
        matches: [prefix('/a'), prefix('/b')],
        action: { kind: 'redirect', status: 301, path: { kind: 'prefix', value: '/c' } },
      }),
      findings: [
        {
          at: 'Route shop/reviews',
          message:
            '`redirect.path` replaces the prefix that was matched, so the rule needs exactly one match, by PathMatch.prefix; it has 2 matches',
          fix: 'match by one PathMatch.prefix, with a rule for each, or give `redirect.path` as { full: … }',
        },
      ],
    },
    {
      name: 'an empty prefix of many',
      model: acting({ matches: [prefix('/a'), prefix('/b')], rewrite: { path: { kind: 'prefix', value: '' } } }),
      findings: [
        {
          at: 'Route shop/reviews',
          message:
            '`rewrite.path` replaces the prefix that was matched, so the rule needs exactly one match, by PathMatch.prefix; it has 2 matches',
          fix: 'match by one PathMatch.prefix, with a rule for each, or give `rewrite.path` as { full: … }',
        },
      ],
    },
    {
      name: 'a path and a host',
      model: acting({ rewrite: { path: { kind: 'full', value: 'new' }, host: 'http://x' } }),
      findings: [
        {
          at: 'Route shop/reviews',
          message:
            "`rewrite.host` is \"http://x\": a host is a DNS name: labels of lower case letters, digits and '-', at most 63 characters each, joined by '.'",
          fix: 'write the name of a host in `rewrite.host`',
        },
        {
          at: 'Route shop/reviews',
          message: '`rewrite.path` is "new": a path starts with \'/\'',
          fix: "begin `rewrite.path` with '/'",
        },
      ],
    },
    {
      name: 'together with a redirect',
      model: acting({ rewrite: { host: 'x.example' }, action: { kind: 'redirect', status: 302, host: 'y.example' } }),
      findings: [
        {
          at: 'Route shop/reviews',
          message: '`rewrite` changes a request that is forwarded, but the rule gives `redirect`',
          fix: 'leave `rewrite` out, or `redirect`',
        },
      ],
    },
    {
      name: 'a redirect to itself',
      model: acting({
        action: { kind: 'redirect', status: 302 },
        mirrors: [{ service: ref(web), port: 80, percent: 1 }],
      }),
      findings: [
        {
          at: 'Route shop/reviews',
          message: '`mirror` copies a request that is forwarded, but the rule gives `redirect`',
          fix: 'leave `mirror` out, or `redirect`',
        },
        {
          at: 'Route shop/reviews',
          message: '`redirect` leads back to the very request it answers',
          fix: 'give `redirect` a `scheme`, `host`, `port` or `path`',
        },
      ],
    },
    {
      name: 'redirects and answers out of range',
      model: shop({
        routes: [
          httpRoute(reviews, [
            httpRule({ action: { kind: 'redirect', status: 300 as 301, host: 'a b', port: 0 } }),
            httpRule({
              matches: [prefix('/b')],
              action: { kind: 'respond', status: 99 },
              mirrors: [{ service: ref(web), port: 80, percent: 1 }],
            }),
          ]),
        ],
      }),
      findings: [
        {
          at: 'Route shop/reviews',
          message:
            "rule 1: `redirect.host` is \"a b\": a host is a DNS name: labels of lower case letters, digits and '-', at most 63 characters each, joined by '.'",
          fix: 'write the name of a host in `redirect.host`',
        },
        {
          at: 'Route shop/reviews',
          message: 'rule 1: redirect.port must be a whole number from 1 to 65535, got 0',
          fix: 'set `redirect.port` to a whole number from 1 to 65535',
        },
        {
          at: 'Route shop/reviews',
          message: 'rule 1: redirect.status must be 301, 302, 303, 307 or 308, got 300',
          fix: 'set `redirect.status` to one of them',
        },
        {
          at: 'Route shop/reviews',
          message: 'rule 2: `mirror` copies a request that is forwarded, but the rule gives `respond`',
          fix: 'leave `mirror` out, or `respond`',
        },
        {
          at: 'Route shop/reviews',
          message: 'rule 2: respond.status must be a whole number from 200 to 599, got 99',
          fix: 'set `respond.status` to a whole number from 200 to 599',
        },
      ],
    },
    {
      name: 'the path of a gRPC call',
      model: shop({ routes: [grpcRoute(ratings, [grpcRule({ rewrite: { path: { kind: 'full', value: '/x' } } })])] }),
      findings: [
        {
          at: 'Route shop/ratings',
          message: '`rewrite.path` would change the method of a gRPC call',
          fix: 'leave `rewrite.path` out',
        },
      ],
    },
  ],
};
