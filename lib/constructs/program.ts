import type { IConstruct } from 'constructs';
import type { Diagnostic } from '../model';
import type { Declaration } from './declaration';

/** What a synthesis of one construct tree found. */
export interface Outcome {
  /** Warnings and errors, in order. */
  readonly diagnostics: readonly Diagnostic[];
  /** The errors to report at a construct, as text. */
  errorsAt(path: string): readonly string[];
}

/**
 * The mesh declarations of one construct tree. A tree is validated many times in one synthesis (cdk8s does so for each
 * chart): the work is done once, and again only when something was declared since.
 */
export class Program {
  private static readonly programs = new WeakMap<IConstruct, Program>();

  static of(construct: IConstruct): Program {
    const { root } = construct.node;
    let program = Program.programs.get(root);
    if (!program) {
      program = new Program(root);
      Program.programs.set(root, program);
    }
    return program;
  }

  private readonly members: Declaration[] = [];
  private readonly lateValues = new Map<string | number, unknown>();
  private outcome?: Outcome;
  private synthesizer?: (program: Program) => Outcome;

  private constructor(readonly root: IConstruct) {}

  get declarations(): readonly Declaration[] {
    return this.members;
  }

  /** The placeholders of values that are known only at deployment, and the values (Pulumi Outputs) they stand for. */
  get late(): ReadonlyMap<string | number, unknown> {
    return this.lateValues;
  }

  join(declaration: Declaration): void {
    this.members.push(declaration);
    this.touch();
  }

  /** Something was declared: what was synthesized before is no longer the whole. */
  touch(): void {
    this.outcome = undefined;
  }

  standFor(placeholder: string | number, value: unknown): void {
    this.lateValues.set(placeholder, value);
  }

  /** How the tree becomes objects. It is given by the mesh: constructs do not know the renderers. */
  synthesizeWith(synthesizer: (program: Program) => Outcome): void {
    this.synthesizer = synthesizer;
    this.touch();
  }

  /** What there is to tell about the tree, after its objects were made; `undefined` where it holds no mesh. */
  synthesize(): Outcome | undefined {
    if (!this.outcome && this.synthesizer) this.outcome = this.synthesizer(this);
    return this.outcome;
  }
}

/** Path of a construct as users know it; the root has none. */
export function pathOf(construct: IConstruct): string {
  return construct.node.path || '(root)';
}
