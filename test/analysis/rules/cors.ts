import type { Cors } from '../../../lib/model';
import { httpRoute, httpRule } from '../../support/model-builder';
import type { Cases } from '../cases';
import { reviews, shop } from '../shop';

const sharing = (over: Partial<Cors>) =>
  shop({
    routes: [
      httpRoute(reviews, [
        httpRule({
          cors: {
            allowOrigins: ['https://shop.example'],
            allowMethods: ['GET'],
            allowHeaders: [],
            exposeHeaders: [],
            allowCredentials: false,
            maxAge: 5_000,
            ...over,
          },
        }),
      ]),
    ],
  });

export const cases: Cases = {
  valid: {
    model: sharing({
      allowOrigins: ['https://*.shop.example', 'http://localhost:3000', 'http://127.0.0.1:8080'],
      allowCredentials: true,
    }),
  },
  invalid: [
    {
      name: 'origins',
      model: sharing({ allowOrigins: ['shop.example', 'https://shop.example/path'] }),
      findings: [
        {
          at: 'Route shop/reviews',
          message: 'cors.allowOrigins holds "https://shop.example/path", which is no origin',
          fix: "write scheme and host, such as 'https://shop.example' or 'https://*.shop.example', or '*'",
        },
        {
          at: 'Route shop/reviews',
          message: 'cors.allowOrigins holds "shop.example", which is no origin',
          fix: "write scheme and host, such as 'https://shop.example' or 'https://*.shop.example', or '*'",
        },
      ],
    },
    {
      name: 'nobody',
      model: sharing({ allowOrigins: [] }),
      findings: [
        {
          at: 'Route shop/reviews',
          message: 'cors.allowOrigins is empty, so no page may use the answers',
          fix: 'name the origins',
        },
      ],
    },
    {
      name: 'credentials for everybody',
      model: sharing({ allowOrigins: ['*'], allowCredentials: true }),
      findings: [
        {
          at: 'Route shop/reviews',
          message: "cors.allowCredentials is true and cors.allowOrigins holds '*', which browsers refuse together",
          fix: 'name the origins that may send credentials',
        },
      ],
    },
    {
      name: 'names and age',
      model: sharing({ allowMethods: ['G E T'], allowHeaders: [''], exposeHeaders: ['x:y'], maxAge: -1 }),
      findings: [
        {
          at: 'Route shop/reviews',
          message:
            'cors.allowHeaders holds "": a token of RFC 9110 is one or more letters, digits and !#$%&\'*+-.^_`|~',
          fix: 'write a legal name',
        },
        {
          at: 'Route shop/reviews',
          message:
            'cors.allowMethods holds "G E T": a token of RFC 9110 is one or more letters, digits and !#$%&\'*+-.^_`|~',
          fix: 'write a legal name',
        },
        {
          at: 'Route shop/reviews',
          message:
            'cors.exposeHeaders holds "x:y": a token of RFC 9110 is one or more letters, digits and !#$%&\'*+-.^_`|~',
          fix: 'write a legal name',
        },
        {
          at: 'Route shop/reviews',
          message: 'cors.maxAge must be a duration of whole milliseconds, got -1',
          fix: 'set `cors.maxAge` to a duration of whole milliseconds',
        },
      ],
    },
  ],
};
