import { Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import { Duration, type DurationText, hash, hash32, Late, type Locator, type Mesh, type Value } from '../model';
import { writeInApplyOrder } from './apply-order';
import type { Fragment, PodOwner } from './fragment';
import { Program, pathOf } from './program';

/** A mistake that was found while a construct was read; it is reported with all others at synthesis. */
export interface Mistake {
  readonly code: `MESH${string}`;
  readonly level: 'error' | 'warning';
  readonly message: string;
  readonly fix: string;
}

/** What a construct of the mesh contributes, asked for at synthesis. */
export interface Contribution {
  /** The mesh itself; of one construct of a program. */
  readonly mesh?: {
    readonly settings: () => Mesh;
    /** Chart of the custom resource definitions: a cluster must know them before it takes anything else. */
    readonly definitions: Chart;
  };
  readonly fragment?: () => Fragment;
  /** The parts of the model that are this construct's, so that a diagnostic finds its way back. */
  readonly locators?: () => readonly Locator[];
  /** Workload objects whose pods are of the mesh. */
  readonly owners?: () => readonly PodOwner[];
}

/**
 * The membership of a construct in its program: it hands over what the construct contributes, reads values that users
 * write as text, and keeps the mistakes found in them. Constructs hold one; they do not inherit from one.
 */
export class Declaration {
  readonly program: Program;
  private readonly mistakes = new Map<string, Mistake>();

  constructor(
    readonly construct: Construct,
    readonly contribution: Contribution,
  ) {
    this.program = Program.of(construct);
    this.program.join(this);
    writeInApplyOrder(Chart.of(construct));
    construct.node.addValidation({ validate: () => this.validate() });
  }

  get path(): string {
    return pathOf(this.construct);
  }

  get found(): readonly Mistake[] {
    return [...this.mistakes.values()];
  }

  /** The namespace of the chart the construct stands in; Kubernetes' own default where the chart names none. */
  get namespace(): string {
    return Chart.of(this.construct).namespace ?? 'default';
  }

  /** Reports a mistake, once however often the construct is read. */
  mistake(code: Mistake['code'], message: string, fix: string): void {
    this.mistakes.set(`${code} ${message}`, { code, level: 'error', message, fix });
  }

  /** Reports something that may be meant, but often is not. */
  warning(code: Mistake['code'], message: string, fix: string): void {
    this.mistakes.set(`${code} ${message}`, { code, level: 'warning', message, fix });
  }

  /** Something was added to the construct. */
  changed(): void {
    this.program.touch();
  }

  /** Reads a duration; what is not one is a mistake, and counts as absent from then on. */
  duration(property: string, text: DurationText | undefined): Duration | undefined {
    if (text === undefined) return undefined;
    const duration = Duration.parse(text);
    if (duration !== undefined) return duration;
    this.mistake(
      'MESH0003',
      Late.is(text)
        ? `${property} decides what is synthesized, but its value is known only at deployment`
        : `${property} must be a duration, got ${JSON.stringify(text)}`,
      'write whole numbers with units, such as 500ms, 2s, 1m30s or 24h',
    );
    return undefined;
  }

  /** Takes a text that may be known only at deployment; in the model a placeholder stands for it. */
  text(property: string, value: Value<string>): string;
  text(property: string, value: Value<string> | undefined): string | undefined;
  text(property: string, value: Value<string> | undefined): string | undefined {
    if (value === undefined || typeof value === 'string') return value;
    const placeholder = Late.text(hash(`${this.path} ${property}`));
    this.program.standFor(placeholder, value);
    return placeholder;
  }

  /** Takes a number that may be known only at deployment. */
  amount(property: string, value: Value<number>): number;
  amount(property: string, value: Value<number> | undefined): number | undefined;
  amount(property: string, value: Value<number> | undefined): number | undefined {
    if (value === undefined || typeof value === 'number') return value;
    const placeholder = Late.number(hash32(`${this.path} ${property}`));
    this.program.standFor(placeholder, value);
    return placeholder;
  }

  /** {@link text} for each value of a map. */
  texts(property: string, values: ValueMap): { readonly [key: string]: string };
  texts(property: string, values: ValueMap | undefined): { readonly [key: string]: string } | undefined;
  texts(property: string, values: ValueMap | undefined): { readonly [key: string]: string } | undefined {
    if (values === undefined) return undefined;
    return Object.fromEntries(
      Object.entries(values).map(([key, value]) => [key, this.text(`${property}.${key}`, value)]),
    );
  }

  private validate(): string[] {
    const outcome = this.program.synthesize();
    if (outcome) return [...outcome.errorsAt(this.path)];
    return [
      "MESH0001 there is no mesh in this app; add one beside the charts: new Mesh(app, 'shop', { trustDomain: 'shop.example' })",
    ];
  }
}

/** Texts by name, each of which may be known only at deployment. */
export interface ValueMap {
  readonly [key: string]: Value<string>;
}
