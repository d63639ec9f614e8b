import { order } from '../../model';
import type { Peer } from './network-peers';

type Protocol = 'TCP' | 'UDP';

/**
 * The rules of one direction of a NetworkPolicy, gathered port by port and written peer by peer: ports that the same peers
 * may use share a rule, and what is said twice stands there once.
 */
export class RuleSet {
  private readonly ports = new Map<
    string,
    { readonly port: object; readonly peers: Map<string, Peer>; everyone: boolean }
  >();

  /**
   * @param peers undefined: everyone; an empty list: no one, and there is no rule
   * @param port undefined: every port of the protocol, or without a protocol every port
   */
  allow(peers: readonly Peer[] | undefined, protocol?: Protocol, port?: number, endPort?: number): void {
    if (peers?.length === 0) return;
    const key = protocol === undefined ? '' : `${protocol} ${String(port ?? 0).padStart(5, '0')} ${endPort ?? ''}`;
    const value = {
      ...(port === undefined ? {} : { port }),
      ...(endPort === undefined ? {} : { endPort }),
      ...(protocol === undefined ? {} : { protocol }),
    };
    const entry = this.ports.get(key) ?? { port: value, peers: new Map<string, Peer>(), everyone: false };
    this.ports.set(key, entry);
    if (peers === undefined) entry.everyone = true;
    for (const peer of peers ?? []) entry.peers.set(keyOf(peer), peer);
  }

  rules(direction: 'from' | 'to'): readonly object[] {
    const groups = new Map<string, { readonly peers: readonly Peer[]; readonly ports: object[] }>();
    for (const [, entry] of [...this.ports].sort(([a], [b]) => order(a, b))) {
      const sorted = entry.everyone ? [] : [...entry.peers].sort(([a], [b]) => order(a, b));
      const peers = sorted.map(([, peer]) => peer);
      const key = sorted.map(([text]) => text).join(' ');
      const group = groups.get(key) ?? { peers, ports: [] };
      group.ports.push(entry.port);
      groups.set(key, group);
    }
    return [...groups.values()].map(({ peers, ports }) => ({
      ...(peers.length > 0 ? { [direction]: peers } : {}),
      ...(ports.some((port) => Object.keys(port).length === 0) ? {} : { ports }),
    }));
  }
}

const keys = new WeakMap<Peer, string>();

/** Most peers stand in many rules; each is written as text once. */
export function keyOf(peer: Peer): string {
  let key = keys.get(peer);
  if (key === undefined) {
    key = JSON.stringify(peer);
    keys.set(peer, key);
  }
  return key;
}
