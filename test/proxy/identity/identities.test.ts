import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type AuthorityChange, CannotIssue, type Leaf, type Svid } from '../../../proxy/identity/authority';
import { identities } from '../../../proxy/identity/identities';
import { RootOfTrust } from '../../../proxy/identity/root-of-trust';
import { memoryStore } from '../../../proxy/identity/root-store';
import { VirtualClock } from '../../support/clock';
import { day, hour, minute, recordingLog, second, trustDomain, year } from './support';

const reviews = { namespace: 'storefront', serviceAccount: 'reviews' };
const identity = (number: number) => ({ namespace: 'storefront', serviceAccount: `service-${number}` });

/** An authority whose leaves are numbers: what is tested here is when, and for whom. */
function world({ phase = 0, lifetime = day, ends = Number.MAX_SAFE_INTEGER } = {}) {
  const clock = new VirtualClock('2026-11-25T12:00:00Z');
  const log = recordingLog();
  const state = { generation: 1, ends, failing: false, signed: [] as { readonly what: string; readonly at: number }[] };
  const listeners = new Set<(changed: AuthorityChange) => void>();
  const sign = (what: string): Leaf => {
    if (state.failing) throw new CannotIssue('the authority is away');
    state.signed.push({ what, at: clock.now() });
    const notAfter = Math.min(clock.now() + lifetime, state.ends);
    return {
      certificateChain: `${what} ${state.signed.length}`,
      privateKey: 'key',
      notBefore: clock.now(),
      notAfter,
      renewAt: (clock.now() + notAfter) / 2,
      generation: state.generation,
    };
  };
  const authority = {
    issue: ({ serviceAccount }: { readonly serviceAccount: string }): Svid => ({
      ...sign(serviceAccount),
      spiffeId: `spiffe://${trustDomain}/ns/storefront/sa/${serviceAccount}`,
    }),
    issueServer: (hosts: readonly string[]) => sign(hosts.join(' ')),
    trustBundle: '',
    trustGeneration: 1,
    get issuerGeneration() {
      return state.generation;
    },
    get issuerEnds() {
      return state.ends;
    },
    onChange: (listener: (changed: AuthorityChange) => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    rootExpiries: () => [],
  };
  return {
    clock,
    log,
    state,
    listeners,
    service: identities({ authority, clock, log, phase }),
    /** When what was signed for a name, since the beginning. */
    times: (what: string) => {
      const begin = Date.parse('2026-11-25T12:00:00Z');
      return state.signed.filter((one) => one.what === what).map(({ at }) => at - begin);
    },
    change: (change: AuthorityChange) => {
      state.generation++;
      for (const listener of listeners) listener(change);
    },
  };
}

describe('an identity', () => {
  it('has one certificate for all who hold it', () => {
    const { service } = world();
    const [a, b] = [service.hold(reviews), service.hold({ ...reviews })];
    expect(a.leaf).toBe(b.leaf);
    expect(service.leafOf(reviews)).toBe(a.leaf);
    expect(service.hold(identity(1)).leaf).not.toBe(a.leaf);
    expect(service.issued).toBe(2);
  });

  it('is renewed at half of its life or up to a tenth of its life before, again and again, and its holders are told', async () => {
    const { service, clock, times } = world();
    const told: string[] = [];
    const held = service.hold(reviews, ({ certificateChain }) => told.push(certificateChain));
    await clock.advance(3 * day);
    expect(told).toEqual(
      ['reviews 2', 'reviews 3', 'reviews 4', 'reviews 5', 'reviews 6', 'reviews 7'].slice(0, told.length),
    );
    expect(told.length).toBeGreaterThanOrEqual(6);
    expect(held.leaf.certificateChain).toBe(told.at(-1));
    const all = times('reviews');
    const waits = all.slice(1).map((time, index) => time - (all[index] ?? 0));
    for (const wait of waits) {
      expect(wait).toBeGreaterThanOrEqual(0.4 * day);
      expect(wait).toBeLessThanOrEqual(0.5 * day);
    }
    expect(service.issued).toBe(all.length);
  });

  it('is renewed at another time than others, and on another replica at another time', async () => {
    const first = async (phase: number) => {
      const { service, clock, times } = world({ phase });
      for (let number = 0; number < 200; number++) service.hold(identity(number));
      await clock.advance(day / 2);
      return Array.from({ length: 200 }, (_, number) => times(`service-${number}`)[1] ?? 0);
    };
    const [here, again, there] = [await first(0), await first(0), await first(0.37)];
    expect(again).toEqual(here);
    expect(there).not.toEqual(here);
    // Spread over the tenth of a life: in each quarter of it about a quarter.
    const quarters = [0, 1, 2, 3].map(
      (quarter) => here.filter((time) => Math.floor(((time - 0.4 * day) / (0.1 * day)) * 4) === quarter).length,
    );
    expect(quarters.reduce((a, b) => a + b)).toBe(200);
    for (const count of quarters) expect(count).toBeGreaterThan(25);
  });

  it('that nobody holds any more is kept for those who come back, is not renewed, and then dropped', async () => {
    const { service, clock } = world();
    const held = service.hold(reviews);
    const { leaf } = held;
    held.release();
    held.release();
    expect(service.leafOf(reviews)).toBeUndefined();
    await clock.advance(hour);
    const again = service.hold(reviews);
    expect(again.leaf).toBe(leaf);
    again.release();
    await clock.advance(day);
    expect(service.issued).toBe(1);
    expect(service.hold(reviews).leaf).not.toBe(leaf);
  });

  it('is renewed as long as one of several holds it', async () => {
    const { service, clock } = world();
    const [a, b] = [service.hold(reviews), service.hold(reviews)];
    a.release();
    a.release();
    await clock.advance(day);
    expect(service.issued).toBeGreaterThanOrEqual(2);
    expect(b.leaf.notAfter).toBeGreaterThan(clock.now());
  });

  it('is renewed as soon as a machine has woken from a long sleep', async () => {
    const { service, clock } = world();
    const held = service.hold(reviews);
    await clock.advance(minute);
    clock.set(clock.now() + 3 * day);
    await clock.advance(minute);
    expect(held.leaf.notAfter).toBeGreaterThan(clock.now() + day / 2);
  });
});

describe('an authority that changes', () => {
  it('has all certificates replaced soon, one after the other, and those that nobody holds forgotten', async () => {
    const { service, clock, change, state } = world();
    const held = Array.from({ length: 1_000 }, (_, number) => service.hold(identity(number)));
    service.hold(reviews).release();
    await clock.advance(minute);
    change({ trust: false, issuer: true });
    await clock.advance(second);
    const replaced = held.filter(({ leaf }) => leaf.generation === 2).length;
    expect(replaced).toBeGreaterThan(150);
    expect(replaced).toBeLessThan(250);
    await clock.advance(5 * second);
    expect(held.every(({ leaf }) => leaf.generation === 2)).toBe(true);
    expect(state.signed.length).toBe(2_001);
  });

  it('has none replaced where only what is trusted has changed', async () => {
    const { service, clock, change, state } = world();
    service.hold(reviews);
    change({ trust: true, issuer: false });
    await clock.advance(minute);
    expect(state.signed.length).toBe(1);
  });

  it('ends: what ends with it is not renewed again and again, but when another one is there', async () => {
    const { service, clock, state, change, times } = world({ ends: Date.parse('2026-11-25T15:00:00Z') });
    service.hold(reviews);
    await clock.advance(2.9 * hour);
    expect(times('reviews')).toEqual([0]);
    state.ends = Number.MAX_SAFE_INTEGER;
    change({ trust: false, issuer: true });
    await clock.advance(second);
    expect(times('reviews')).toEqual([0, 2.9 * hour]);
  });

  it('fails: it is tried again until it works, and said once', async () => {
    const { service, clock, log, state } = world();
    const held = service.hold(reviews);
    state.failing = true;
    await clock.advance(0.6 * day);
    expect(log.lines).toEqual([
      'warn a certificate cannot be renewed {"of":"storefront/reviews","reason":"the authority is away"}',
    ]);
    expect(service.hold(reviews).leaf).toBe(held.leaf);
    expect(() => service.hold(identity(1))).toThrow(new CannotIssue('the authority is away'));
    await clock.advance(0.5 * day);
    expect(() => service.hold(reviews)).toThrow(
      new CannotIssue('the certificate of storefront/reviews has ended and cannot be renewed'),
    );
    state.failing = false;
    await clock.advance(10 * second);
    expect(held.leaf.notAfter).toBeGreaterThan(clock.now());
    expect(service.hold(reviews).leaf).toBe(held.leaf);
  });
});

describe('the certificate of a server', () => {
  it('is renewed likewise, and not counted among those of proxies', async () => {
    const { service, clock, times } = world();
    const told: Leaf[] = [];
    const held = service.holdServer(['localhost', '127.0.0.1'], (leaf) => told.push(leaf));
    await clock.advance(day);
    expect(times('localhost 127.0.0.1').length).toBeGreaterThanOrEqual(2);
    expect(told.at(-1)).toBe(held.leaf);
    expect(service.issued).toBe(0);
  });
});

describe('a service that is closed', () => {
  it('renews nothing, and listens to nobody', async () => {
    const { service, clock, state, listeners } = world();
    service.hold(reviews);
    service.close();
    await clock.advance(10 * day);
    expect(state.signed.length).toBe(1);
    expect(listeners.size).toBe(0);
  });
});

describe('a trust domain that is renamed', () => {
  it('has every certificate issued anew under the new name', async () => {
    const clock = new VirtualClock('2026-11-25T12:00:00Z');
    const log = recordingLog();
    const settings = { trustDomain, leafLifetime: day, rootLifetime: 10 * year };
    const root = new RootOfTrust({
      store: memoryStore(),
      source: { kind: 'made' },
      settings,
      clock,
      random: randomBytes,
      log,
    });
    await root.ready;
    const service = identities({ authority: root, clock, log, phase: 0 });
    const held = service.hold(reviews);
    root.configure({ ...settings, leafLifetime: hour });
    await clock.advance(minute);
    expect(held.leaf.spiffeId).toBe('spiffe://shop.example/ns/storefront/sa/reviews');
    root.configure({ ...settings, trustDomain: 'other.example' });
    await clock.advance(second);
    expect(held.leaf.spiffeId).toBe('spiffe://other.example/ns/storefront/sa/reviews');
    root.close();
    service.close();
  });
});
