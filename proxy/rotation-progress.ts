import { secretName } from '../lib/envoy';
import type { Clock, Timer } from './clock';
import type { Progress } from './identity';
import { resourceTypes, type StreamStatus } from './xds';

export interface RotationProgressOptions {
  readonly clock: Clock;
  /** Which generation of the root a version of a secret is of; undefined for one that is not known. */
  readonly generationOf: (pod: string, secret: string, version: string) => number | undefined;
  readonly streams: () => readonly Pick<StreamStatus, 'key' | 'types'>[];
  /** Every pod that has a proxy, connected or not. */
  readonly expected: () => ReadonlyMap<string, unknown>;
  readonly tell: (progress: Progress) => void;
}

/**
 * How far the proxies have followed the root of trust: the oldest bundle and the oldest certificate that one of them has. One that has lost
 * its stream goes on serving with what it has, so it counts for as long as its pod is there.
 */
export class RotationProgress {
  private readonly held = new Map<string, Generations>();
  private timer: Timer | undefined;
  private told: Progress | undefined;

  constructor(private readonly options: RotationProgressOptions) {}

  /** Something may have changed: looked at soon, and once for all that changes until then. */
  look(): void {
    this.timer ??= this.options.clock.schedule(soon, () => {
      this.timer = undefined;
      this.compute();
    });
  }

  close(): void {
    this.timer?.cancel();
  }

  private compute(): void {
    const { streams, expected, tell } = this.options;
    const pods = expected();
    for (const pod of this.held.keys()) if (!pods.has(pod)) this.held.delete(pod);
    for (const { key, types } of streams()) {
      const acknowledged = types.find(({ typeUrl }) => typeUrl === resourceTypes.secret)?.acknowledged;
      if (acknowledged) this.held.set(key, this.generationsOf(key, acknowledged));
    }
    const all = [...this.held.values()];
    const progress = { trust: lowest(all.map(({ trust }) => trust)), leaves: lowest(all.map(({ leaf }) => leaf)) };
    if (progress.trust === this.told?.trust && progress.leaves === this.told.leaves) return;
    this.told = progress;
    tell(progress);
  }

  /** A version that nobody here has made is one of before. */
  private generationsOf(pod: string, acknowledged: ReadonlyMap<string, string>): Generations {
    const of = (kind: 'trust' | 'identity') => {
      const name = secretName({ kind });
      const version = acknowledged.get(name);
      return version === undefined ? undefined : (this.options.generationOf(pod, name, version) ?? 0);
    };
    return { trust: of('trust'), leaf: of('identity') };
  }
}

/** Absent: it has none. */
interface Generations {
  readonly trust: number | undefined;
  readonly leaf: number | undefined;
}

function lowest(all: readonly (number | undefined)[]): number {
  return Math.min(...all.filter((one) => one !== undefined));
}

/** A rotation takes minutes at least. */
const soon = 1_000;
