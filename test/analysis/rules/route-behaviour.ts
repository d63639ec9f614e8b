import type { HttpRule } from '../../../lib/model';
import { httpRoute, httpRule, prefix, ref } from '../../support/model-builder';
import type { Cases } from '../cases';
import { ratings, reviews, shop, web } from '../shop';

const behaving = (over: Partial<HttpRule>) => shop({ routes: [httpRoute(reviews, [httpRule(over)])] });

export const cases: Cases = {
  valid: {
    model: behaving({
      mirrors: [{ service: ref(web), port: 80, percent: 100 }],
      fault: { delay: { duration: 100, percent: 1 }, abort: { status: { kind: 'http', status: 503 }, percent: 0 } },
      sessionAffinity: { kind: 'cookie', name: 'session', ttl: 60_000 },
      rateLimit: {
        local: { requests: 10, per: 1_000, burst: 0 },
        global: {
          service: ref(ratings),
          port: 80,
          domain: 'shop',
          descriptors: [{ kind: 'header', key: 'a', header: 'x-a' }],
          onFailure: 'deny',
        },
      },
    }),
  },
  invalid: [
    {
      name: 'percentages',
      model: behaving({
        mirrors: [{ service: ref(web), port: 80, percent: 101 }],
        fault: {
          delay: { duration: 0, percent: -1 },
          abort: { status: { kind: 'http', status: 700 }, percent: 100.5 },
        },
      }),
      findings: [
        {
          at: 'Route shop/reviews',
          message: 'fault.abort.percent must be a number from 0 to 100, got 100.5',
          fix: 'set `fault.abort.percent` to a number from 0 to 100',
        },
        {
          at: 'Route shop/reviews',
          message: 'fault.abort.status must be a whole number from 200 to 599, got 700',
          fix: 'set `fault.abort.status` to a whole number from 200 to 599',
        },
        {
          at: 'Route shop/reviews',
          message: 'fault.delay.duration must be a duration of at least 1ms, got 0s',
          fix: 'set `fault.delay.duration` to a duration of at least 1ms',
        },
        {
          at: 'Route shop/reviews',
          message: 'fault.delay.percent must be a number from 0 to 100, got -1',
          fix: 'set `fault.delay.percent` to a number from 0 to 100',
        },
        {
          at: 'Route shop/reviews',
          message: 'mirror.percent must be a number from 0 to 100, got 101',
          fix: 'set `mirror.percent` to a number from 0 to 100',
        },
      ],
    },
    {
      name: 'a fault that is none',
      model: behaving({ fault: {} }),
      findings: [
        {
          at: 'Route shop/reviews',
          message: '`fault` neither delays nor aborts',
          fix: 'give `fault` a `delay` or an `abort`, or leave it out',
        },
      ],
    },
    {
      name: 'an abort that is a success',
      model: behaving({ fault: { abort: { status: { kind: 'grpc', status: 0 }, percent: 1 } } }),
      findings: [
        {
          at: 'Route shop/reviews',
          message: 'fault.abort.grpcStatus must be a whole number from 1 to 16, got 0',
          fix: 'set `fault.abort.grpcStatus` to a whole number from 1 to 16',
        },
      ],
    },
    {
      name: 'a cookie',
      model: behaving({ sessionAffinity: { kind: 'cookie', name: 'my session', ttl: 1 } }),
      findings: [
        {
          at: 'Route shop/reviews',
          message:
            'sessionAffinity.cookie is "my session": a token of RFC 9110 is one or more letters, digits and !#$%&\'*+-.^_`|~',
          fix: 'write a legal name in `sessionAffinity.cookie`',
        },
        {
          at: 'Route shop/reviews',
          message: 'sessionAffinity.ttl must be a duration of at least 1s, got 1ms',
          fix: 'set `sessionAffinity.ttl` to a duration of at least 1s',
        },
      ],
    },
    {
      name: 'rate limits',
      model: shop({
        routes: [
          httpRoute(reviews, [
            httpRule({
              rateLimit: {
                local: { requests: 0, per: 10, burst: -1 },
                global: { service: ref(ratings), port: 80, domain: '', descriptors: [], onFailure: 'deny' },
              },
            }),
            httpRule({ matches: [prefix('/b')], rateLimit: {} }),
            httpRule({
              matches: [prefix('/c')],
              rateLimit: {
                global: {
                  service: ref(ratings),
                  port: 80,
                  domain: 'shop',
                  descriptors: [
                    { kind: 'value', key: '', value: 'x' },
                    { kind: 'header', key: 'a', header: 'x a' },
                  ],
                  onFailure: 'deny',
                },
              },
            }),
          ]),
        ],
      }),
      findings: [
        {
          at: 'Route shop/reviews',
          message: 'rule 1: rateLimit.global.descriptors is empty, so nothing would be counted',
          fix: 'say what is counted in `descriptors`',
        },
        {
          at: 'Route shop/reviews',
          message: 'rule 1: rateLimit.global.domain is empty',
          fix: 'name the domain that the rate limit service knows',
        },
        {
          at: 'Route shop/reviews',
          message: 'rule 1: rateLimit.local.burst must be a whole number from 0 to 4294967295, got -1',
          fix: 'set `rateLimit.local.burst` to a whole number from 0 to 4294967295',
        },
        {
          at: 'Route shop/reviews',
          message: 'rule 1: rateLimit.local.per must be a duration of at least 50ms, got 10ms',
          fix: 'set `rateLimit.local.per` to a duration of at least 50ms',
        },
        {
          at: 'Route shop/reviews',
          message: 'rule 1: rateLimit.local.requests must be a whole number from 1 to 4294967295, got 0',
          fix: 'set `rateLimit.local.requests` to a whole number from 1 to 4294967295',
        },
        {
          at: 'Route shop/reviews',
          message: 'rule 2: `rateLimit` limits nothing',
          fix: 'give `rateLimit` a `local` or a `global` limit, or leave it out',
        },
        {
          at: 'Route shop/reviews',
          message: 'rule 3: a descriptor of rateLimit.global has an empty key',
          fix: 'give each descriptor a `key`',
        },
        {
          at: 'Route shop/reviews',
          message:
            'rule 3: a descriptor of rateLimit.global names header "x a": a token of RFC 9110 is one or more letters, digits and !#$%&\'*+-.^_`|~',
          fix: 'write a legal name of a header',
        },
      ],
    },
  ],
};
