import { createHash } from 'node:crypto';
import { type Resource, resourceTypes } from '../resource';
import { type StreamState, type TypeState, wants } from './state';

/**
 * The version under which a client gets a resource. Of endpoints it names the clusters that ask for them too, as the client has
 * them: Envoy warms a cluster that was changed until it gets its endpoints again, the same or not. So whoever has a new version of
 * the cluster has an old version of its endpoints, also when the connection broke in between.
 * https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol#resource-warming
 */
export function wireVersion(state: StreamState, resource: Resource): string {
  if (resource.typeUrl !== resourceTypes.endpoints) return resource.version;
  return [resource.version, ...clusterVersions(state, resource.name)].join(separator);
}

const separator = '~';

/** Versions as {@link Resource.version} has them. */
export function contentVersions(typeUrl: string, versions: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  if (typeUrl !== resourceTypes.endpoints) return versions;
  return new Map([...versions].map(([name, version]) => [name, version.split(separator)[0] ?? version]));
}

function clusterVersions(state: StreamState, endpoints: string): string[] {
  const clusters = state.types.get(resourceTypes.cluster);
  return [...(state.awaiting.get(endpoints) ?? [])]
    .flatMap((name) => clusters?.inFlight?.resources.get(name) ?? clusters?.acknowledged.get(name) ?? [])
    .sort();
}

/** Whether the client has endpoints of this name for the clusters as they are now, be the endpoints current or not. */
export function isWarm(state: StreamState, type: TypeState, name: string): boolean {
  const has = type.acknowledged.get(name);
  if (has === undefined) return false;
  if (type.typeUrl !== resourceTypes.endpoints) return true;
  return has.split(separator).slice(1).join() === clusterVersions(state, name).join();
}

/** A new version of a cluster, or that it is back at an old one, makes its endpoints stale. */
export function rewarm(state: StreamState, clusterNames: Iterable<string>): void {
  const endpoints = state.types.get(resourceTypes.endpoints);
  const clusters = state.view.resources(resourceTypes.cluster);
  for (const name of clusterNames) {
    const awaits = clusters.get(name)?.awaits;
    if (awaits === undefined) continue;
    const awaiting = state.awaiting.get(awaits);
    if (awaiting) awaiting.add(name);
    else state.awaiting.set(awaits, new Set([name]));
    if (endpoints && wants(endpoints, awaits)) endpoints.stale.add(awaits);
  }
}

/** One version for all that a client has of a type. */
export function stateVersion(versions: ReadonlyMap<string, string>): string {
  const sorted = [...versions].sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(sorted)).digest('base64url').slice(0, 16);
}

/** What a client is to have of a type in the end. */
export function targetVersions(state: StreamState, type: TypeState): Map<string, string> {
  const resources = [...state.view.resources(type.typeUrl).values()].filter(({ name }) => wants(type, name));
  return new Map(resources.map((resource) => [resource.name, wireVersion(state, resource)]));
}
