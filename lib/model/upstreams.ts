import type { Edge } from './edge';
import { Late } from './late';
import { lookup } from './lookup';
import type { Model } from './model';
import { hostnames, upstreamAddresses } from './names';
import { type Identity, order, Ref } from './ref';
import type { ExternalService, Service } from './service';

/** What the sidecar of one client stands in for: a loopback address of that client's, and the names that lead there. */
export interface Upstream {
  readonly target: UpstreamTarget;
  readonly address: string;
  /** Shortest first. Empty where names cannot lead anywhere: a wildcard, or a host that is an address itself. */
  readonly hostnames: readonly string[];
  /** The calls that are served at the address, each on a port of its own. */
  readonly edges: readonly Edge[];
}

export type UpstreamTarget =
  | { readonly kind: 'service'; readonly service: Service }
  /** One pod of a StatefulSet, called by its name: `database-0`. */
  | { readonly kind: 'instance'; readonly service: Service; readonly instance: string }
  /** A host outside. Several ports of one host are several external services and one upstream. */
  | { readonly kind: 'host'; readonly host: string; readonly externalServices: readonly ExternalService[] };

/**
 * The upstreams of a client. Pods (`hostAliases`), the configuration of their sidecars and analysis all take addresses and
 * names from here, so that they cannot disagree. Edges to what the model does not hold have none.
 */
export function upstreamsOf(model: Model, client: Identity): readonly Upstream[] {
  const found = new Map<string, Omit<Upstream, 'address'> & { readonly ref: Ref }>();
  const add = (ref: Ref, target: UpstreamTarget, names: readonly string[], edge: Edge) => {
    const edges = [...(found.get(Ref.key(ref))?.edges ?? []), edge];
    found.set(Ref.key(ref), { ref, target, hostnames: names, edges });
  };
  const find = lookup(model);
  const named = (ref: Ref) => hostnames(ref, client.namespace, model.mesh.clusterDomain);
  const hosts = new Map<string, ExternalService[]>();
  for (const edge of find.edgesFrom(client)) {
    if (edge.to.kind === 'externalService') {
      const external = find.externalService(edge.to);
      if (!external) continue;
      const sharing = hosts.get(external.host) ?? [];
      if (!sharing.includes(external)) sharing.push(external);
      hosts.set(external.host, sharing);
      const target: UpstreamTarget = { kind: 'host', host: external.host, externalServices: sharing };
      // No namespace: the host is the same thing whoever declares it, and cannot be mistaken for a service.
      add({ namespace: '', name: external.host }, target, isName(external.host) ? [external.host] : [], edge);
      continue;
    }
    const service = find.service(edge.to);
    if (!service) continue;
    const { namespace, name } = service;
    add({ namespace, name }, { kind: 'service', service }, named(service), edge);
    for (const instance of instancesOf(service)) {
      const ref = { namespace, name: `${instance}.${name}` };
      add(ref, { kind: 'instance', service, instance }, named(ref), edge);
    }
  }
  const addresses = upstreamAddresses([...found.values()].map(({ ref }) => ref));
  return [...found]
    .sort(([a], [b]) => order(a, b))
    .map(([key, { target, hostnames, edges }]) => ({ target, address: addresses.get(key) ?? '', hostnames, edges }));
}

/** Names of the pods of a StatefulSet that can be called by name: `database-0`. None where their number is not known yet. */
export function instancesOf(service: Service): readonly string[] {
  const { instances } = service;
  if (!instances || Late.is(instances.replicas)) return [];
  return Array.from({ length: instances.replicas }, (_, index) => `${instances.statefulSet}-${index}`);
}

/** True for what /etc/hosts can lead somewhere: no wildcard, no address. */
function isName(host: string): boolean {
  return !host.includes('*') && !host.includes(':') && !/^[0-9.]+$/.test(host);
}
