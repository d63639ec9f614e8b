import type { DeltaRequest, StateRequest } from '../messages';
import { resourceTypes } from '../resource';
import { takeAnswer } from './answers';
import { type Action, newType, type StreamState, type TypeState, wants } from './state';
import { rewarm, stateVersion, targetVersions } from './versions';

/** All that there are. https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol#how-the-client-specifies-what-resources-to-return */
const everything = '*';

/** Types of which a client that names nothing gets everything. */
const namelessIsEverything: ReadonlySet<string> = new Set([resourceTypes.cluster, resourceTypes.listener]);

/** Types that one stream may ask for: Envoy knows about a dozen. */
const mostTypes = 32;

export function receiveDelta(state: StreamState, request: DeltaRequest): readonly Action[] {
  const known = state.types.get(request.typeUrl);
  if (known) {
    const answered = takeAnswer(state, known, request.nonce, request.error);
    return [...answered, ...resubscribe(state, known, request)];
  }
  if (request.initialVersions.size > state.limits.names) return [tooManyNames(state)];
  const type = addType(state, request.typeUrl);
  subscribeFirst(type, request.subscribe, request.unsubscribe.length === 0);
  for (const [name, version] of request.initialVersions) {
    if (wants(type, name)) type.acknowledged.set(name, version);
  }
  markAll(state, type);
  type.owed = type.wildcard && type.acknowledged.size === 0;
  if (type.typeUrl === resourceTypes.cluster) rewarm(state, type.acknowledged.keys());
  return subscribed(state, type);
}

export function receiveState(state: StreamState, request: StateRequest): readonly Action[] {
  const known = state.types.get(request.typeUrl);
  if (known) {
    // One that answers an older response was sent before the newer one was seen, and is no answer to that; its names count.
    const answered = takeAnswer(state, known, request.nonce, request.error);
    return [...answered, ...replaceNames(state, known, request.names)];
  }
  const type = addType(state, request.typeUrl);
  subscribeFirst(type, request.names, true);
  const target = targetVersions(state, type);
  // Who names resources may have dropped them when the stream before ended, and still says which version he has had: gRPC does.
  if (type.wildcard && request.version !== '' && request.version === stateVersion(target)) {
    for (const [name, version] of target) type.acknowledged.set(name, version);
    type.held = new Map([...state.view.resources(type.typeUrl)].filter(([name]) => target.has(name)));
  } else {
    markAll(state, type);
    type.owed = type.wildcard;
  }
  if (type.typeUrl === resourceTypes.cluster) rewarm(state, type.acknowledged.keys());
  return subscribed(state, type);
}

function addType(state: StreamState, typeUrl: string): TypeState {
  const type = newType(typeUrl);
  state.types.set(typeUrl, type);
  return type;
}

function subscribeFirst(type: TypeState, names: readonly string[], nothingElse: boolean): void {
  type.named = names.length > 0;
  type.names = new Set(names);
  const nameless = !type.named && nothingElse && namelessIsEverything.has(type.typeUrl);
  type.wildcard = type.names.delete(everything) || nameless;
}

function resubscribe(state: StreamState, type: TypeState, request: DeltaRequest): readonly Action[] {
  for (const name of request.unsubscribe) {
    if (name === everything) type.wildcard = false;
    else unsubscribe(type, name);
  }
  if (request.unsubscribe.includes(everything)) forgetUnwanted(type);
  for (const name of request.subscribe) {
    if (name === everything) subscribeToAll(state, type);
    else {
      type.names.add(name);
      // It may have dropped what it asks for again, whatever it has had.
      force(type, name);
    }
  }
  if (request.subscribe.length > 0) type.named = true;
  return request.subscribe.length + request.unsubscribe.length > 0 ? subscribed(state, type) : [];
}

/** Who had everything without naming anything goes on having it; who asks again gets it again. */
function subscribeToAll(state: StreamState, type: TypeState): void {
  const goesOn = type.wildcard && !type.named;
  type.owed ||= !goesOn;
  type.wildcard = true;
  markAll(state, type);
  if (!goesOn) for (const name of type.stale) type.forced.add(name);
}

function unsubscribe(type: TypeState, name: string): void {
  if (!type.names.delete(name)) return;
  // The client cannot know whether it is among those that it has without naming them.
  if (type.wildcard) force(type, name);
  else forget(type, name);
}

function replaceNames(state: StreamState, type: TypeState, names: readonly string[]): readonly Action[] {
  if (names.length === 0 && !type.named) return [];
  type.named = true;
  const next = new Set(names);
  const wildcard = next.delete(everything);
  const before = type.names;
  if (wildcard === type.wildcard && next.size === before.size && [...next].every((name) => before.has(name))) return [];

  if (wildcard && !type.wildcard) type.owed = true;
  type.wildcard = wildcard;
  type.names = next;
  forgetUnwanted(type);
  for (const name of next) if (!before.has(name)) force(type, name);
  if (type.owed) markAll(state, type);
  return subscribed(state, type);
}

function force(type: TypeState, name: string): void {
  type.absent.delete(name);
  type.forced.add(name);
  type.stale.add(name);
}

function forgetUnwanted(type: TypeState): void {
  const known = [type.acknowledged, type.uncertain, type.stale, type.forced, type.refused].flatMap((names) => [
    ...names.keys(),
  ]);
  for (const name of known) if (!wants(type, name)) forget(type, name);
}

function forget(type: TypeState, name: string): void {
  type.acknowledged.delete(name);
  type.uncertain.delete(name);
  type.absent.delete(name);
  type.stale.delete(name);
  type.forced.delete(name);
  type.refused.delete(name);
}

/** Everything may differ. */
export function markAll(state: StreamState, type: TypeState): void {
  for (const names of [
    type.names,
    state.view.resources(type.typeUrl).keys(),
    type.acknowledged.keys(),
    type.uncertain,
  ]) {
    for (const name of names) if (wants(type, name)) type.stale.add(name);
  }
}

function subscribed(state: StreamState, type: TypeState): readonly Action[] {
  if (state.types.size > mostTypes) return [{ kind: 'end', reason: `asks for more than ${mostTypes} types` }];
  const names = [...state.types.values()].reduce((sum, each) => sum + each.names.size, 0);
  if (names > state.limits.names) return [tooManyNames(state)];
  return [
    {
      kind: 'report',
      report: { kind: 'subscribed', typeUrl: type.typeUrl, names: type.wildcard ? 'all' : type.names },
    },
  ];
}

function tooManyNames(state: StreamState): Action {
  return { kind: 'end', reason: `names more than ${state.limits.names} resources` };
}
