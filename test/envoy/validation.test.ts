import { describe, expect, it } from 'vitest';
import { type FieldRules, type FieldSchema, type MessageSchema, ruleViolations } from '../../lib/envoy';
import { schemaOf } from '../support/envoy/pgv';
import { registry } from '../support/envoy/registry';

type Kind = FieldSchema['value']['kind'];

interface Case {
  readonly value: Kind;
  readonly rules: FieldRules;
  readonly good: readonly unknown[];
  /** A value, and what is said of it. */
  readonly bad: readonly (readonly [unknown, string])[];
}

const header = { wellKnownRegex: 'HTTP_HEADER_NAME' } as const;
const colors = { RED: 0, GREEN: 1, BLUE: 5 };

/** Every rule of a single value that is implemented, by kind: what it accepts, and what it says of what it does not. */
const cases: { readonly [kind: string]: Case } = {
  'string.const': text({ const: 'a' }, ['a'], [['b', 'must be "a", got "b"']]),
  'string.len': text({ len: 2 }, ['äö'], [['abc', 'must have 2 characters, got "abc"']]),
  'string.minLen': text({ minLen: '1' }, ['a'], [['', 'must have at least 1 characters, got ""']]),
  'string.maxLen': text({ maxLen: 2 }, ['äö'], [['abc', 'must have at most 2 characters, got "abc"']]),
  'string.lenBytes': text({ lenBytes: 2 }, ['ab', 'ä'], [['a', 'must have 2 bytes, got "a"']]),
  'string.minBytes': text({ minBytes: 2 }, ['ä'], [['a', 'must have at least 2 bytes, got "a"']]),
  'string.maxBytes': text({ maxBytes: 2 }, ['ä'], [['aä', 'must have at most 2 bytes, got "aä"']]),
  'string.pattern': text({ pattern: 'a|b' }, ['a', 'b'], [['ab', 'must match a|b, got "ab"']]),
  'string.prefix': text({ prefix: '%' }, ['%a'], [['a%', 'must begin with "%", got "a%"']]),
  'string.suffix': text({ suffix: '%' }, ['a%'], [['%a', 'must end with "%", got "%a"']]),
  'string.contains': text({ contains: 'b' }, ['abc'], [['ac', 'must contain "b", got "ac"']]),
  'string.notContains': text({ notContains: 'b' }, ['ac'], [['abc', 'must not contain "b", got "abc"']]),
  'string.in': text({ in: ['a', 'b'] }, ['b'], [['c', 'must be one of ["a","b"], got "c"']]),
  'string.notIn': text({ notIn: ['a'] }, ['b'], [['a', 'must not be one of ["a"], got "a"']]),
  'string.wellKnownRegex': text(
    { wellKnownRegex: 'HTTP_HEADER_VALUE' },
    ['', 'a b\tc', 'ä'],
    [['a\nb', 'must be legal as the value of a header, got "a\\nb"']],
  ),
  'string.strict': text(
    { ...header, strict: false },
    ['', 'a b'],
    [['a\rb', 'must be legal as the name of a header, got "a\\rb"']],
  ),
  'string.strict by default': text(
    header,
    [':path', "x-!#$%&'*+,.^_|~`"],
    [
      ['', 'must be legal as the name of a header, got ""'],
      ['a b', 'must be legal as the name of a header, got "a b"'],
    ],
  ),
  'string.ignoreEmpty': text(
    { minLen: 2, ignoreEmpty: true },
    [''],
    [['a', 'must have at least 2 characters, got "a"']],
  ),
  'bytes.len': bytes({ len: 1 }, ['YQ=='], [['YWI=', 'must have 1 bytes, got 2']]),
  'bytes.minLen': bytes({ minLen: 2 }, ['YWI='], [['YQ==', 'must have at least 2 bytes, got 1']]),
  'bytes.maxLen': bytes({ maxLen: 1 }, ['', 'YQ=='], [['YWI=', 'must have at most 1 bytes, got 2']]),
  'bool.const': {
    value: 'bool',
    rules: { bool: { const: true } },
    good: [true],
    bad: [[false, 'must be true, got false']],
  },
  'enum.const': enumeration({ const: 5 }, ['BLUE', 5], [['RED', 'must be BLUE, got RED']]),
  'enum.definedOnly': enumeration(
    { definedOnly: true },
    ['GREEN', 5],
    [
      [2, 'must be one of RED, GREEN, BLUE, got 2'],
      ['PINK', 'must be one of RED, GREEN, BLUE, got PINK'],
    ],
  ),
  'enum.in': enumeration({ in: [0, 1] }, ['RED'], [['BLUE', 'must be one of RED, GREEN, got BLUE']]),
  'enum.notIn': enumeration({ notIn: [0] }, ['BLUE'], [['RED', 'must not be one of RED, got RED']]),
  'duration.const': duration({ const: '1s' }, ['1s', '1.0s'], [['2s', 'must be 1s, got 2s']]),
  'duration.gt': duration({ gt: '0s' }, ['0.000000001s'], [['0s', 'must be above 0s, got 0s']]),
  'duration.gte': duration({ gte: '0.001s' }, ['0.001s'], [['0.000999s', 'must be at least 0.001s, got 0.000999s']]),
  'duration.lt': duration({ lt: '1s' }, ['0.999999999s', '-3s'], [['1s', 'must be below 1s, got 1s']]),
  'duration.lte': duration({ lte: '1s' }, ['1s'], [['1.1s', 'must be at most 1s, got 1.1s']]),
  'duration.in': duration({ in: ['1s', '2s'] }, ['2s'], [['3s', 'must be one of 1s, 2s, got 3s']]),
  'duration.notIn': duration({ notIn: ['1s'] }, ['2s'], [['1s', 'must not be one of 1s, got 1s']]),
  ...numberCases('uint32', 0, 7),
  ...numberCases('int32', -3, 7),
  ...numberCases('float', 0, 1.5),
  ...numberCases('double', 0, 1.5),
  ...numberCases('int64', '-9007199254740993', '9007199254740993'),
  ...numberCases('uint64', '0', '18446744073709551615'),
  'uint32.outside': {
    value: 'number',
    rules: { uint32: { gte: 600, lt: 100 } },
    good: [99, 600],
    bad: [[100, 'must be at least 600 or below 100, got 100']],
  },
  'uint32.ignoreEmpty': {
    value: 'number',
    rules: { uint32: { gte: 100, ignoreEmpty: true } },
    good: [0, 100],
    bad: [[99, 'must be at least 100, got 99']],
  },
};

