import type { VersionedResource } from '../messages';
import { type Resource, type ResourceMap, resourceTypes } from '../resource';
import { type InFlight, type Response, type StreamState, type TypeState, wants } from './state';
import { type Turn, verdictOn } from './verdict';
import { rewarm, stateVersion, wireVersion } from './versions';

/** The next response of a type, if there is something to say and the last one is answered. */
export function compose(state: StreamState, type: TypeState | undefined, turn: Turn): Response | undefined {
  if (!type || type.inFlight) return undefined;
  const content = isComplete(state, type) ? everything(state, type, turn) : someOfIt(state, type, turn);
  return content && send(state, type, content);
}

/** Responses of these types hold everything in state-of-the-world xDS: what is missing is removed. */
function isComplete(state: StreamState, type: TypeState): boolean {
  if (state.protocol === 'delta') return false;
  return type.typeUrl === resourceTypes.cluster || type.typeUrl === resourceTypes.listener;
}

type Content = Omit<InFlight, 'nonce' | 'resources'> & { readonly versioned: readonly VersionedResource[] };

function someOfIt(state: StreamState, type: TypeState, turn: Turn): Content | undefined {
  for (let group = type.suspects.shift(); group; group = type.suspects.shift()) {
    const content = differences(state, type, group, turn);
    if (content) return content;
  }
  return differences(state, type, type.stale, turn) ?? (type.owed ? { versioned: [], removed: [] } : undefined);
}

/** What of these names is new to the client, as much as fits into one response. */
function differences(state: StreamState, type: TypeState, names: Iterable<string>, turn: Turn): Content | undefined {
  const resources = state.view.resources(type.typeUrl);
  const versioned: VersionedResource[] = [];
  const removed: string[] = [];
  let bytes = 0;
  for (const name of names) {
    const verdict = verdictOn(state, type, resources, name, turn);
    if (verdict.kind === 'later') continue;
    if (verdict.kind === 'send') {
      bytes += verdict.resource.bytes.length;
      if (bytes > state.limits.responseBytes && versioned.length > 0) break;
      versioned.push(verdict);
    } else if (verdict.kind === 'remove') removed.push(name);
    settle(state, type, resources, name);
  }
  // That something does not exist cannot be said in state-of-the-world xDS.
  const told = state.protocol === 'delta' ? removed : [];
  return versioned.length + told.length > 0 ? { versioned, removed: told } : undefined;
}

function settle(state: StreamState, type: TypeState, resources: ResourceMap, name: string): void {
  type.stale.delete(name);
  type.forced.delete(name);
  const resource = resources.get(name);
  const isStillRefused = resource && type.refused.get(name)?.version === wireVersion(state, resource);
  if (!isStillRefused) type.refused.delete(name);
}

function everything(state: StreamState, type: TypeState, turn: Turn): Content | undefined {
  const resources = state.view.resources(type.typeUrl);
  let tells = type.owed;
  for (const name of type.stale) {
    const { kind } = verdictOn(state, type, resources, name, turn);
    if (kind === 'later') continue;
    if (kind !== 'nothing') tells = true;
    settle(state, type, resources, name);
  }
  if (!tells) return undefined;

  const complete = new Map<string, Resource>();
  for (const [name, resource] of resources) {
    if (!wants(type, name)) continue;
    if (!resource.after || type.held.has(name) || turn.last) complete.set(name, resource);
  }
  if (!turn.removals) {
    for (const [name, held] of type.held) if (wants(type, name) && !resources.has(name)) complete.set(name, held);
  }
  const versioned = [...complete.values()].map((resource) => ({ resource, version: wireVersion(state, resource) }));
  const removed = [...type.held.keys()].filter((name) => !complete.has(name));
  return { versioned, removed, complete };
}

function send(state: StreamState, type: TypeState, content: Content): Response {
  const { versioned, removed, complete } = content;
  const nonce = String(++state.nonce);
  const resources = new Map(versioned.map(({ resource, version }) => [resource.name, version]));
  type.inFlight = { nonce, resources, removed, ...(complete === undefined ? {} : { complete }) };
  type.owed = false;
  if (type.typeUrl === resourceTypes.cluster) rewarm(state, resources.keys());
  return { typeUrl: type.typeUrl, nonce, version: versionAfter(state, type, resources), resources: versioned, removed };
}

function versionAfter(state: StreamState, type: TypeState, sent: ReadonlyMap<string, string>): string {
  if (state.protocol === 'delta') return '';
  return stateVersion(isComplete(state, type) ? sent : new Map([...type.acknowledged, ...sent]));
}
