import type { MeshProxy } from '../lib/envoy';
import { names } from '../lib/model';

/** What the control plane counts of its own work, since it started. */
export class Measurements {
  private readonly buckets = pushBuckets.map(() => 0);
  private count = 0;
  private sum = 0;
  private readonly rejectedBy = new Map<string, { readonly of: Owner; count: number }>();

  /** A change has reached a proxy: `seconds` from its being seen to its being acknowledged. */
  pushed(seconds: number): void {
    this.count++;
    this.sum += seconds;
    for (const [index, bound] of pushBuckets.entries()) {
      if (seconds <= bound) this.buckets[index] = (this.buckets[index] ?? 0) + 1;
    }
  }

  rejected(proxy: MeshProxy): void {
    const of = ownerOf(proxy);
    const key = `${of.namespace}/${of.service}`;
    const entry = this.rejectedBy.get(key) ?? { of, count: 0 };
    entry.count++;
    this.rejectedBy.set(key, entry);
  }

  /** Cumulative, as Prometheus has it. */
  get pushes(): {
    readonly buckets: readonly (readonly [number, number])[];
    readonly count: number;
    readonly sum: number;
  } {
    const { count, sum } = this;
    return { buckets: pushBuckets.map((bound, index) => [bound, this.buckets[index] ?? 0]), count, sum };
  }

  get rejections(): readonly { readonly of: Owner; readonly count: number }[] {
    return [...this.rejectedBy.values()];
  }
}

/** Whom a series of a proxy is of: labels `proxy_namespace` and `proxy_service`. */
export interface Owner {
  readonly namespace: string;
  readonly service: string;
}

/** The service or workload of a sidecar or of a client without one; of a proxy that stands by itself, the object that runs it. */
export function ownerOf(proxy: MeshProxy): Owner {
  if ('member' in proxy) return { namespace: proxy.member.namespace, service: proxy.member.name };
  return { namespace: proxy.namespace, service: names.proxyObject(proxy.kind, proxy.name) };
}

/** From a millisecond, which is what a change takes, to half a minute, which is what it must never. */
const pushBuckets: readonly number[] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
