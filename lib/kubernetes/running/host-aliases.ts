import type { Upstream } from '../../model';
import type { HostAlias } from './pod-template';

/**
 * Entries of /etc/hosts that lead the names of a pod's upstreams to its sidecar, each name once. What the pod's author
 * says stays, and wins over ours; entries of an earlier run are replaced.
 */
export function hostAliases(existing: readonly HostAlias[], upstreams: readonly Upstream[]): readonly HostAlias[] {
  const given = existing.filter(({ ip }) => !isUpstreamAddress(ip));
  const taken = new Set(given.flatMap(({ hostnames }) => hostnames ?? []));
  const own = upstreams.flatMap(({ address, hostnames }): readonly HostAlias[] => {
    const free = hostnames.filter((name) => !taken.has(name));
    for (const name of free) taken.add(name);
    return free.length === 0 ? [] : [{ ip: address, hostnames: free }];
  });
  return [...given, ...own];
}

/** Addresses of upstreams are in 127.64.0.0/10. */
function isUpstreamAddress(ip: string): boolean {
  const [first, second] = ip.split('.').map(Number);
  return first === 127 && second !== undefined && second >= 64 && second < 128;
}
