import type { HeaderChanges } from '../../../lib/model';
import { backend, httpRoute, httpRule } from '../../support/model-builder';
import type { Cases } from '../cases';
import { reviews, shop } from '../shop';

const changing = (over: Partial<HeaderChanges>) =>
  shop({ routes: [httpRoute(reviews, [httpRule({ requestHeaders: { set: [], add: [], remove: [], ...over } })])] });

export const cases: Cases = {
  valid: {
    model: changing({ set: [{ name: 'x-a', value: 'a b\tc' }], add: [{ name: 'x-b', value: '1' }], remove: ['x-c'] }),
  },
  invalid: [
    {
      name: 'illegal',
      model: changing({
        set: [
          { name: 'x a', value: '1' },
          { name: 'x-b', value: '\r\n' },
        ],
      }),
      findings: [
        {
          at: 'Route shop/reviews',
          message:
            'requestHeaders.set of "x a": it is no name of a header: a token of RFC 9110 is one or more letters, digits and !#$%&\'*+-.^_`|~',
          fix: 'write a legal name',
        },
        {
          at: 'Route shop/reviews',
          message: 'requestHeaders.set of "x-b": the value "\\r\\n" is not visible ASCII with single blanks',
          fix: 'encode what else there is, for example in percent',
        },
      ],
    },
    {
      name: 'what is no header',
      model: changing({ set: [{ name: 'Host', value: 'x' }], remove: [':path'] }),
      findings: [
        {
          at: 'Route shop/reviews',
          message: 'requestHeaders.remove of ":path": it is not changed as a header',
          fix: 'use `rewrite.host` or `rewrite.path` instead',
        },
        {
          at: 'Route shop/reviews',
          message: 'requestHeaders.set of "Host": it is not changed as a header',
          fix: 'use `rewrite.host` or `rewrite.path` instead',
        },
      ],
    },
    {
      name: 'twice',
      model: changing({ set: [{ name: 'x-a', value: '1' }], remove: ['X-A'] }),
      findings: [
        {
          at: 'Route shop/reviews',
          message: 'requestHeaders changes header x-a twice, by set and by remove',
          fix: 'leave one of the two out',
        },
      ],
    },
    {
      name: 'of a backend',
      model: shop({
        routes: [
          httpRoute(reviews, [
            httpRule({
              action: {
                kind: 'forward',
                backends: [backend(reviews, { version: 'v1', responseHeaders: { set: [], add: [], remove: [''] } })],
              },
            }),
          ]),
        ],
      }),
      findings: [
        {
          at: 'Route shop/reviews',
          message:
            'backend v1: responseHeaders.remove of "": it is no name of a header: a token of RFC 9110 is one or more letters, digits and !#$%&\'*+-.^_`|~',
          fix: 'write a legal name',
        },
      ],
    },
  ],
};
