import { describe, expect, it } from 'vitest';
import { re2Groups, re2Refusal } from '../../lib/analysis/re2';

/** Each was given to Envoy 1.40 (`--mode validate`, with the program size that proxies of the mesh allow), which took it. */
const taken = [
  '.*',
  '/api/v[0-9]+(/.*)?',
  '(?i)/Caf\\x{e9}|(?s:.)|(?i-s:x)|(?P<name>a)|(?<other>b)',
  'a{2}b{2,}c{2,4}e??f*?g+?h{2,3}?',
  'a{b{,3}c{1',
  '[]a][^]b][a-z\\d\\-\\]][[:alpha:][:^digit:]][a-]',
  '\\Aa\\b\\B\\C\\d\\D\\pL\\PL\\p{Greek}\\p{^Greek}\\z',
  '\\Q(*[\\E\\.\\/\\-\\n\\x41\\012\\a',
  '|a|(|b|)',
  '^*',
  'a{1000}',
  '[a-a]',
  'a{2,1000}',
  '\\Q((',
];

/** Each was given to Envoy 1.40, which refused it. */
const refused: readonly (readonly [pattern: string, why: string])[] = [
  ['(?=a)', "it looks around with '(?='"],
  ['(?!a)', "it looks around with '(?!'"],
  ['(?<=a)', "it looks around with '(?<='"],
  ['(?<!a)', "it looks around with '(?<!'"],
  ['(?>a)', "it has an atomic group '(?>'"],
  ['(?P=a)', "it refers back to a group with '(?P='"],
  ['(?#a)', "it opens a group that RE2 does not have with '(?#'"],
  ['(?x)a', "it opens a group that RE2 does not have with '(?x'"],
  ['(a)\\1', "it refers back to a group with '\\1'"],
  ['\\k<a>', "it refers back to a group with '\\k'"],
  ['\\Z', "it has no escape '\\Z'"],
  ['\\u0041', "it has no escape '\\u'"],
  ['[\\b]', "it has no escape '\\b'"],
  ['a\\', "it ends with '\\'"],
  ['(a', "it does not close a group with ')'"],
  ['a)', "it closes a group with ')' that was not opened"],
  ['[a', "it does not close a class with ']'"],
  ['[]', "it does not close a class with ']'"],
  ['[z-a]', "it has a range from more to less: 'z-a'"],
  ['[[:word2:]]', "it has no class '[:word2:]'"],
  ['*a', "it repeats nothing with '*'"],
  ['a|*', "it repeats nothing with '*'"],
  ['(+)', "it repeats nothing with '+'"],
  ['a**', "it repeats a repetition with '*'"],
  ['a*+', "it has a possessive '*+'"],
  ['a{1001}', "it repeats more than 1000 times with '{1001}'"],
  ['a{2,1001}', "it repeats more than 1000 times with '{2,1001}'"],
  ['a{3,2}', "it repeats from more to less with '{3,2}'"],
];

describe('re2Refusal', () => {
  it.each(taken)('takes %j', (pattern) => {
    expect(re2Refusal(pattern)).toBeUndefined();
  });

  it.each(refused)('refuses %j', (pattern, why) => {
    expect(re2Refusal(pattern)).toBe(why);
  });

  it('gives up on groups in groups without end, as RE2 does', () => {
    expect(re2Refusal('('.repeat(100_000))).toBe('its groups are nested too deep');
  });
});

describe('re2Groups', () => {
  it.each([
    ['a', 0],
    ['(a)(?:b)(?P<c>c)(?<d>d)(?i:e)', 3],
    ['\\((a)[(]', 1],
    ['((a)(b))', 3],
  ])('counts what %j captures', (pattern, groups) => {
    expect(re2Groups(pattern)).toBe(groups);
  });
});
