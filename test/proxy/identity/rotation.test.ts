import { describe, expect, it } from 'vitest';
import type { Issuer } from '../../../proxy/identity/issuer';
import {
  bundleOf,
  initially,
  type RootAction,
  type RootEvent,
  type RootSource,
  type RootState,
  rotationOf,
  type StoredRoot,
  step,
} from '../../../proxy/identity/rotation';
import { certificatesOf } from '../../../proxy/identity/x509/pem';
import { day, hour, minute, newRoot, second, year } from './support';

/** The decisions alone: what is to be done after each event, at each time. */

const start = Date.parse('2026-11-25T12:00:00Z');
const times = { settle: 5 * minute, leafLifetime: day };

/** Roots that are given differ from those that are made only by who keeps their keys. */
const given = (issuer: Issuer): Issuer => ({ ...issuer, origin: 'given' });
// The others are made late enough not to end together with the first.
const [oldRoot, newOne, third] = [newRoot(start), newRoot(start + 9 * year), newRoot(start + 9 * year)];

/** A state that events are said to, one after the other; what is to be saved is saved unless the test says otherwise. */
function machine(source: RootSource) {
  let state: RootState = initially(source);
  let last: readonly RootAction[] = [];
  const say = (event: RootEvent, now: number) => {
    [state, last] = step(state, event, now, times);
    return last;
  };
  return {
    say,
    /** With `made` and `saved` said as soon as they are asked for. */
    settled: (event: RootEvent, now: number, made: Issuer = newOne) => {
      let actions = say(event, now);
      for (let rounds = 0; rounds < 10; rounds++) {
        if (actions.some(({ kind }) => kind === 'make')) actions = say({ kind: 'made', issuer: made }, now);
        else if (actions.some(({ kind }) => kind === 'save')) actions = say({ kind: 'saved' }, now);
        else return;
      }
      throw new Error('it comes to no end');
    },
    holds: (): StoredRoot => {
      if (state.holds === undefined) throw new Error('nothing holds');
      return state.holds;
    },
    wakes: () => last.flatMap((action) => (action.kind === 'wake' ? [action.at] : [])),
  };
}

/** One that holds `oldRoot`, whose proxies have all followed. */
function steady(source: RootSource = { kind: 'made' }, root = oldRoot) {
  const it = machine(source);
  const stored: StoredRoot = { trustGeneration: 1, issuerGeneration: 1, stage: { kind: 'steady', issuing: root } };
  it.settled({ kind: 'started', stored, source }, start);
  it.say({ kind: 'progress', progress: { trust: 1, leaves: 1 } }, start);
  return it;
}

const summary = ({ trustGeneration, issuerGeneration, stage }: StoredRoot) => ({
  stage: stage.kind,
  trust: trustGeneration,
  issuer: issuerGeneration,
  signs: nameOf(stage.issuing),
  trusted: certificatesOf(bundleOf(stage)).length,
});
const nameOf = ({ certificateChain }: Issuer) =>
  [oldRoot, newOne, third].findIndex((root) => root.certificateChain === certificateChain);

describe('the first start', () => {
  it('makes a root, keeps it, and only then uses it', () => {
    const it = machine({ kind: 'made' });
    expect(it.say({ kind: 'started', source: { kind: 'made' } }, start)).toEqual([{ kind: 'make' }]);
    const root: StoredRoot = { trustGeneration: 1, issuerGeneration: 1, stage: { kind: 'steady', issuing: newOne } };
    expect(it.say({ kind: 'made', issuer: newOne }, start)).toEqual([{ kind: 'save', root }]);
    expect(it.holds).toThrow('nothing holds');
    expect(it.say({ kind: 'saved' }, start)).toEqual([
      { kind: 'publish', root },
      { kind: 'wake', at: rotationOf(newOne) },
    ]);
    expect(it.holds()).toEqual(root);
  });

  it('tries again with another root where one could not be kept', () => {
    const it = machine({ kind: 'made' });
    it.say({ kind: 'started', source: { kind: 'made' } }, start);
    it.say({ kind: 'made', issuer: newOne }, start);
    expect(it.say({ kind: 'failed' }, start)).toEqual([{ kind: 'wake', at: start + 5 * second }]);
    expect(it.say({ kind: 'progress', progress: { trust: 0, leaves: 1 } }, start + second)).toEqual([
      { kind: 'wake', at: start + 5 * second },
    ]);
    expect(it.say({ kind: 'time' }, start + 5 * second)).toEqual([{ kind: 'make' }]);
  });

  it('waits for one that is to be given, and makes none', () => {
    const source: RootSource = { kind: 'given' };
    const it = machine(source);
    expect(it.say({ kind: 'started', source }, start)).toEqual([]);
    expect(it.say({ kind: 'time' }, start + day)).toEqual([]);
    it.settled({ kind: 'source', source: { kind: 'given', issuer: given(oldRoot) } }, start + day);
    expect(summary(it.holds())).toEqual({ stage: 'steady', trust: 1, issuer: 1, signs: 0, trusted: 1 });
  });
});

