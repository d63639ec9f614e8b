import { describe, expect, it } from 'vitest';
import type { Progress } from '../../proxy/identity';
import { RotationProgress } from '../../proxy/rotation-progress';
import { resourceTypes } from '../../proxy/xds';
import { VirtualClock } from '../support/clock';

function following() {
  const clock = new VirtualClock('2026-01-01');
  const streams = new Map<string, { readonly [secret: string]: string }>();
  const pods = new Map<string, unknown>();
  const told: Progress[] = [];
  const progress = new RotationProgress({
    clock,
    // `trust 3`: a version is named by its generation; others are not known.
    generationOf: (_, secret, version) => {
      const [of, generation] = version.split(' ');
      return of === secret ? Number(generation) : undefined;
    },
    streams: () =>
      [...streams].map(([key, acknowledged]) => ({
        key,
        types: [
          {
            typeUrl: resourceTypes.secret,
            subscribed: 'all' as const,
            acknowledged: new Map(Object.entries(acknowledged)),
            refused: new Map(),
          },
        ],
      })),
    expected: () => pods,
    tell: (one) => told.push(one),
  });
  const look = async () => {
    progress.look();
    await clock.advance(1_000);
    return told.at(-1);
  };
  return { streams, pods, told, look };
}

describe('how far proxies have followed the root of trust', () => {
  it('is the oldest that one of them has, of bundles and of certificates', async () => {
    const { streams, pods, look } = following();
    for (const pod of ['a', 'b', 'c']) pods.set(pod, {});
    streams.set('a', { trust: 'trust 3', identity: 'identity 2' });
    streams.set('b', { trust: 'trust 4', identity: 'identity 1' });
    expect(await look()).toEqual({ trust: 3, leaves: 1 });
    streams.set('a', { trust: 'trust 4', identity: 'identity 2' });
    // A proxy that has no certificate yet is behind nobody.
    streams.set('c', {});
    expect(await look()).toEqual({ trust: 4, leaves: 1 });
  });

  it('counts who has lost the stream and serves on, until its pod is gone', async () => {
    const { streams, pods, look, told } = following();
    pods.set('a', {}).set('b', {});
    streams.set('a', { trust: 'trust 3', identity: 'identity 1' });
    streams.set('b', { trust: 'trust 4', identity: 'identity 2' });
    await look();
    streams.delete('a');
    expect(await look()).toEqual({ trust: 3, leaves: 1 });
    expect(told).toHaveLength(1);
    pods.delete('a');
    expect(await look()).toEqual({ trust: 4, leaves: 2 });
  });

  it('takes a version that is not known for one of before', async () => {
    const { streams, pods, look } = following();
    pods.set('a', {});
    streams.set('a', { trust: 'of another time', identity: 'identity 2' });
    expect(await look()).toEqual({ trust: 0, leaves: 2 });
  });

  it('is said to be without end where there is no proxy', async () => {
    expect(await following().look()).toEqual({ trust: Number.POSITIVE_INFINITY, leaves: Number.POSITIVE_INFINITY });
  });
});
