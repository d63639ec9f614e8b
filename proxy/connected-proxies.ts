import type { ConnectedProxy } from './connected-proxy';

/** The proxies that have a stream now, and those of them that are still to be told something. */
export class ConnectedProxies {
  private readonly byPod = new Map<string, Set<ConnectedProxy>>();
  private readonly noted = new Set<ConnectedProxy>();

  add(proxy: ConnectedProxy): void {
    const group = this.byPod.get(proxy.key);
    if (group) group.add(proxy);
    else this.byPod.set(proxy.key, new Set([proxy]));
  }

  remove(proxy: ConnectedProxy): void {
    this.noted.delete(proxy);
    const group = this.byPod.get(proxy.key);
    group?.delete(proxy);
    if (group?.size === 0) this.byPod.delete(proxy.key);
  }

  *all(): Iterable<ConnectedProxy> {
    for (const group of this.byPod.values()) yield* group;
  }

  /** Of one pod: two while it connects anew and its old connection has not ended yet, the newest last. */
  of(pod: string): readonly ConnectedProxy[] {
    return [...(this.byPod.get(pod) ?? [])];
  }

  /** How many pods have a stream. */
  get size(): number {
    return this.byPod.size;
  }

  note(proxy: ConnectedProxy, ...change: Parameters<ConnectedProxy['note']>): void {
    proxy.note(...change);
    this.noted.add(proxy);
  }

  /** Tells each all that was noted for it. */
  tell(): void {
    const all = [...this.noted];
    this.noted.clear();
    for (const proxy of all) proxy.tell();
  }
}
