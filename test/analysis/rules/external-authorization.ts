import type { ExternalAuthorization } from '../../../lib/model';
import { accessPolicy, httpRoute, httpRule, ref } from '../../support/model-builder';
import type { Cases } from '../cases';
import { database, ratings, reviews, shop, web } from '../shop';

const asked = (over: Partial<ExternalAuthorization>) =>
  shop({
    accessPolicies: [
      accessPolicy(web, {
        externalAuthorization: {
          service: ref(ratings),
          port: 80,
          protocol: 'grpc',
          timeout: 100,
          onFailure: 'deny',
          requests: [],
          headers: [],
          ...over,
        },
      }),
    ],
  });

export const cases: Cases = {
  valid: { model: asked({ headers: ['cookie'] }) },
  invalid: [
    {
      name: 'in gRPC of a TCP port',
      model: asked({ service: ref(database), port: 5432, timeout: 0, headers: ['a b'] }),
      findings: [
        {
          at: 'AccessPolicy shop/web-access',
          message: 'externalAuthorization asks database in grpc, but port 5432 of it speaks tcp',
          fix: 'name a port that speaks grpc',
        },
        {
          at: 'AccessPolicy shop/web-access',
          message:
            'externalAuthorization.headers holds "a b": a token of RFC 9110 is one or more letters, digits and !#$%&\'*+-.^_`|~',
          fix: 'write a legal name of a header',
        },
        {
          at: 'AccessPolicy shop/web-access',
          message: 'externalAuthorization.timeout must be a duration of at least 1ms, got 0s',
          fix: 'set `externalAuthorization.timeout` to a duration of at least 1ms',
        },
      ],
    },
    {
      name: 'in HTTP of a TCP port',
      model: asked({ service: ref(database), port: 5432, protocol: 'http' }),
      findings: [
        {
          at: 'AccessPolicy shop/web-access',
          message: 'externalAuthorization asks database in http, but port 5432 of it speaks tcp',
          fix: 'name a port that speaks http',
        },
      ],
    },
    {
      name: 'a rate limit of an HTTP port',
      model: shop({
        routes: [
          httpRoute(reviews, [
            httpRule({
              rateLimit: {
                global: {
                  service: ref(web),
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
          message: 'rateLimit.global asks web in grpc, but port 80 of it speaks http',
          fix: 'name a port that speaks grpc',
        },
      ],
    },
  ],
};
