import { describe, expect, test } from 'vitest';
import { compileRules, ruleFaults } from './cel/rules';
import { fails, holds, sample } from './cel.cases';
import type { Rule, Schema } from './openapi';
import { withDefaults } from './schema/defaulting';
import { re2 } from './schema/re2';

function judged(rule: string, value: object = sample.value, more: Partial<Rule> = {}): string[] {
  const schema: Schema = { ...sample.schema, 'x-kubernetes-validations': [{ rule, message: 'no', ...more }] };
  return ruleFaults(schema, withDefaults(schema, value)).map(({ at, message }) =>
    at === '' ? message : `${at}: ${message}`,
  );
}

describe('a rule that holds', () => {
  test.each(holds)('%s', (rule) => {
    expect(judged(rule)).toEqual([]);
  });
});

describe('a rule that does not hold', () => {
  test.each(fails)('%s', (rule, message) => {
    expect(judged(rule)).toEqual([message]);
  });
});

describe('rules', () => {
  test('are asked at every depth, of what is there', () => {
    const weight: Schema = {
      type: 'integer',
      'x-kubernetes-validations': [{ rule: 'self < 10', message: 'too heavy' }],
    };
    const part: Schema = { type: 'object', properties: { weight } };
    const schema: Schema = {
      type: 'object',
      properties: {
        parts: { type: 'array', items: part },
        named: { type: 'object', additionalProperties: part },
        none: part,
      },
    };
    const value = { parts: [{ weight: 1 }, { weight: 10 }], named: { a: { weight: 11 }, 'b-c': { weight: 12 } } };
    expect(ruleFaults(schema, value)).toEqual([
      { at: 'parts[1].weight', message: 'too heavy' },
      { at: 'named.a.weight', message: 'too heavy' },
      { at: 'named.b-c.weight', message: 'too heavy' },
    ]);
  });

  test('about the value before say nothing of a new object, unless they ask whether there was one', () => {
    expect(judged('self.count > oldSelf.count')).toEqual([]);
    expect(judged("self.name == 'oldSelf'")).toEqual(['no']);
    expect(judged('oldSelf.hasValue()', sample.value, { optionalOldSelf: true })).toEqual(['no']);
    expect(judged('!oldSelf.hasValue()', sample.value, { optionalOldSelf: true })).toEqual([]);
  });

  test('say their own text when they have no message, and the field they name', () => {
    expect(judged('self.count > 3', sample.value, { message: undefined } as Partial<Rule>)).toEqual([
      'failed rule: self.count > 3',
    ]);
    expect(judged('self.count > 3', sample.value, { fieldPath: '.count' })).toEqual(['.count: no']);
  });

  test('at the root know the name of the object', () => {
    const schema: Schema = {
      type: 'object',
      'x-kubernetes-validations': [{ rule: "self.metadata.name == 'default'", message: 'there is one' }],
    };
    const named = (name: string) => ruleFaults(schema, { apiVersion: 'a/v1', kind: 'A', metadata: { name } }, true);
    expect(named('default')).toEqual([]);
    expect(named('other')).toEqual([{ at: '', message: 'there is one' }]);
  });

  test('see of a nullable field that it is null', () => {
    const rules = [{ rule: 'self.size == null || self.size > 1', message: 'too small' }];
    const schema: Schema = {
      type: 'object',
      properties: { size: { type: 'integer', nullable: true } },
      'x-kubernetes-validations': rules,
    };
    expect(ruleFaults(schema, { size: null })).toEqual([]);
    expect(ruleFaults(schema, { size: 1 })).toEqual([{ at: '', message: 'too small' }]);
  });

  test('are broken when the schema does not have what they speak of', () => {
    const errors = (rule: string, minor?: number) =>
      compileRules({ ...sample.schema, 'x-kubernetes-validations': [{ rule }] }, false, minor).map(
        ({ error }) => error,
      );
    expect(errors("self.parts[0].nme == 'x'")).toEqual(['No such key: nme']);
    expect(errors('self.parts.all(p, has(p.nme))')).toEqual(['No such key: nme']);
    expect(errors('has(self)')).toEqual(['has() takes a field, as in has(self.name)']);
    expect(errors('self.pod.spec == null')).toEqual(['No such key: spec']);
    expect(errors('self.count == self.share')).toEqual(['no such overload: int == double']);
    expect(errors("self.namespace == 'x'", 31)).toEqual(['No such key: namespace']);
    expect(errors("self.__namespace__ == 'x'", 31)).toEqual([undefined]);
  });
});

describe('regular expressions of RE2', () => {
  const matching: readonly [pattern: string, text: string, matches: boolean][] = [
    ['^a.c$', 'abc', true],
    ['^a.c$', 'a\nc', false],
    ['a.c', 'a\u2028c', true],
    ['^[[:alpha:]_]+$', 'a_b', true],
    ['^[^]a]$', 'b', true],
    ['^[]a]+$', ']a', true],
    ['^a{,2}$', 'a{,2}', true],
    ['^[\\w.-]+\\z', 'a.b-c', true],
    ['(?i)^ABC$', 'abc', true],
    ['(?P<name>a+)', 'caat', true],
    ['^\\pL+$', 'é', true],
    ['^[a-z0-9]([-a-z0-9]*[a-z0-9])?$', 'a-', false],
    ['^\\-x$', '-x', true],
  ];
  test.each(matching)('%s on %j: %s', (pattern, text, matches) => {
    expect(re2(pattern).test(text)).toBe(matches);
  });

  const refused: readonly [pattern: string, why: string][] = [
    ['(?=a)', 'it has no (?=...)'],
    ['(?<!a)', 'it has no (?<!...)'],
    ['(a)\\1', 'it has no reference such as \\1'],
    ['a{1001}', '{1001} repeats more than 1000 times'],
    ['a\\', 'it ends with a backslash'],
    ['\\y', 'it has no escape \\y'],
    ['a++', 'it has no ++'],
  ];
  test.each(refused)('%s is refused', (pattern, why) => {
    expect(() => re2(pattern)).toThrow(new Error(`not a regular expression of RE2: ${pattern}: ${why}`));
  });
});
