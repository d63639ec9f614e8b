import { sharedProxy } from '../../support/model-builder';
import type { Cases } from '../cases';
import { database, ratings, shop, web } from '../shop';

export const cases: Cases = {
  valid: { model: shop({ sharedProxies: [sharedProxy('front', [web]), sharedProxy('back', [ratings])] }) },
  invalid: [
    {
      name: 'one service twice',
      model: shop({ sharedProxies: [sharedProxy('front', [web]), sharedProxy('back', [web])] }),
      findings: [
        {
          at: 'SharedProxy shop/front',
          message: 'web stands behind shared proxy back already',
          fix: 'leave it out of one of them',
        },
      ],
    },
    {
      name: 'a headless service, and one with transparent capture',
      model: shop({
        services: [
          { ...database, headless: true },
          {
            ...web,
            capture: {
              kind: 'transparent',
              excludeInboundPorts: [],
              excludeOutboundPorts: [],
              excludeOutboundAddresses: [],
            },
          },
        ],
        sharedProxies: [sharedProxy('front', [database, web])],
      }),
      findings: [
        {
          at: 'SharedProxy shop/front',
          message: 'database is headless: its callers ask for the addresses of its pods, and would pass by the proxy',
          fix: 'leave database out, or set `headless` to false',
        },
        {
          at: 'SharedProxy shop/front',
          message: 'web has transparent capture, which is that of a sidecar, but stands behind a shared proxy',
          fix: 'leave `capture` of web out, or take it out of the shared proxy',
        },
      ],
    },
    {
      name: 'none',
      model: shop({ sharedProxies: [sharedProxy('front', [])] }),
      findings: [
        {
          at: 'SharedProxy shop/front',
          message: 'shared proxy front stands before no service',
          fix: 'name its `services`',
        },
      ],
    },
  ],
};
