import { isDeepStrictEqual } from 'node:util';
import type { Rollout, Surroundings } from '../../lib/envoy';
import { Ref } from '../../lib/model';
import type { State } from '../sources/source';

/** Surroundings that remember what was asked of them, so that a change of the rest concerns nobody. */
export interface Reading {
  readonly surroundings: Surroundings;
  /** Whether all that was read is what it was. */
  holdsIn(state: State): boolean;
}

export function reading(state: State): Reading {
  const read: { readonly value: unknown; readonly of: (state: State) => unknown }[] = [];
  const answer = <Value>(of: (state: State) => Value): Value => {
    const value = of(state);
    read.push({ value, of });
    return value;
  };
  return {
    surroundings: {
      serviceAddresses: (service) => answer(({ serviceAddresses }) => serviceAddresses.get(Ref.key(service)) ?? none),
      podAddresses: (namespace) => answer(({ podAddresses }) => podAddresses.get(namespace) ?? none),
      rollout: (canary) => answer(({ rollouts }): Rollout | undefined => rollouts.get(Ref.key(canary))),
    },
    holdsIn: (newer) => read.every(({ value, of }) => isDeepStrictEqual(of(newer), value)),
  };
}

const none: readonly string[] = [];