/** Rules that say how a field is filled and not what its value is; tested below. */
const structural = [
  'any.required',
  'duration.required',
  'map.keys',
  'map.maxPairs',
  'map.minPairs',
  'map.values',
  'message.required',
  'message.skip',
  'repeated.items',
  'repeated.maxItems',
  'repeated.minItems',
  'repeated.unique',
];

describe('rules of a value', () => {
  for (const [kind, { value, rules, good, bad }] of Object.entries(cases)) {
    it(kind, () => {
      const says = (given: unknown) => violationsOf({ value: valueSchemaOf(value), rules }, given);
      expect(good.flatMap(says)).toEqual([]);
      expect(bad.map(([given]) => says(given))).toEqual(bad.map(([, problem]) => [`field: ${problem}`]));
    });
  }

  it('are all that the descriptors of Envoy hold', () => {
    const known = new Set([...Object.keys(cases), ...structural]);
    expect(kindsInDescriptors().filter((kind) => !known.has(kind))).toEqual([]);
    expect(kindsInDescriptors()).toHaveLength(48);
  });

  it('hold for the empty value where absence means it, and only there', () => {
    const rules: FieldRules = { string: { minLen: 1 } };
    const says = (absence: FieldSchema['absence']) => violationsOf({ absence, rules }, undefined);
    expect(says('empty')).toEqual(['field: must have at least 1 characters, got ""']);
    expect(says('missing')).toEqual([]);
    expect(says('alternative')).toEqual([]);
  });

  it('are refused where they are not implemented, rather than passed over', () => {
    const says = (rules: FieldRules) => () => violationsOf({ rules }, 'x');
    expect(says({ string: { email: true } })).toThrow('rules string.email are not implemented');
    expect(says({ timestamp: { required: true } })).toThrow('rules of the kind timestamp are not implemented');
    expect(says({ any: { in: ['x'] } })).toThrow('rules any.in are not implemented');
  });

  it('have patterns that JavaScript understands as RE2 does', () => {
    const patterns = allRules().flatMap((rules) => rules.string?.pattern ?? []);
    expect(patterns).toHaveLength(16);
    expect(patterns.filter((pattern) => /\(\?|\\[AzCQpP]|\[\[:/.test(pattern))).toEqual([]);
    for (const pattern of patterns) expect(() => new RegExp(pattern, 'u')).not.toThrow();
  });
});

describe('rules of how a field is filled', () => {
  const inner: MessageSchema = {
    fields: [
      { name: 'name', shape: 'one', value: { kind: 'string' }, absence: 'empty', rules: { string: { minLen: 1 } } },
    ],
    requiredOneofs: [['one', 'other']],
  };
  const message = { kind: 'message', type: 'test.Inner' } as const;
  const says = (field: Partial<FieldSchema>, given: unknown) => violationsOf(field, given, inner);

  it('message.required', () => {
    const field = { value: message, absence: 'missing', rules: { message: { required: true } } } as const;
    expect(says(field, undefined)).toEqual(['field: is required']);
    expect(says(field, null)).toEqual(['field: is required']);
    expect(says({ ...field, absence: 'alternative' }, undefined)).toEqual([]);
    expect(says({ ...field, rules: {} }, undefined)).toEqual([]);
  });

  it('any.required and duration.required', () => {
    const any = { kind: 'message', type: 'google.protobuf.Any' } as const;
    const duration = { kind: 'message', type: 'google.protobuf.Duration' } as const;
    expect(says({ value: any, absence: 'missing', rules: { any: { required: true } } }, undefined)).toEqual([
      'field: is required',
    ]);
    expect(says({ value: duration, absence: 'missing', rules: { duration: { required: true } } }, undefined)).toEqual([
      'field: is required',
    ]);
  });

  it('a message is entered, and its required oneofs are checked', () => {
    expect(says({ value: message }, { name: 'a', one: 1 })).toEqual([]);
    expect(says({ value: message }, {})).toEqual([
      'field: must have one of one, other',
      'field.name: must have at least 1 characters, got ""',
    ]);
  });

  it('message.skip: it is not', () => {
    expect(says({ value: message, rules: { message: { skip: true } } }, {})).toEqual([]);
  });

  it('an Any is entered by the name that it bears', () => {
    const any = { kind: 'message', type: 'google.protobuf.Any' } as const;
    expect(says({ value: any }, { '@type': 'type.googleapis.com/test.Inner', name: 'a' })).toEqual([
      'field: must have one of one, other',
    ]);
    expect(says({ value: any }, { '@type': 'type.googleapis.com/google.protobuf.StringValue', value: '' })).toEqual([]);
    expect(says({ value: any }, { '@type': 'type.googleapis.com/test.Other' })).toEqual([
      'field: is of the unknown type test.Other',
    ]);
    expect(says({ value: any }, {})).toEqual(['field: must have "@type", the name of the message that it holds']);
  });

  it('repeated.minItems, maxItems, unique and items', () => {
    const field = {
      shape: 'list',
      rules: { repeated: { minItems: 1, maxItems: 3, unique: true, items: { string: { minLen: 1 } } } },
    } as const;
    expect(says(field, ['a', 'b'])).toEqual([]);
    expect(says(field, undefined)).toEqual(['field: must have at least 1 items, got 0']);
    expect(says(field, ['a', 'b', 'c', 'd'])).toEqual(['field: must have at most 3 items, got 4']);
    expect(says(field, ['a', 'b', 'a'])).toEqual(['field: must not repeat an item, got "a" more than once']);
    expect(says(field, ['a', ''])).toEqual(['field[1]: must have at least 1 characters, got ""']);
  });

  it('messages of a list are entered though the list has no rules', () => {
    expect(
      says({ shape: 'list', value: message }, [
        { name: 'a', one: 1 },
        { name: '', one: 1 },
      ]),
    ).toEqual(['field[1].name: must have at least 1 characters, got ""']);
  });

  it('map.minPairs, maxPairs, keys and values', () => {
    const field = {
      shape: 'map',
      value: { kind: 'number' },
      rules: { map: { minPairs: 1, maxPairs: 2, keys: { string: { minLen: 2 } }, values: { double: { gte: 0 } } } },
    } as const;
    expect(says(field, { ab: 1 })).toEqual([]);
    expect(says(field, undefined)).toEqual(['field: must have at least 1 entries, got 0']);
    expect(says(field, { ab: 1, bc: 2, cd: 3 })).toEqual(['field: must have at most 2 entries, got 3']);
    expect(says(field, { b: -1 })).toEqual([
      'field: a key must have at least 2 characters, got "b"',
      'field["b"]: must be at least 0, got -1',
    ]);
  });

  it('the message itself may be of an unknown type', () => {
    expect(ruleViolations(() => undefined, 'test.None', {})).toEqual(['message: is of the unknown type test.None']);
  });
});

function text(string: FieldRules['string'], good: Case['good'], bad: Case['bad']): Case {
  return { value: 'string', rules: { string }, good, bad };
}

function bytes(rules: FieldRules['bytes'], good: Case['good'], bad: Case['bad']): Case {
  return { value: 'bytes', rules: { bytes: rules }, good, bad };
}

function enumeration(rules: FieldRules['enum'], good: Case['good'], bad: Case['bad']): Case {
  return { value: 'enum', rules: { enum: rules }, good, bad };
}

function duration(rules: FieldRules['duration'], good: Case['good'], bad: Case['bad']): Case {
  return { value: 'message', rules: { duration: rules }, good, bad };
}

/** One case for each kind of bound: between `low` and `high`, which differ from their neighbours by less than a float could hold. */
function numberCases(kind: string, low: number | string, high: number | string): { readonly [kind: string]: Case } {
  const above = neighbour(high, 1);
  const below = neighbour(low, -1);
  const one = (rule: object, good: Case['good'], bad: unknown, problem: string): Case => ({
    value: 'number',
    rules: { [kind]: rule },
    good,
    bad: [[bad, `${problem}, got ${bad}`]],
  });
  return {
    [`${kind}.const`]: one({ const: high }, [high], low, `must be ${high}`),
    [`${kind}.gt`]: one({ gt: low }, [high], low, `must be above ${low}`),
    [`${kind}.gte`]: one({ gte: low }, [low], below, `must be at least ${low}`),
    [`${kind}.lt`]: one({ lt: high }, [low], high, `must be below ${high}`),
    [`${kind}.lte`]: one({ lte: high }, [high], above, `must be at most ${high}`),
    [`${kind}.in`]: one({ in: [low, high] }, [low], above, `must be one of ${low}, ${high}`),
    [`${kind}.notIn`]: one({ notIn: [high] }, [low], high, `must not be one of ${high}`),
  };
}

function neighbour(value: number | string, step: number): number | string {
  return typeof value === 'string' ? String(BigInt(value) + BigInt(step)) : value + step;
}

function valueSchemaOf(kind: Kind): FieldSchema['value'] {
  if (kind === 'enum') return { kind, numbers: colors };
  return kind === 'message' ? { kind, type: 'google.protobuf.Duration' } : { kind };
}

/** What is said of a message with one field. */
function violationsOf(field: Partial<FieldSchema>, given: unknown, inner?: MessageSchema): string[] {
  const outer: MessageSchema = {
    fields: [{ name: 'field', shape: 'one', value: { kind: 'string' }, absence: 'empty', ...field }],
    requiredOneofs: [],
  };
  const schemas = new Map([
    ['test.Outer', outer],
    ['test.Inner', inner],
  ]);
  return ruleViolations((type) => schemas.get(type), 'test.Outer', given === undefined ? {} : { field: given });
}

/** The rules of every field of every message of Envoy's API, and those of items, keys and values inside them. */
function allRules(): FieldRules[] {
  const fields = [...registry()]
    .filter((type) => type.kind === 'message' && /^(envoy|xds)\./.test(type.typeName))
    .flatMap((type) => schemaOf(type.typeName)?.fields ?? []);
  return fields.flatMap((field) => withInner(field.rules));
}

function withInner(rules: FieldRules | undefined): FieldRules[] {
  if (rules === undefined) return [];
  return [rules, ...[rules.repeated?.items, rules.map?.keys, rules.map?.values].flatMap(withInner)];
}

function kindsInDescriptors(): string[] {
  const kinds = allRules().flatMap((rules) =>
    Object.entries(rules).flatMap(([type, rule]) => Object.keys(rule).map((name) => `${type}.${name}`)),
  );
  return [...new Set(kinds)].sort();
}
