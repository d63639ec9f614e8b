import { type Resource, type ResourceMap, resourceTypes } from '../resource';
import { type StreamState, type TypeState, wants } from './state';
import { wireVersion } from './versions';

/** What is to be done about a name that may have changed. */
export type Verdict =
  | { readonly kind: 'nothing' }
  /** Its turn comes. */
  | { readonly kind: 'later' }
  | { readonly kind: 'send'; readonly resource: Resource; readonly version: string }
  | { readonly kind: 'remove' };

/** What may be sent now. */
export interface Turn {
  /** Resources of which the client keeps what it has been told to have until it is told otherwise. */
  readonly removals: boolean;
  /** Resources that come after everything else. */
  readonly last: boolean;
}

export function verdictOn(
  state: StreamState,
  type: TypeState,
  resources: ResourceMap,
  name: string,
  turn: Turn,
): Verdict {
  if (!wants(type, name)) return nothing;
  const resource = resources.get(name);
  const forced = type.forced.has(name);
  if (!resource) return verdictOnAbsent(type, name, forced, turn);
  const version = wireVersion(state, resource);
  const known = type.acknowledged.get(name) === version || type.refused.get(name)?.version === version;
  if (known && !forced) return nothing;
  return resource.after && !turn.last ? later : { kind: 'send', resource, version };
}

function verdictOnAbsent(type: TypeState, name: string, forced: boolean, turn: Turn): Verdict {
  const has = type.acknowledged.has(name) || type.uncertain.has(name);
  if (has && isRemoved(type)) return turn.removals ? remove : later;
  if (forced) return remove;
  return has || type.absent.has(name) || !type.names.has(name) ? nothing : remove;
}

/**
 * A cluster or a listener is there until it is removed. The rest is there for as long as something refers to it: who has it drops
 * it himself, and a listener that drains for minutes needs until then what it refers to. Envoy refuses to lose a route configuration
 * and answers with errors when it loses a filter.
 */
function isRemoved(type: TypeState): boolean {
  return type.typeUrl === resourceTypes.cluster || type.typeUrl === resourceTypes.listener;
}

const nothing: Verdict = { kind: 'nothing' };
const later: Verdict = { kind: 'later' };
const remove: Verdict = { kind: 'remove' };
