import { createHash } from 'node:crypto';
import type { Progress } from './authority';
import type { Issuer } from './issuer';
import { certificatePem, certificatesOf } from './x509/pem';
import { readCertificate } from './x509/read';

/**
 * How the root of trust is replaced without a proxy ever meeting a certificate that it does not trust:
 *
 *                 a new one is there          all trust both             all have a certificate by the new one
 *     steady(old) ─────────────▶ introducing ───────────▶ renewing ─────────────▶ steady(new)
 *     trust: old                 old and new              old and new              new
 *     signs: old                 old                      new                      new
 *
 * Where the proxies do not say that they have followed, a stage ends when the life of a leaf has passed: a proxy that has not been reached
 * for so long has no certificate that is valid, and can speak with nobody.
 *
 * Nothing here acts: {@link step} says what is to be done. What is to hold is saved first and holds when it is; so whoever starts anew
 * continues where the last one stopped.
 */

/** What is kept. */
export interface StoredRoot {
  /** Grows when the bundle changes. */
  readonly trustGeneration: number;
  /** Grows when what signs changes. */
  readonly issuerGeneration: number;
  readonly stage: Stage;
}

export type Stage =
  | { readonly kind: 'steady'; readonly issuing: Issuer }
  | { readonly kind: 'introducing'; readonly issuing: Issuer; readonly next: Issuer; readonly since: number }
  /** `previous`: the roots of before, PEM. Their keys are no longer known. */
  | { readonly kind: 'renewing'; readonly issuing: Issuer; readonly previous: string; readonly since: number };

/** Where roots come from. */
export type RootSource =
  /** The control plane makes them. */
  | { readonly kind: 'made' }
  /** Somebody else keeps one for it. Absent: it is not there yet. */
  | { readonly kind: 'given'; readonly issuer?: Issuer };

export interface RootState {
  /** What holds. Absent: nothing yet. */
  readonly holds?: StoredRoot;
  /** What is being saved, to hold then. */
  readonly saving?: StoredRoot;
  readonly making: boolean;
  readonly source: RootSource;
  readonly rotateAsked: boolean;
  readonly progress: Progress;
  /** No stage ends before: after a start, proxies need time to come back and say how far they are. */
  readonly quietUntil: number;
  /** After a failure nothing is tried before. */
  readonly retryAt: number;
}

export type RootEvent =
  /** `stored`: what was found. Absent: nothing was ever kept. */
  | { readonly kind: 'started'; readonly stored?: StoredRoot; readonly source: RootSource }
  | { readonly kind: 'source'; readonly source: RootSource }
  | { readonly kind: 'made'; readonly issuer: Issuer }
  | { readonly kind: 'saved' }
  | { readonly kind: 'failed' }
  | { readonly kind: 'rotate' }
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'time' };

export type RootAction =
  /** A root is to be made, and then {@link RootEvent} `made` to be said. */
  | { readonly kind: 'make' }
  /** To be kept, and then `saved` to be said. */
  | { readonly kind: 'save'; readonly root: StoredRoot }
  /** What holds has changed. */
  | { readonly kind: 'publish'; readonly root: StoredRoot }
  /** `time` is to be said then; whatever was asked for before is void. */
  | { readonly kind: 'wake'; readonly at: number };

/** Milliseconds. */
export interface RotationTimes {
  /** A stage lasts at least so long. It must be longer than what proxies need to learn of roots past their stream. */
  readonly settle: number;
  /** How long a leaf lives: a stage lasts at most so long. */
  readonly leafLifetime: number;
}

export function initially(source: RootSource): RootState {
  return { making: false, source, rotateAsked: false, progress: { trust: 0, leaves: 0 }, quietUntil: 0, retryAt: 0 };
}

type Step = readonly [RootState, readonly RootAction[]];

export function step(state: RootState, event: RootEvent, now: number, times: RotationTimes): Step {
  switch (event.kind) {
    case 'started': {
      const started = { ...initially(event.source), quietUntil: now + times.settle };
      if (event.stored === undefined) return advance(started, now, times);
      const holds = notOfTheFuture(event.stored, now);
      const [next, actions] = advance({ ...started, holds }, now, times);
      return [next, [{ kind: 'publish', root: holds }, ...actions]];
    }
    case 'source':
      return advance({ ...state, source: event.source }, now, times);
    case 'made':
      return state.source.kind === 'made'
        ? replace({ ...state, making: false }, event.issuer, now)
        : advance({ ...state, making: false }, now, times);
    case 'saved': {
      const { saving, ...others } = state;
      if (saving === undefined) return [state, []];
      const [next, actions] = advance({ ...others, rotateAsked: false, holds: saving }, now, times);
      return [next, [{ kind: 'publish', root: saving }, ...actions]];
    }
    case 'failed': {
      const { saving: _, ...others } = state;
      return advance({ ...others, making: false, retryAt: now + retryAfter }, now, times);
    }
    case 'rotate': {
      // Whoever asks while a rotation runs asks for that one; a root that is given is replaced by whoever gives it.
      const isBusy = state.making || state.saving !== undefined || state.holds?.stage.kind !== 'steady';
      const rotateAsked = state.rotateAsked || (state.source.kind === 'made' && !isBusy);
      return advance({ ...state, rotateAsked }, now, times);
    }
    case 'progress':
      return advance({ ...state, progress: event.progress }, now, times);
    case 'time':
      return advance(state, now, times);
  }
}

const retryAfter = 5_000;

/** Of a clock that was wrong when a stage began, a stage would not end for as long as it was wrong. */
function notOfTheFuture(root: StoredRoot, now: number): StoredRoot {
  const { stage } = root;
  return stage.kind === 'steady' ? root : { ...root, stage: { ...stage, since: Math.min(stage.since, now) } };
}

