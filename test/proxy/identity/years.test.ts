import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../support/clock';
import { SimulatedMesh } from './simulated-mesh';
import { day, hour, minute, trustDomain, year } from './support';

/** Years of a mesh, with all that goes wrong in them. */

/** Numbers between 0 and 1 that follow from a seed: mulberry32. */
function chanceOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const rotations = (stages: readonly string[]) => stages.filter((stage) => stage === 'renewing').length;

describe('a mesh', () => {
  it('of which nothing breaks runs for ten years over the turn to 2050, and its root is replaced in time', async () => {
    const clock = new VirtualClock('2041-03-01T00:00:00Z');
    const settings = { trustDomain, leafLifetime: 20 * day, rootLifetime: year };
    const mesh = new SimulatedMesh({ clock, chance: chanceOf(1), settings, proxies: 3, look: hour });
    mesh.start();
    await clock.advance(10 * year);
    expect(mesh.problems).toEqual([]);
    // One in two thirds of a year.
    expect(rotations(mesh.stages)).toBe(15);
    expect(new Set(mesh.stages.map((stage, index) => `${mesh.stages[index - 1] ?? ''} ${stage}`))).toEqual(
      new Set([' steady', 'steady introducing', 'introducing renewing', 'renewing steady']),
    );
    expect(mesh.root?.issuerGeneration).toBe(16);
    expect(mesh.root?.trustGeneration).toBe(31);
    // At half of each life or a little before: at most ten in four lives, and one more for each rotation.
    expect(mesh.issued).toBeGreaterThan((3 * 3_650) / 10);
    expect(mesh.issued).toBeLessThan((3 * 3_650) / 8 + 3 * 16);
  });

  it('whose certificates live for a day runs for a year', async () => {
    const clock = new VirtualClock('2026-11-25T12:00:00Z');
    const settings = { trustDomain, leafLifetime: day, rootLifetime: 100 * day };
    const mesh = new SimulatedMesh({ clock, chance: chanceOf(2), settings, proxies: 1, look: 10 * minute });
    mesh.start();
    await clock.advance(year);
    expect(mesh.problems).toEqual([]);
    expect(rotations(mesh.stages)).toBe(5);
  });

  it('of which everything breaks at times serves on, in every stage of a rotation', async () => {
    const seen = new Set<string>();
    for (const seed of [1, 2, 3]) {
      const mesh = await troubled(seed, (what) => seen.add(what));
      expect(mesh.problems, `seed ${seed}`).toEqual([]);
      expect(mesh.root?.stage).toBe('steady');
      expect(rotations(mesh.stages)).toBeGreaterThan(3);
    }
    for (const stage of ['steady', 'introducing', 'renewing']) {
      expect(seen).toContain(`crash in ${stage}`);
      expect(seen).toContain(`cut off in ${stage}`);
    }
  });
});

/** A month in which the control plane ends and starts, proxies hear nothing, and roots are replaced all the time. */
async function troubled(seed: number, saw: (what: string) => void): Promise<SimulatedMesh> {
  const chance = chanceOf(seed);
  const clock = new VirtualClock('2049-12-15T00:00:00Z');
  const settings = { trustDomain, leafLifetime: 12 * hour, rootLifetime: 20 * day };
  const mesh = new SimulatedMesh({ clock, chance, settings, proxies: 4, look: 20 * minute });
  mesh.start();
  for (const end = clock.now() + 30 * day; clock.now() < end; ) {
    // Often in the midst of a stage, which lasts minutes where all goes well.
    await clock.advance(chance() < 0.5 ? chance() * 10 * minute : chance() * 2 * day);
    const what = chance();
    if (what < 0.35) {
      saw(`crash in ${mesh.root?.stage}`);
      mesh.crash();
      await clock.advance(chance() < 0.7 ? chance() * 2 * minute : chance() * 3 * hour);
      mesh.start();
    } else if (what < 0.6) {
      saw(`cut off in ${mesh.root?.stage}`);
      mesh.cutOff(Math.floor(chance() * 4), chance() < 0.5 ? chance() * hour : chance() * day);
    } else {
      mesh.root?.rotate();
    }
  }
  await clock.advance(3 * day);
  return mesh;
}
