import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Diagnostic, Duration, hash, Late, names } from '../../lib/model';

describe('a duration', () => {
  it('is read in the format of Gateway API', () => {
    expect(['0s', '500ms', '2s', '1m30s', '1h', '24h', '1h1m1s1ms'].map(Duration.parse)).toEqual([
      0, 500, 2_000, 90_000, 3_600_000, 86_400_000, 3_661_001,
    ]);
  });

  it('is nothing else', () => {
    expect(['', '5', '1.5s', '-1s', '1d', 's', '1 s', '123456s', '1h1m1s1ms1s'].map(Duration.parse)).toEqual(
      Array(9).fill(undefined),
    );
  });

  it('is written as it is read', () => {
    fc.assert(
      fc.property(
        fc.nat(Number.MAX_SAFE_INTEGER % 359_996_400_000),
        (duration) => Duration.parse(Duration.format(duration)) === duration,
      ),
    );
  });
});

describe('names', () => {
  it('stay as they are when they are legal, and are cut from the left when they are long', () => {
    expect(names.objectName('web-to-reviews-80')).toBe('web-to-reviews-80');
    expect(names.objectName('web.storefront')).toMatch(/^web-storefront-[0-9a-f]{8}$/);
    const long = names.objectName(`${'a'.repeat(70)}-to-reviews-80`);
    expect(long).toHaveLength(63);
    expect(long).toMatch(/-to-reviews-80-[0-9a-f]{8}$/);
  });

  it('are legal and differ whatever they are made of', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (a, b) => {
        fc.pre(/[a-z0-9]/i.test(a) && /[a-z0-9]/i.test(b) && a !== b);
        expect(names.objectName(a)).toMatch(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
        expect(names.objectName(a)).not.toBe(names.objectName(b));
      }),
    );
  });

  it('call a service as its clients do', () => {
    expect(names.hostnames({ namespace: 'shop', name: 'web' }, 'shop', 'cluster.local')).toEqual([
      'web',
      'web.shop',
      'web.shop.svc',
      'web.shop.svc.cluster.local',
    ]);
    expect(names.hostnames({ namespace: 'shop', name: 'web' }, 'other', 'cluster.local')).toEqual([
      'web.shop',
      'web.shop.svc',
      'web.shop.svc.cluster.local',
    ]);
  });

  it('put no dot into a cluster, which Envoy would cut', () => {
    expect(names.outboundCluster({ namespace: 'shop', name: 'web' }, 80)).toBe('outbound|80||shop|web');
    expect(names.outboundCluster({ namespace: 'shop', name: 'web' }, 80, 'v1')).toBe('outbound|80|v1|shop|web');
  });

  it('give each application port an inbound port, in order', () => {
    expect([...names.inboundPorts([9090, 8080, 9090])]).toEqual([
      [8080, 15_100],
      [9090, 15_101],
    ]);
  });
});

describe('loopback addresses', () => {
  const refs = (amount: number) =>
    Array.from({ length: amount }, (_, index) => ({ namespace: 'ns', name: `service-${index}` }));

  it('lie in 127.64.0.0/10, and no two are the same', () => {
    const addresses = [...names.upstreamAddresses(refs(20_000)).values()];
    expect(new Set(addresses).size).toBe(20_000);
    for (const address of addresses) {
      const [a, b, , d] = address.split('.').map(Number);
      expect(a).toBe(127);
      expect(b).toBeGreaterThanOrEqual(64);
      expect(b).toBeLessThan(128);
      expect([0, 255]).not.toContain(d);
    }
  });

  it('do not depend on the order of the upstreams, and stay when one is added', () => {
    const some = refs(5);
    const addresses = names.upstreamAddresses(some);
    expect([...names.upstreamAddresses([...some].reverse())]).toEqual([...addresses]);
    const more = names.upstreamAddresses([...some, { namespace: 'ns', name: 'new' }]);
    for (const [key, address] of addresses) expect(more.get(key)).toBe(address);
  });
});

it('a hash is the same for ever: names in clusters depend on it', () => {
  expect([hash(''), hash('a'), hash('storefront/reviews')]).toMatchSnapshot();
});

it('a placeholder is found inside a text, and a text can be split at it', () => {
  const placeholder = Late.text(hash('x'));
  expect(Late.is(`image:${placeholder}`)).toBe(true);
  expect(Late.is('image:1')).toBe(false);
  expect(Late.is(Late.number(7))).toBe(true);
  expect(Late.is(-1)).toBe(false);
  expect(Late.split(`a${placeholder}b`)).toEqual(['a', { late: placeholder }, 'b']);
});

it('a diagnostic is one line', () => {
  expect(
    Diagnostic.format({
      code: 'MESH0103',
      level: 'error',
      at: 'shop/reviews',
      message: 'weights sum to 90',
      fix: 'leave one out',
    }),
  ).toBe('MESH0103 shop/reviews: weights sum to 90; leave one out');
});
