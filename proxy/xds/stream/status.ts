import type { TypeStatus } from '../client';
import { deliveryOf } from './answers';
import { hasEverything } from './order';
import type { StreamState, TypeState } from './state';
import { contentVersions } from './versions';

/** How far a client is with each type. */
export function typeStatuses(state: StreamState): TypeStatus[] {
  return [...state.types.values()].map(typeStatus);
}

function typeStatus(type: TypeState): TypeStatus {
  const { typeUrl, inFlight } = type;
  return {
    typeUrl,
    subscribed: type.wildcard ? 'all' : type.names,
    acknowledged: contentVersions(typeUrl, type.acknowledged),
    ...(inFlight === undefined ? {} : { inFlight: deliveryOf(typeUrl, inFlight) }),
    refused: type.refused,
  };
}

/** The client has all that it is to have, in the newest version. */
export function isSettled(state: StreamState): boolean {
  const types = [...state.types.values()];
  return types.every((type) => !type.inFlight && type.stale.size + type.refused.size === 0) && hasEverything(state);
}
