import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Mesh } from '../behaviour/harness/mesh';
import { accountAtEnd } from './account';
import { again, caseTimeout } from './duration';
import { shop, split, twoOfEach } from './shop';
import { become, underLoad } from './traffic';

/** The control plane goes away, comes back, is stormed and refused, while requests flow: none of them fails. */

let running: Mesh;
beforeAll(async () => {
  running = await Mesh.start(shop(), { ...twoOfEach, drain: 2 });
});
afterAll(() => running?.stop());
accountAtEnd();

describe('no request fails while', () => {
  it('the control plane is away and comes back; what changed meanwhile arrives', { timeout: caseTimeout }, async () => {
    const loads = await underLoad(running, 'control plane away', 500, async (flow) => {
      await running.certificates.stop();
      // Longer than its proxies take to notice and to try again a few times.
      await delay(3_000);
      await become(running, shop({ rules: [split(100)] }));
      await running.certificates.restart();
      await running.settled();
      await flow(50);
      return 'away for 3 s';
    });
    expect([...(loads[0]?.instances.keys() ?? [])].some((name) => name.startsWith('catalog-v2'))).toBe(true);
    running.reset();
    await Promise.all(Array.from({ length: 20 }, () => running.call('web', 'catalog')));
    expect(running.backends('catalog').flatMap(({ received }) => received.map(({ version }) => version))).toEqual(
      Array.from({ length: 20 }, () => 'v1'),
    );
  });

  it('it restarts again and again, and all proxies come back at once', { timeout: caseTimeout }, async () => {
    await underLoad(running, 'control plane restarts', 200, async (flow) => {
      const rounds = await again(4, async (round) => {
        await running.certificates.restart();
        await become(running, shop({ rules: [split(round % 2 === 0 ? 50 : 51)] }));
        await running.settled();
        await flow(20);
      });
      return `${rounds} restarts`;
    });
  });
});
