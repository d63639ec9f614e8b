import type { Finding } from '../../lib/analysis';
import type { Model, PodFacts } from '../../lib/model';

/** What proves a rule: a mesh it has nothing to say about, and meshes that hold its mistake and no other. */
export interface Cases {
  readonly valid: { readonly model: Model; readonly pods?: readonly PodFacts[] };
  readonly invalid: readonly Invalid[];
}

export interface Invalid {
  /** What is wrong. */
  readonly name: string;
  readonly model: Model;
  readonly pods?: readonly PodFacts[];
  /** All that the analysis finds, each with the code and level of the rule. */
  readonly findings: readonly Finding[];
}