describe('a rotation', () => {
  it('begins by itself when two thirds of the life of the root have passed, and takes one stage after the other', () => {
    const it = steady();
    const due = rotationOf(oldRoot);
    const { notBefore, notAfter } = { notBefore: start - hour, notAfter: start + 10 * year };
    expect(due).toBe(notBefore + ((notAfter - notBefore) * 2) / 3);
    expect(it.wakes()).toEqual([due]);
    it.settled({ kind: 'time' }, due - 1);
    expect(summary(it.holds())).toEqual({ stage: 'steady', trust: 1, issuer: 1, signs: 0, trusted: 1 });

    it.settled({ kind: 'time' }, due);
    expect(summary(it.holds())).toEqual({ stage: 'introducing', trust: 2, issuer: 1, signs: 0, trusted: 2 });
    it.settled({ kind: 'progress', progress: { trust: 2, leaves: 1 } }, due + second);
    it.settled({ kind: 'time' }, due + 5 * minute - 1);
    expect(summary(it.holds()).stage).toBe('introducing');

    const renewing = due + 5 * minute;
    it.settled({ kind: 'time' }, renewing);
    expect(summary(it.holds())).toEqual({ stage: 'renewing', trust: 2, issuer: 2, signs: 1, trusted: 2 });
    // Old leaves are still there.
    it.settled({ kind: 'time' }, renewing + hour);
    expect(summary(it.holds()).stage).toBe('renewing');
    it.settled({ kind: 'progress', progress: { trust: 2, leaves: 2 } }, renewing + hour);
    expect(summary(it.holds())).toEqual({ stage: 'steady', trust: 3, issuer: 2, signs: 1, trusted: 1 });
    expect(it.wakes()).toEqual([rotationOf(newOne)]);
  });

  it('begins by command, once', () => {
    const it = steady();
    it.settled({ kind: 'rotate' }, start + hour);
    expect(summary(it.holds()).stage).toBe('introducing');
    it.settled({ kind: 'rotate' }, start + hour);
    it.settled({ kind: 'progress', progress: { trust: 9, leaves: 9 } }, start + 2 * hour);
    it.settled({ kind: 'rotate' }, start + 2 * hour);
    it.settled({ kind: 'time' }, start + 3 * hour);
    expect(summary(it.holds())).toMatchObject({ stage: 'steady', signs: 1 });
    it.settled({ kind: 'time' }, start + day);
    expect(summary(it.holds())).toMatchObject({ stage: 'steady', signs: 1, issuer: 2 });
  });

  it('waits in each stage for the life of a leaf, where proxies do not follow, and no longer', () => {
    const it = steady();
    const begins = start + hour;
    it.settled({ kind: 'rotate' }, begins);
    it.settled({ kind: 'time' }, begins + day - 1);
    expect(summary(it.holds()).stage).toBe('introducing');
    it.settled({ kind: 'time' }, begins + day);
    expect(summary(it.holds()).stage).toBe('renewing');
    it.settled({ kind: 'time' }, begins + 2 * day - 1);
    expect(summary(it.holds()).stage).toBe('renewing');
    it.settled({ kind: 'time' }, begins + 2 * day);
    expect(summary(it.holds()).stage).toBe('steady');
  });

  it('does not wait for what has ended: what signs nothing is replaced at once', () => {
    const it = steady();
    const ended = start + 10 * year;
    it.settled({ kind: 'time' }, ended);
    expect(summary(it.holds())).toMatchObject({ stage: 'renewing', signs: 1, trusted: 2 });
  });

  it('goes on after a start where it was, but ends no stage before proxies have had time to come back', () => {
    const before = steady();
    before.settled({ kind: 'rotate' }, start + hour);
    const stored: StoredRoot = JSON.parse(JSON.stringify(before.holds()));

    const it = machine({ kind: 'made' });
    const again = start + 2 * hour;
    it.settled({ kind: 'started', stored, source: { kind: 'made' } }, again);
    it.settled({ kind: 'progress', progress: { trust: Infinity, leaves: Infinity } }, again);
    it.settled({ kind: 'time' }, again + 5 * minute - 1);
    expect(summary(it.holds()).stage).toBe('introducing');
    it.settled({ kind: 'time' }, again + 5 * minute);
    expect(summary(it.holds())).toEqual({ stage: 'renewing', trust: 2, issuer: 2, signs: 1, trusted: 2 });
  });

  it('believes nobody about progress before anybody has said something', () => {
    const before = steady();
    before.settled({ kind: 'rotate' }, start + hour);
    const it = machine({ kind: 'made' });
    it.settled({ kind: 'started', stored: before.holds(), source: { kind: 'made' } }, start + 2 * hour);
    it.settled({ kind: 'time' }, start + hour + day - 1);
    expect(summary(it.holds()).stage).toBe('introducing');
  });

  it('is not stopped for years by a clock that was wrong', () => {
    const stored = {
      ...steady().holds(),
      stage: { kind: 'introducing', issuing: oldRoot, next: newOne, since: start + 9 * year },
    } as const;
    const it = machine({ kind: 'made' });
    it.settled({ kind: 'started', stored, source: { kind: 'made' } }, start);
    expect(it.wakes()).toEqual([start + day]);
  });

  it('that was asked for is begun again where its root could not be kept', () => {
    const it = steady();
    it.say({ kind: 'rotate' }, start + hour);
    it.say({ kind: 'made', issuer: newOne }, start + hour);
    it.say({ kind: 'failed' }, start + hour);
    expect(it.say({ kind: 'time' }, start + hour + 5 * second)).toEqual([{ kind: 'make' }]);
  });

  it('makes no second root while one is made or kept', () => {
    const it = steady();
    expect(it.say({ kind: 'rotate' }, start + hour)).toEqual([{ kind: 'make' }]);
    expect(it.say({ kind: 'rotate' }, start + hour)).toEqual([]);
    expect(it.say({ kind: 'time' }, rotationOf(oldRoot))).toEqual([]);
    expect(it.say({ kind: 'made', issuer: newOne }, start + hour)).toMatchObject([{ kind: 'save' }]);
    expect(it.say({ kind: 'time' }, rotationOf(oldRoot))).toEqual([]);
    expect(it.say({ kind: 'saved' }, start + hour)).toMatchObject([{ kind: 'publish' }, { kind: 'wake' }]);
  });
});

