import { Construct } from 'constructs';
import {
  type Canary as CanaryModel,
  type CanaryStrategy,
  type DurationText,
  defaults,
  type Gate as GateModel,
  locate,
  type Protocol,
  type Value,
} from '../model';
import { Declaration } from './declaration';
import { type HttpMatcher, toHttpMatch } from './match';
import type { Service, Version } from './service';

export interface CanaryProps<Name extends string> {
  readonly service: Service<Name>;
  /** The version that serves now. */
  readonly stable: Version<NoInfer<Name>>;
  /** The version that is to take over. */
  readonly candidate: Version<NoInfer<Name>>;
  /** Share of the candidate at each step, in percent; after the last it gets everything. @default - 5, 25 and 50 */
  readonly steps?: readonly number[];
  /** How long each step lasts. @default 2m */
  readonly interval?: DurationText;
  /** A caller that has met the candidate stays with it. @default false */
  readonly sticky?: boolean;
  /** Another way than by weight: {@link Strategy.blueGreen} or {@link Strategy.abTest}. @default - by `steps` */
  readonly strategy?: StrategyOptions;
  /** The candidate first sees a copy of this share of the requests. @default - none */
  readonly mirror?: { readonly percent: number; readonly duration: DurationText };
  /** What must hold at each step: {@link Gate}. @default - a success rate of at least 99 percent */
  readonly gates?: readonly GateOptions[];
  /** What happens when a gate fails. @default - everything goes back to the stable version at once */
  readonly onFailure?: CanaryFailureOptions;
  /** A step that cannot be judged for this long fails. @default 10m */
  readonly giveUpAfter?: DurationText;
  /** Webhooks before, during and after, and at a rollback. @default - none */
  readonly hooks?: readonly CanaryHookOptions[];
}

export interface CanaryFailureOptions {
  /** @default rollback */
  readonly action?: 'rollback' | 'pause';
  /** Failed looks at the gates before it acts. @default 1 */
  readonly after?: number;
  /** Scales the candidate down afterwards. @default false */
  readonly scaleDown?: boolean;
  /** URL that is told. @default - nobody */
  readonly notify?: Value<string>;
}

export interface CanaryHookOptions {
  readonly when: 'before' | 'during' | 'after' | 'rollback';
  readonly name: string;
  readonly url: Value<string>;
  /** @default 10s */
  readonly timeout?: DurationText;
}

export type StrategyOptions =
  | { readonly kind: 'blueGreen'; readonly keepFor?: DurationText }
  | { readonly kind: 'abTest'; readonly matches: readonly HttpMatcher[] };

/** Ways to a new version other than by weight. */
export const Strategy = {
  /** The candidate is tested for the interval, then gets everything at once; the old version stays ready (30m). */
  blueGreen: (options: { readonly keepFor?: DurationText } = {}): StrategyOptions => ({
    kind: 'blueGreen',
    ...options,
  }),
  /** Requests that match go to the candidate, the others do not, for the interval. */
  abTest: (options: { readonly matches: readonly HttpMatcher[] }): StrategyOptions => ({ kind: 'abTest', ...options }),
};

export type GateOptions =
  | { readonly kind: 'successRate'; readonly atLeast: number; readonly minimumRequests?: number }
  | {
      readonly kind: 'latency';
      readonly quantile: number;
      readonly below: DurationText;
      readonly minimumRequests?: number;
    }
  | {
      readonly kind: 'query';
      readonly name: string;
      readonly query: string;
      readonly atLeast?: number;
      readonly atMost?: number;
    }
  | { readonly kind: 'webhook'; readonly name: string; readonly url: Value<string>; readonly timeout?: DurationText }
  | { readonly kind: 'approval' };

/** What must hold of the candidate before it gets more. Without enough requests nothing is judged. */
export const Gate = {
  /** Responses without a 5xx, in percent. */
  successRate: (options: { readonly atLeast: number; readonly minimumRequests?: number }): GateOptions => ({
    kind: 'successRate',
    ...options,
  }),
  /** A quantile (0.99) of the latency. */
  latency: (options: {
    readonly quantile: number;
    readonly below: DurationText;
    readonly minimumRequests?: number;
  }): GateOptions => ({
    kind: 'latency',
    ...options,
  }),
  /** PromQL that gives one number; `{{namespace}}`, `{{service}}`, `{{version}}` and `{{interval}}` are filled in. */
  query: (options: {
    readonly name: string;
    readonly query: string;
    readonly atLeast?: number;
    readonly atMost?: number;
  }): GateOptions => ({
    kind: 'query',
    ...options,
  }),
  /** A POST that must be answered with 2xx. */
  webhook: (options: {
    readonly name: string;
    readonly url: Value<string>;
    readonly timeout?: DurationText;
  }): GateOptions => ({
    kind: 'webhook',
    ...options,
  }),
  /** A person says so. */
  approval: (): GateOptions => ({ kind: 'approval' }),
};

