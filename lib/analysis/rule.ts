import type { Diagnostic, Locator, Lookup, Model, PodFacts } from '../model';

/** One kind of mistake that a mesh can hold. */
export interface Rule {
  /** Never reused, also when the rule is gone: people search for it and silence it by name. */
  readonly code: Diagnostic['code'];
  readonly level: Diagnostic['level'];
  /** What holds in a mesh without the mistake. */
  readonly summary: string;
  check(context: Context): readonly Finding[];
}

/** What a rule sees. */
export interface Context {
  readonly model: Model;
  readonly find: Lookup;
  /** What is known of the pod templates; empty where only the model is at hand. */
  readonly pods: readonly PodFacts[];
}

/** A mistake as a rule reports it: where, what was given and is allowed, and what to change. */
export interface Finding {
  readonly at: Locator;
  readonly message: string;
  readonly fix: string;
}
