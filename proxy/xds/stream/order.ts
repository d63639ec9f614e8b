import { resourceTypes } from '../resource';
import { compose } from './compose';
import type { Response, StreamState, TypeState } from './state';
import { isWarm } from './versions';

/**
 * Make before break. What others refer to comes before them; what nobody refers to any more goes when all have let go of it:
 *
 *     clusters, secrets, endpoints ──acknowledged──▶ listeners, routes, filters ──acknowledged──▶ clusters that are gone
 *                                                                             ──everything───▶ what comes after everything
 *
 * https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol#eventual-consistency-considerations
 */
const supplies: readonly string[] = [resourceTypes.cluster, resourceTypes.secret, resourceTypes.endpoints];

/** Listeners before the routes that they refer to. A new listener may take the address of one that goes, so it goes at once. */
const consumers: readonly string[] = [resourceTypes.listener, resourceTypes.route, resourceTypes.extension];

export function nextResponse(state: StreamState): Response | undefined {
  const supply = first(supplies, (typeUrl) => compose(state, state.types.get(typeUrl), updates));
  if (supply || !isSupplied(state)) return supply;
  const consumer = first(typesOfConsumers(state), (typeUrl) => compose(state, state.types.get(typeUrl), whole));
  if (consumer || !haveConsumersTaken(state)) return consumer;
  const removal = haveAllConsumersAsked(state)
    ? compose(state, state.types.get(resourceTypes.cluster), whole)
    : undefined;
  if (removal || !hasEverything(state)) return removal;
  return first(state.types.keys(), (typeUrl) => compose(state, state.types.get(typeUrl), last));
}

const updates = { removals: false, last: false };
const whole = { removals: true, last: false };
const last = { removals: true, last: true };

function first(typeUrls: Iterable<string>, make: (typeUrl: string) => Response | undefined): Response | undefined {
  for (const typeUrl of typeUrls) {
    const response = make(typeUrl);
    if (response) return response;
  }
  return undefined;
}

function typesOfConsumers(state: StreamState): string[] {
  const others = [...state.types.keys()].filter((typeUrl) => !supplies.includes(typeUrl));
  return [...consumers, ...others.filter((typeUrl) => !consumers.includes(typeUrl))];
}

/**
 * Clusters have come, and with them their endpoints and secrets. That endpoints change does not hold up anything, or a service
 * that always changes would hold up everything.
 */
function isSupplied(state: StreamState): boolean {
  if (state.types.get(resourceTypes.cluster)?.inFlight) return false;
  return [resourceTypes.secret, resourceTypes.endpoints].every((typeUrl) => isWarmed(state, state.types.get(typeUrl)));
}

function isWarmed(state: StreamState, type: TypeState | undefined): boolean {
  if (!type?.inFlight) return true;
  const resources = state.view.resources(type.typeUrl);
  const coming = [...type.inFlight.resources.keys(), ...type.stale];
  return coming.every((name) => !resources.has(name) || type.refused.has(name) || isWarm(state, type, name));
}

/** Who refuses routes still uses the ones before, and the clusters of those. */
function haveConsumersTaken(state: StreamState): boolean {
  return [...state.types.values()]
    .filter((type) => !supplies.includes(type.typeUrl))
    .every((type) => !type.inFlight && type.refused.size === 0);
}

/** Who connects anew asks for clusters first, and still has routes to those that are gone. */
function haveAllConsumersAsked(state: StreamState): boolean {
  return [...state.view.typeUrls]
    .filter((typeUrl) => !supplies.includes(typeUrl) && state.view.resources(typeUrl).size > 0)
    .every((typeUrl) => state.types.has(typeUrl));
}

/** Of all that the client is to have it has some version, or comes after everything itself. */
export function hasEverything(state: StreamState): boolean {
  for (const typeUrl of state.view.typeUrls) {
    const acknowledged = state.types.get(typeUrl)?.acknowledged;
    for (const [name, resource] of state.view.resources(typeUrl)) {
      if (!resource.after && !acknowledged?.has(name)) return false;
    }
  }
  return true;
}
