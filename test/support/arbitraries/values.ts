import fc from 'fast-check';

/** An arbitrary for each field of a type, the optional ones included: a field that is new to the model must be spoken of here. */
export function recordOf<T>(of: { readonly [K in keyof T]-?: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record(of as { [K in keyof T]: fc.Arbitrary<T[K]> }) as fc.Arbitrary<T>;
}

export const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined });

export const words = <const T extends string>(...of: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...of);

export const kind = <const K extends string>(of: K): fc.Arbitrary<K> => fc.constant(of);

/** Any of several, none twice; their order is kept. */
export const few = <T>(of: fc.Arbitrary<T>, maxLength = 3): fc.Arbitrary<T[]> =>
  fc.uniqueArray(of, { maxLength, selector: (value) => JSON.stringify(value) });

export const some = <T>(of: fc.Arbitrary<T>, maxLength = 3): fc.Arbitrary<T[]> =>
  fc.uniqueArray(of, { minLength: 1, maxLength, selector: (value) => JSON.stringify(value) });

/** A DNS label that ends in `x`, as no suffix does that the mesh gives to names; so no two names collide. */
export const name = fc.stringMatching(/^[a-z][a-z0-9]{0,5}(-[a-z]{1,3})?x$/);

export const host = fc.stringMatching(/^[a-z][a-z0-9]{0,5}(-[a-z0-9])?\.(shop|[a-z]{2,4}\.example)$/);
export const wildcardHost = host.map((text) => `*.${text}`);
export const anyHost = fc.oneof({ weight: 3, arbitrary: host }, { weight: 1, arbitrary: wildcardHost });
export const url = fc
  .tuple(words('http', 'https'), host, fc.stringMatching(/^(\/[a-z]{1,4}){0,2}$/))
  .map(([scheme, authority, path]) => `${scheme}://${authority}${path}`);
export const cidr = fc.oneof(
  fc.tuple(fc.nat(255), fc.nat(255), fc.integer({ min: 8, max: 32 })).map(([a, b, bits]) => `10.${a}.${b}.0/${bits}`),
  fc.constant('fd00:10::/32'),
);
export const token = fc.stringMatching(/^[a-z][a-z0-9_-]{0,8}$/);
export const envName = fc.stringMatching(/^[A-Z][A-Z0-9_]{0,10}$/);
/** What people write: anything but control characters. */
export const prose = fc.oneof(
  fc.string({ minLength: 1, maxLength: 20 }),
  fc.constantFrom('ä "quoted" ☕', '{{x}} \\1 $& %REQ(:PATH)%', "it's: #1 - {a, b}", ' leading and trailing '),
);
export const path = fc.stringMatching(/^(\/[A-Za-z0-9._~-]{1,4}){1,3}$/).filter((text) => !/\/\.\.?(\/|$)/.test(text));
export const regex = words('.*', '[a-z]+(-[0-9]{2})?', '^/v[12]/.*$', 'a|b');
export const image = fc.stringMatching(/^[a-z]{2,5}\/[a-z]{2,5}:[0-9]\.[0-9]$/);

export const port = fc.integer({ min: 1, max: 65_535 });
export const count = fc.integer({ min: 1, max: 5_000 });
export const percent = fc.oneof(
  fc.integer({ min: 0, max: 100 }),
  fc.integer({ min: 0, max: 10_000 }).map((hundredths) => hundredths / 100),
);
/** Above 0. */
export const share = percent.map((value) => value || 0.5);
export const duration = fc.oneof(
  fc.constantFrom(0, 25, 1_000, 90_000, 86_400_000, 99_999 * 3_600_000),
  fc.integer({ min: 1, max: 400_000_000 }),
);
/** Above zero. */
export const span = duration.map((value) => value || 1);

const labelKey = fc.oneof(
  fc.stringMatching(/^[a-z][a-z0-9._-]{0,6}[a-z0-9]$/),
  fc.stringMatching(/^[a-z]{2,5}\.example\/[a-z]{1,6}$/),
);
export const labels = fc.dictionary(labelKey, fc.stringMatching(/^[A-Za-z0-9]([A-Za-z0-9._-]{0,6}[A-Za-z0-9])?$/), {
  minKeys: 1,
  maxKeys: 3,
  noNullPrototype: true,
});
export const texts = fc.dictionary(fc.stringMatching(/^[a-z][a-z_]{0,8}$/), prose, {
  maxKeys: 3,
  noNullPrototype: true,
});