/** What is to be done next, if anything, and when to look again. */
function advance(state: RootState, now: number, times: RotationTimes): Step {
  if (state.making || state.saving !== undefined) return [state, []];
  if (now < state.retryAt) return [state, [{ kind: 'wake', at: state.retryAt }]];

  const { holds, source } = state;
  const issuing = holds?.stage.issuing;
  if (holds === undefined || issuing?.privateKey === undefined) {
    if (source.kind === 'made') return make(state);
    return source.issuer === undefined ? [state, []] : replace(state, source.issuer, now);
  }

  const { stage } = holds;
  if (stage.kind !== 'steady') {
    const ends = endOf(stage, state, times);
    return now < ends ? [state, [{ kind: 'wake', at: ends }]] : endStage(state, holds, stage, now);
  }
  if (source.kind === 'given') {
    const isNew = source.issuer !== undefined && !same(source.issuer, stage.issuing);
    return isNew ? replace(state, source.issuer, now) : [state, []];
  }
  const due = stage.issuing.origin === 'given' || state.rotateAsked ? now : rotationOf(stage.issuing);
  return now < due ? [state, [{ kind: 'wake', at: due }]] : make(state);
}

function make(state: RootState): Step {
  return [{ ...state, making: true }, [{ kind: 'make' }]];
}

function save(state: RootState, root: StoredRoot): Step {
  return [{ ...state, saving: root }, [{ kind: 'save', root }]];
}

/**
 * A root of our own is replaced when two thirds of its life have passed: a third leaves time for both stages at their longest, a quarter of
 * the life (see `lifetimeOf` in {@link ./leaf}), and the alert that a root ends soon, at a quarter, then means that something is wrong.
 */
export function rotationOf(issuing: Issuer): number {
  const { notBefore, notAfter } = lifeOf(issuing);
  return notBefore + (2 / 3) * (notAfter - notBefore);
}

function lifeOf(issuing: Issuer): { readonly notBefore: number; readonly notAfter: number } {
  const [certificate] = certificatesOf(issuing.certificateChain).map(readCertificate);
  return certificate ?? { notBefore: 0, notAfter: 0 };
}

function same(a: Issuer, b: Issuer): boolean {
  return a.certificateChain === b.certificateChain && a.roots === b.roots;
}

/** Begins to use an issuer that is not the one that signs. */
function replace(state: RootState, next: Issuer, now: number): Step {
  const { holds } = state;
  if (holds === undefined) {
    return save(state, { trustGeneration: 1, issuerGeneration: 1, stage: { kind: 'steady', issuing: next } });
  }
  const { stage } = holds;
  const bundle = bundleOf(stage);
  const isTrusted = bundleOfPem(next.roots, bundle) === bundle;
  const canSign = stage.issuing.privateKey !== undefined;
  // Whose key was lost over a restart signs nothing more, and nothing can be done but to go on with the one that is there.
  if (stage.kind === 'steady' && canSign && !isTrusted) {
    return save(state, following(holds, { kind: 'introducing', issuing: stage.issuing, next, since: now }));
  }
  if (bundle === bundleOfPem(next.roots)) return save(state, following(holds, { kind: 'steady', issuing: next }));
  return save(state, following(holds, { kind: 'renewing', issuing: next, previous: bundle, since: now }));
}

/** When a stage is over, as far as is known. */
function endOf(stage: Exclude<Stage, { kind: 'steady' }>, state: RootState, times: RotationTimes): number {
  const { holds, progress, quietUntil } = state;
  const earliest = Math.max(stage.since + times.settle, quietUntil);
  const followed =
    stage.kind === 'introducing'
      ? progress.trust >= (holds?.trustGeneration ?? 0)
      : progress.leaves >= (holds?.issuerGeneration ?? 0);
  const end = followed ? earliest : Math.max(earliest, stage.since + times.leafLifetime);
  // What has ended signs nothing: then there is nothing to wait for.
  return stage.kind === 'introducing' ? Math.min(end, lifeOf(stage.issuing).notAfter) : end;
}

function endStage(state: RootState, holds: StoredRoot, stage: Exclude<Stage, { kind: 'steady' }>, now: number): Step {
  return stage.kind === 'introducing'
    ? save(
        state,
        following(holds, { kind: 'renewing', issuing: stage.next, previous: stage.issuing.roots, since: now }),
      )
    : save(state, following(holds, { kind: 'steady', issuing: stage.issuing }));
}

function following(before: StoredRoot, stage: Stage): StoredRoot {
  const trustChanged = bundleOf(stage) !== bundleOf(before.stage);
  const issuerChanged = stage.issuing.certificateChain !== before.stage.issuing.certificateChain;
  return {
    trustGeneration: before.trustGeneration + (trustChanged ? 1 : 0),
    issuerGeneration: before.issuerGeneration + (issuerChanged ? 1 : 0),
    stage,
  };
}

/** Every root that is trusted in a stage, PEM. */
export function bundleOf(stage: Stage): string {
  switch (stage.kind) {
    case 'steady':
      return bundleOfPem(stage.issuing.roots);
    case 'introducing':
      return bundleOfPem(stage.issuing.roots, stage.next.roots);
    case 'renewing':
      return bundleOfPem(stage.issuing.roots, stage.previous);
  }
}

/** The same certificates are the same text, in whatever order and however often they are given: proxies are told of changes only. */
function bundleOfPem(...pems: readonly string[]): string {
  const byDigest = new Map(
    pems.flatMap(certificatesOf).map((der) => [createHash('sha256').update(der).digest('hex'), certificatePem(der)]),
  );
  return [...byDigest.keys()]
    .sort()
    .map((digest) => byDigest.get(digest))
    .join('');
}
