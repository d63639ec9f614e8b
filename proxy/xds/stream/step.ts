import { resourceTypes } from '../resource';
import { nextResponse } from './order';
import { markAll, receiveDelta, receiveState } from './requests';
import { type Action, type Event, type StreamState, wants } from './state';
import { rewarm } from './versions';

/**
 * xDS as a machine without sockets: an event changes what is known of a stream and asks for actions. Both variants of the protocol
 * differ in what a request says and a response holds, and in nothing else.
 * https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol
 */
export function step(state: StreamState, event: Event): readonly Action[] {
  switch (event.kind) {
    case 'delta':
      return receiveDelta(state, event.request);
    case 'stateOfTheWorld':
      return receiveState(state, event.request);
    case 'changed':
      markChanged(state, event.changes);
      return [];
    case 'ready': {
      const response = nextResponse(state);
      return response ? [{ kind: 'send', response }] : [];
    }
  }
}

function markChanged(state: StreamState, changes: ReadonlyMap<string, ReadonlySet<string> | 'all'>): void {
  for (const [typeUrl, names] of changes) {
    const type = state.types.get(typeUrl);
    if (!type) continue;
    if (names === 'all') markAll(state, type);
    else for (const name of names) if (wants(type, name)) type.stale.add(name);
    if (typeUrl === resourceTypes.cluster) rewarm(state, type.acknowledged.keys());
  }
}
