import { backend, gatewayRoute, httpRoute, httpRule, identity } from '../../support/model-builder';
import type { Cases } from '../cases';
import { nightly, publicGateway, reviews, shop, web } from '../shop';

export const cases: Cases = {
  valid: { model: shop({ routes: [httpRoute(reviews, [httpRule({ from: [identity(web)] })])] }) },
  invalid: [
    {
      name: 'of a gateway',
      model: shop({
        routes: [
          gatewayRoute(publicGateway, web, {
            rules: [httpRule({ from: [identity(nightly)], action: { kind: 'forward', backends: [backend(web)] } })],
          }),
        ],
      }),
      findings: [
        {
          at: 'Route shop/public-web',
          message:
            '`from` names callers by their identity in the mesh, but those of a gateway come from outside and have none',
          fix: 'leave `from` out, and match by header or host instead',
        },
      ],
    },
  ],
};
