import type { HttpRule } from '../../../lib/model';
import {
  backend,
  gatewayRoute,
  grpcMatch,
  grpcRoute,
  grpcRule,
  httpMatch,
  httpRoute,
  httpRule,
  identity,
  prefix,
  ref,
  tcpRoute,
} from '../../support/model-builder';
import type { Cases } from '../cases';
import { database, publicGateway, ratings, reviews, shop, web } from '../shop';

const named = (name: string, over: Partial<HttpRule> = {}) => httpRoute(reviews, [httpRule(over)], { name });

export const cases: Cases = {
  valid: {
    model: shop({
      routes: [
        named('all'),
        named('tester', { matches: [prefix('/', { method: 'GET' })] }),
        named('of-web', { from: [identity(web)] }),
      ],
    }),
  },
  invalid: [
    {
      name: 'every request twice',
      model: shop({ routes: [named('one'), named('two', { matches: [prefix('/')] })] }),
      findings: [
        {
          at: 'Route shop/two',
          message: 'every request is matched by route one already, so this rule is never reached',
          fix: 'join the two, or match something more in one of them',
        },
      ],
    },
    {
      name: 'within a route',
      model: shop({
        routes: [
          httpRoute(reviews, [
            httpRule({
              matches: [
                httpMatch({
                  headers: [
                    { kind: 'exact', name: 'X-A', value: '1' },
                    { kind: 'exact', name: 'b', value: '2' },
                  ],
                }),
              ],
            }),
            httpRule({
              matches: [
                httpMatch({
                  headers: [
                    { kind: 'exact', name: 'b', value: '2' },
                    { kind: 'exact', name: 'x-a', value: '1' },
                  ],
                }),
              ],
            }),
          ]),
        ],
      }),
      findings: [
        {
          at: 'Route shop/reviews',
          message:
            'rule 2: a request with header b=2 and header x-a=1 is matched by an earlier rule of this route already, so this rule is never reached',
          fix: 'join the two, or match something more in one of them',
        },
      ],
    },
    {
      name: 'on one listener of a gateway',
      model: shop({
        routes: [
          gatewayRoute(publicGateway, web, {
            name: 'again',
            parents: [{ kind: 'gateway', ...ref(publicGateway), listener: 'http' }],
          }),
        ],
      }),
      findings: [
        {
          at: 'Route shop/public-web',
          message: 'every request is matched by route again already, so this rule is never reached',
          fix: 'join the two, or match something more in one of them',
        },
      ],
    },
    {
      name: 'connections and gRPC',
      model: shop({
        routes: [
          tcpRoute(database, [backend(database)]),
          tcpRoute(database, [backend(database)], { name: 'again' }),
          grpcRoute(ratings, [grpcRule({ matches: [grpcMatch({ service: 'shop.Ratings' })] })]),
          grpcRoute(ratings, [grpcRule({ from: [identity(reviews)] }), grpcRule({ from: [identity(reviews)] })], {
            name: 'again',
          }),
        ],
      }),
      findings: [
        {
          at: 'Route shop/again',
          message:
            'rule 2: every request from shop/reviews is matched by an earlier rule of this route already, so this rule is never reached',
          fix: 'join the two, or match something more in one of them',
        },
        {
          at: 'Route shop/database',
          message: 'every connection is matched by route again already, so this rule is never reached',
          fix: 'join the two, or match something more in one of them',
        },
      ],
    },
  ],
};
