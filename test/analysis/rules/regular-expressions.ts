import { httpMatch, httpRoute, httpRule } from '../../support/model-builder';
import type { Cases } from '../cases';
import { reviews, shop } from '../shop';

const pattern = (...patterns: readonly string[]) =>
  shop({
    routes: [
      httpRoute(reviews, [
        httpRule({ matches: patterns.map((one) => httpMatch({ path: { kind: 'regex', pattern: one } })) }),
      ]),
    ],
  });
const rewritten = (pattern: string, substitution: string) =>
  shop({ routes: [httpRoute(reviews, [httpRule({ rewrite: { path: { kind: 'regex', pattern, substitution } } })])] });

export const cases: Cases = {
  valid: { model: pattern('/(a|b)+/[^/]*?/\\d{2,4}(?:x)(?P<id>[[:alpha:]\\]-]+)', '(?i)/\\pL\\x{10FFFF}\\Q(*\\E$') },
  invalid: [
    {
      name: 'look-around',
      model: pattern('/(?!admin).*', '/a(?<=b)'),
      findings: [
        {
          at: 'Route shop/reviews',
          message: 'the pattern of the path "/(?!admin).*" is refused by RE2: it looks around with \'(?!\'',
          fix: 'write it without that; see https://github.com/google/re2/wiki/Syntax',
        },
        {
          at: 'Route shop/reviews',
          message: 'the pattern of the path "/a(?<=b)" is refused by RE2: it looks around with \'(?<=\'',
          fix: 'write it without that; see https://github.com/google/re2/wiki/Syntax',
        },
      ],
    },
    {
      name: 'references back',
      model: pattern('/(a)\\1', '/(?P<x>a)(?P=x)', '/a\\k<x>'),
      findings: [
        {
          at: 'Route shop/reviews',
          message:
            'the pattern of the path "/(?P<x>a)(?P=x)" is refused by RE2: it refers back to a group with \'(?P=\'',
          fix: 'write it without that; see https://github.com/google/re2/wiki/Syntax',
        },
        {
          at: 'Route shop/reviews',
          message: 'the pattern of the path "/(a)\\\\1" is refused by RE2: it refers back to a group with \'\\1\'',
          fix: 'write it without that; see https://github.com/google/re2/wiki/Syntax',
        },
        {
          at: 'Route shop/reviews',
          message: 'the pattern of the path "/a\\\\k<x>" is refused by RE2: it refers back to a group with \'\\k\'',
          fix: 'write it without that; see https://github.com/google/re2/wiki/Syntax',
        },
      ],
    },
    {
      name: 'what is not closed',
      model: pattern('/(a', '/[a', '/a)', '/\\'),
      findings: [
        {
          at: 'Route shop/reviews',
          message: 'the pattern of the path "/(a" is refused by RE2: it does not close a group with \')\'',
          fix: 'write it without that; see https://github.com/google/re2/wiki/Syntax',
        },
        {
          at: 'Route shop/reviews',
          message: 'the pattern of the path "/[a" is refused by RE2: it does not close a class with \']\'',
          fix: 'write it without that; see https://github.com/google/re2/wiki/Syntax',
        },
        {
          at: 'Route shop/reviews',
          message: 'the pattern of the path "/\\\\" is refused by RE2: it ends with \'\\\'',
          fix: 'write it without that; see https://github.com/google/re2/wiki/Syntax',
        },
        {
          at: 'Route shop/reviews',
          message: 'the pattern of the path "/a)" is refused by RE2: it closes a group with \')\' that was not opened',
          fix: 'write it without that; see https://github.com/google/re2/wiki/Syntax',
        },
      ],
    },
    {
      name: 'repetitions',
      model: pattern('/a{1001}', '/*+', '+', '/a**', '/a{3,2}'),
      findings: [
        {
          at: 'Route shop/reviews',
          message: 'the pattern of the path "+" is refused by RE2: it repeats nothing with \'+\'',
          fix: 'write it without that; see https://github.com/google/re2/wiki/Syntax',
        },
        {
          at: 'Route shop/reviews',
          message: 'the pattern of the path "/*+" is refused by RE2: it has a possessive \'*+\'',
          fix: 'write it without that; see https://github.com/google/re2/wiki/Syntax',
        },
        {
          at: 'Route shop/reviews',
          message: 'the pattern of the path "/a**" is refused by RE2: it repeats a repetition with \'*\'',
          fix: 'write it without that; see https://github.com/google/re2/wiki/Syntax',
        },
        {
          at: 'Route shop/reviews',
          message:
            'the pattern of the path "/a{1001}" is refused by RE2: it repeats more than 1000 times with \'{1001}\'',
          fix: 'write it without that; see https://github.com/google/re2/wiki/Syntax',
        },
        {
          at: 'Route shop/reviews',
          message: 'the pattern of the path "/a{3,2}" is refused by RE2: it repeats from more to less with \'{3,2}\'',
          fix: 'write it without that; see https://github.com/google/re2/wiki/Syntax',
        },
      ],
    },
    {
      name: 'what only others have',
      model: pattern('/(?>a)', '/\\Z', '/[[:word2:]]', '/(?#x)'),
      findings: [
        {
          at: 'Route shop/reviews',
          message:
            'the pattern of the path "/(?#x)" is refused by RE2: it opens a group that RE2 does not have with \'(?#\'',
          fix: 'write it without that; see https://github.com/google/re2/wiki/Syntax',
        },
        {
          at: 'Route shop/reviews',
          message: 'the pattern of the path "/(?>a)" is refused by RE2: it has an atomic group \'(?>\'',
          fix: 'write it without that; see https://github.com/google/re2/wiki/Syntax',
        },
        {
          at: 'Route shop/reviews',
          message: 'the pattern of the path "/[[:word2:]]" is refused by RE2: it has no class \'[:word2:]\'',
          fix: 'write it without that; see https://github.com/google/re2/wiki/Syntax',
        },
        {
          at: 'Route shop/reviews',
          message: 'the pattern of the path "/\\\\Z" is refused by RE2: it has no escape \'\\Z\'',
          fix: 'write it without that; see https://github.com/google/re2/wiki/Syntax',
        },
      ],
    },
    {
      name: 'a header',
      model: shop({
        routes: [
          httpRoute(reviews, [
            httpRule({
              matches: [
                httpMatch({
                  headers: [{ kind: 'regex', name: 'x-a', pattern: '(' }],
                  query: [{ kind: 'regex', name: 'q', pattern: ')' }],
                }),
              ],
            }),
          ]),
        ],
      }),
      findings: [
        {
          at: 'Route shop/reviews',
          message: 'the pattern of header x-a "(" is refused by RE2: it does not close a group with \')\'',
          fix: 'write it without that; see https://github.com/google/re2/wiki/Syntax',
        },
        {
          at: 'Route shop/reviews',
          message:
            'the pattern of query parameter q ")" is refused by RE2: it closes a group with \')\' that was not opened',
          fix: 'write it without that; see https://github.com/google/re2/wiki/Syntax',
        },
      ],
    },
    {
      name: 'a group that is not there',
      model: rewritten('/(a)/(b)', '/\\3'),
      findings: [
        {
          at: 'Route shop/reviews',
          message:
            '`rewrite` puts "/\\\\3" in the place of "/(a)/(b)", which has 2 groups, so \'\\3\' stands for nothing',
          fix: 'refer to groups from \\0 (the whole) to \\2, and write a backslash as \\\\',
        },
      ],
    },
  ],
};