describe('a root that is given', () => {
  const source = (issuer: Issuer): RootSource => ({ kind: 'given', issuer: given(issuer) });
  const stripped = (root: StoredRoot): StoredRoot =>
    JSON.parse(JSON.stringify(root, (key, value) => (key === 'privateKey' ? undefined : value)));

  it('is introduced before it signs', () => {
    const it = steady(source(oldRoot), given(oldRoot));
    it.settled({ kind: 'source', source: source(newOne) }, start + hour);
    expect(summary(it.holds())).toEqual({ stage: 'introducing', trust: 2, issuer: 1, signs: 0, trusted: 2 });
    it.settled({ kind: 'progress', progress: { trust: 2, leaves: 1 } }, start + 2 * hour);
    expect(summary(it.holds())).toEqual({ stage: 'renewing', trust: 2, issuer: 2, signs: 1, trusted: 2 });
    it.settled({ kind: 'progress', progress: { trust: 2, leaves: 2 } }, start + 3 * hour);
    expect(summary(it.holds())).toEqual({ stage: 'steady', trust: 3, issuer: 2, signs: 1, trusted: 1 });
  });

  it('is followed by the next one when the rotation to it is over', () => {
    const it = steady(source(oldRoot), given(oldRoot));
    it.settled({ kind: 'source', source: source(newOne) }, start + hour);
    it.settled({ kind: 'source', source: source(third) }, start + hour);
    expect(summary(it.holds())).toMatchObject({ stage: 'introducing', signs: 0, trusted: 2 });
    it.settled({ kind: 'progress', progress: { trust: 9, leaves: 9 } }, start + 2 * hour);
    it.settled({ kind: 'time' }, start + 3 * hour);
    expect(summary(it.holds())).toMatchObject({ stage: 'introducing', signs: 1, trusted: 2 });
    it.settled({ kind: 'time' }, start + 4 * hour);
    it.settled({ kind: 'time' }, start + 5 * hour);
    expect(summary(it.holds())).toMatchObject({ stage: 'steady', signs: 2, trusted: 1 });
  });

  it('signs at once where it is below a root that is trusted: the bundle does not change', () => {
    // As if both were intermediates of one root.
    const below = (issuer: Issuer): Issuer => ({ ...given(issuer), roots: third.roots });
    const it = steady({ kind: 'given', issuer: below(oldRoot) }, below(oldRoot));
    it.settled({ kind: 'source', source: { kind: 'given', issuer: below(newOne) } }, start + hour);
    expect(summary(it.holds())).toEqual({ stage: 'steady', trust: 1, issuer: 2, signs: 1, trusted: 1 });
  });

  it('is what it was: nothing is done', () => {
    const it = steady(source(oldRoot), given(oldRoot));
    expect(it.say({ kind: 'source', source: source(oldRoot) }, start + hour)).toEqual([]);
    expect(it.say({ kind: 'rotate' }, start + hour)).toEqual([]);
    expect(it.say({ kind: 'time' }, rotationOf(oldRoot))).toEqual([]);
  });

  it('signs again after a start, though its key was not kept', () => {
    const stored = stripped(steady(source(oldRoot), given(oldRoot)).holds());
    const it = machine(source(oldRoot));
    it.settled({ kind: 'started', stored, source: source(oldRoot) }, start + hour);
    expect(summary(it.holds())).toEqual({ stage: 'steady', trust: 1, issuer: 1, signs: 0, trusted: 1 });
    expect(it.holds().stage.issuing.privateKey).toBe(oldRoot.privateKey);
  });

  it('that came while the control plane was away signs at once, and what was trusted stays so until all have it', () => {
    const stored = stripped(steady(source(oldRoot), given(oldRoot)).holds());
    const it = machine(source(newOne));
    it.settled({ kind: 'started', stored, source: source(newOne) }, start + hour);
    expect(summary(it.holds())).toEqual({ stage: 'renewing', trust: 2, issuer: 2, signs: 1, trusted: 2 });
  });

  it('goes on after a start in the midst of its introduction', () => {
    const before = steady(source(oldRoot), given(oldRoot));
    before.settled({ kind: 'source', source: source(newOne) }, start + hour);
    const it = machine(source(newOne));
    it.settled({ kind: 'started', stored: stripped(before.holds()), source: source(newOne) }, start + 2 * hour);
    expect(summary(it.holds())).toEqual({ stage: 'renewing', trust: 2, issuer: 2, signs: 1, trusted: 2 });
  });

  it('takes the place of one that was made, and the other way round', () => {
    const it = steady();
    it.settled({ kind: 'source', source: source(newOne) }, start + hour);
    expect(summary(it.holds())).toMatchObject({ stage: 'introducing', signs: 0, trusted: 2 });
    it.settled({ kind: 'progress', progress: { trust: Infinity, leaves: Infinity } }, start + 2 * hour);
    it.settled({ kind: 'time' }, start + 3 * hour);
    expect(summary(it.holds())).toMatchObject({ stage: 'steady', signs: 1, trusted: 1 });
    it.settled({ kind: 'source', source: { kind: 'made' } }, start + 4 * hour, third);
    it.settled({ kind: 'time' }, start + 5 * hour);
    it.settled({ kind: 'time' }, start + 6 * hour);
    expect(summary(it.holds())).toMatchObject({ stage: 'steady', signs: 2, trusted: 1 });
  });
});

describe('a bundle', () => {
  it('is the same text in whatever order its roots are given, and has each once', () => {
    const stage = (issuing: Issuer, previous: string) => ({ kind: 'renewing', issuing, previous, since: 0 }) as const;
    const bundle = bundleOf(stage(oldRoot, newOne.roots));
    expect(bundleOf(stage(newOne, oldRoot.roots))).toBe(bundle);
    expect(bundleOf(stage(newOne, oldRoot.roots + newOne.roots + oldRoot.roots))).toBe(bundle);
    expect(bundleOf({ kind: 'introducing', issuing: newOne, next: oldRoot, since: 0 })).toBe(bundle);
  });
});
