import { describe, expect, it } from 'vitest';
import * as form from '../../lib/analysis/form';
import { Late } from '../../lib/model';

const label = 'x'.repeat(63);

/** For each form texts that have it, then texts that do not. */
const forms: readonly (readonly [
  name: string,
  refusal: (text: string) => string | undefined,
  right: readonly string[],
  wrong: readonly string[],
])[] = [
  [
    'a DNS label',
    (text) => form.dnsLabel(text),
    ['a', '0', 'a-1', label],
    ['', '-a', 'a-', 'A', 'a.b', 'a_b', `${label}x`],
  ],
  ['a port name', (text) => form.dnsLabel(text, 15), ['fifteen-letters'], ['sixteen-letters-']],
  ['a Service name', (text) => form.serviceName(text), ['a', 'a0', label], ['0a', '-a', 'a-', `${label}x`]],
  [
    'a DNS subdomain',
    form.dnsSubdomain,
    ['a', 'a.b-c.0', `${label}${label}x`],
    ['', '.a', 'a.', 'a..b', 'A', 'a.-b', `a${'.b'.repeat(127)}`],
  ],
  [
    'a host',
    (text) => form.host(text, 'exact'),
    ['a', 'a.example', '1.example'],
    ['*.a', '10.0.0.1', '::1', 'a_b', `${label}x.a`],
  ],
  [
    'a host or wildcard',
    (text) => form.host(text, 'wildcard'),
    ['*.example', 'a.example'],
    ['*', '*.', 'a.*.b', '*a.b'],
  ],
  ['the value of a label', form.labelValue, ['', 'A_1.b', label], ['-a', 'a b', `${label}x`]],
  ['the key of a label', form.labelKey, ['app', 'a.b/c_D'], ['', 'a/', '/a', 'A/b', 'a/b/c']],
  ['a token', form.token, ['x-a', "!#$%&'*+.^_`|~0Z"], ['', 'a b', 'a:', 'ä', 'a(']],
  ['a header value', form.headerValue, ['', 'a b\tc', 'ä'], ['a\nb', 'a\rb', '\u0000', '\u007f']],
  ['a path', form.path, ['/', '/a/%20b'], ['', 'a', '/a?b', '/a#b', '/a b']],
  ['a variable', form.variable, ['A', '_a1'], ['', '1A', 'A-B', 'A.B']],
  ['a URL', form.url, ['http://a', 'https://a:1/b?c#d'], ['', 'a', 'ftp://a', 'http://', 'http:///a', 'http://a b']],
  [
    'a range of addresses',
    form.cidr,
    ['0.0.0.0/0', '10.1.2.3/32', '::/0', '2001:db8::/32', '1:2:3:4:5:6:7:8/128'],
    [
      '10.0.0.0',
      '10.0.0.0/33',
      '10.0.0/8',
      '256.0.0.0/8',
      '01.0.0.0/8',
      '::/129',
      '1::2::3/64',
      '1:2:3:4:5:6:7/64',
      'a/8',
      '::/-1',
    ],
  ],
];

describe.each(forms)('%s', (_, refusal, right, wrong) => {
  it.each(right)('is %j', (text) => {
    expect(refusal(text)).toBeUndefined();
  });

  it.each(wrong)('is not %j', (text) => {
    expect(refusal(text)).toMatch(/^[a-z]/);
  });

  it('may be known only at deployment', () => {
    expect(refusal(Late.text('0123456789abcdef'))).toBeUndefined();
  });
});