/**
 * Moves a service from one version to another, step by step, as long as the gates hold. The declared objects never change
 * while it runs: its weights live in the status of its object.
 */
export class Canary<const Name extends string = string> extends Construct {
  readonly name: string;
  private readonly declaration: Declaration;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: CanaryProps<Name>,
  ) {
    super(scope, id);
    this.name = id;
    this.declaration = new Declaration(this, {
      fragment: () => ({ canaries: [this.toModel()] }),
      locators: () => [locate('Canary', { namespace: props.service.namespace, name: this.name })],
    });
  }

  private toModel(): CanaryModel {
    const { props, declaration } = this;
    const { onFailure } = props;
    for (const [role, version] of [
      ['stable', props.stable],
      ['candidate', props.candidate],
    ] as const) {
      const service: Service<string, Protocol> = version.service;
      if (service !== (props.service as Service<string, Protocol>)) {
        declaration.mistake(
          'MESH0601',
          `${role} is version ${version.name} of ${service.name}, but the canary is of ${props.service.name}`,
          `give a version of ${props.service.name}`,
        );
      }
    }
    return {
      namespace: props.service.namespace,
      name: this.name,
      service: props.service.name,
      stable: props.stable.name,
      candidate: props.candidate.name,
      strategy: this.strategy(),
      gates: (props.gates ?? [Gate.successRate({ atLeast: 99 })]).map((gate, index) => this.gate(gate, index)),
      onFailure: {
        action: onFailure?.action ?? 'rollback',
        after: onFailure?.after ?? 1,
        scaleDown: onFailure?.scaleDown ?? false,
        notify: declaration.text('onFailure.notify', onFailure?.notify),
      },
      giveUpAfter: declaration.duration('giveUpAfter', props.giveUpAfter) ?? defaults.canary.giveUpAfter,
      hooks: (props.hooks ?? []).map((hook, index) => ({
        when: hook.when,
        name: hook.name,
        url: declaration.text(`hooks.${index}.url`, hook.url),
        timeout: declaration.duration(`hooks.${index}.timeout`, hook.timeout) ?? 10_000,
      })),
    };
  }

  private strategy(): CanaryStrategy {
    const { props, declaration } = this;
    const interval = declaration.duration('interval', props.interval) ?? defaults.canary.interval;
    const mirror = props.mirror && {
      percent: props.mirror.percent,
      duration: declaration.duration('mirror.duration', props.mirror.duration) ?? 0,
    };
    const { strategy } = props;
    if (!strategy)
      return { kind: 'weighted', steps: props.steps ?? [5, 25, 50], interval, mirror, sticky: props.sticky ?? false };
    if (props.steps || props.sticky !== undefined) {
      declaration.mistake(
        'MESH0602',
        '`steps` and `sticky` are of a canary by weight, but `strategy` is another',
        'leave out one or the other',
      );
    }
    if (strategy.kind === 'abTest') {
      if (mirror) declaration.mistake('MESH0603', 'an A/B test has no `mirror`', 'leave `mirror` out');
      return { kind: 'abTest', matches: strategy.matches.map(toHttpMatch), interval };
    }
    return {
      kind: 'blueGreen',
      interval,
      mirror,
      keepFor: declaration.duration('strategy.keepFor', strategy.keepFor) ?? 1_800_000,
    };
  }

  private gate(gate: GateOptions, index: number): GateModel {
    const { minimumRequests } = defaults.canary;
    switch (gate.kind) {
      case 'successRate':
        return { ...gate, minimumRequests: gate.minimumRequests ?? minimumRequests };
      case 'latency':
        return {
          ...gate,
          below: this.declaration.duration(`gates.${index}.below`, gate.below) ?? 0,
          minimumRequests: gate.minimumRequests ?? minimumRequests,
        };
      case 'webhook':
        return {
          ...gate,
          url: this.declaration.text(`gates.${index}.url`, gate.url),
          timeout: this.declaration.duration(`gates.${index}.timeout`, gate.timeout) ?? 10_000,
        };
      case 'query':
      case 'approval':
        return gate;
    }
  }
}
