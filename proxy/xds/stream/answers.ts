import type { Delivery } from '../client';
import { resourceTypes } from '../resource';
import { type Action, type InFlight, type StreamState, type TypeState, wants } from './state';
import { contentVersions, rewarm } from './versions';

/** Takes the answer of a client to the response that waits for one; what answers another or none is no answer. */
export function takeAnswer(
  state: StreamState,
  type: TypeState,
  nonce: string,
  error: string | undefined,
): readonly Action[] {
  const sent = type.inFlight;
  if (!sent || sent.nonce !== nonce) return [];
  type.inFlight = undefined;
  if (error === undefined) acknowledge(type, sent);
  else refuse(type, sent, error);
  if (type.typeUrl === resourceTypes.cluster) rewarm(state, sent.resources.keys());

  const delivery = deliveryOf(type.typeUrl, sent);
  return error === undefined
    ? [{ kind: 'report', report: { kind: 'acknowledged', ...delivery } }]
    : [{ kind: 'report', report: { kind: 'refused', reason: error, ...delivery } }];
}

/** What others are told of a response. */
export function deliveryOf(typeUrl: string, { nonce, resources, removed }: InFlight): Delivery {
  return { typeUrl, nonce, resources: contentVersions(typeUrl, resources), removed };
}

function acknowledge(type: TypeState, sent: InFlight): void {
  if (sent.complete) {
    type.acknowledged.clear();
    type.uncertain.clear();
    type.absent.clear();
    type.held = sent.complete;
    for (const name of type.names) if (!sent.resources.has(name)) type.absent.add(name);
  }
  for (const [name, version] of sent.resources) {
    type.refused.delete(name);
    type.uncertain.delete(name);
    if (!wants(type, name)) continue;
    type.acknowledged.set(name, version);
    type.absent.delete(name);
  }
  forget(type, sent.removed);
}

/**
 * Of several resources it is not known which one is refused, and Envoy may have taken the ones before it and not the ones behind:
 * they are sent again in two halves, and so on, until the cause is alone. A response that must hold everything cannot be halved. But
 * of such types clients take what is good, so it is enough to send them no more of it until something else changes.
 */
function refuse(type: TypeState, sent: InFlight, reason: string): void {
  const names = [...sent.resources.keys()];
  if (sent.complete) type.held = sent.complete;
  const isAlone = names.length <= 1;
  for (const name of names) {
    if (isAlone) type.uncertain.delete(name);
    else if (wants(type, name)) type.uncertain.add(name);
  }
  if (!sent.complete && !isAlone) {
    for (const name of names) if (wants(type, name)) type.stale.add(name);
    const middle = Math.ceil(names.length / 2);
    type.suspects.unshift(names.slice(0, middle), names.slice(middle));
  } else {
    for (const [name, version] of sent.resources) {
      if (wants(type, name) && type.acknowledged.get(name) !== version) type.refused.set(name, { version, reason });
    }
  }
  // What is removed is removed whatever else was in the response.
  forget(type, sent.removed);
}

function forget(type: TypeState, removed: readonly string[]): void {
  for (const name of removed) {
    type.acknowledged.delete(name);
    type.uncertain.delete(name);
    if (type.names.has(name)) type.absent.add(name);
  }
}
