import {
  Duration,
  defaultLatencyBuckets,
  defaults,
  lookup,
  type Model,
  type Objective,
  type Service,
  type Telemetry,
} from '../model';

/** What a service promises, with the numbers that rules and panels compare with. */
export interface Goal {
  /** Share of the requests that may fail, 0 to 1. */
  readonly errorBudget: number;
  readonly latency?: {
    /** Share of the requests that may be slower, 0 to 1. */
    readonly budget: number;
    /** What was declared, in milliseconds. */
    readonly below: Duration;
    /** What is measured, in milliseconds: the first bound of the histogram that is not below it. */
    readonly bound: number;
  };
  readonly window: Duration;
}

/** A window pair of an alert: the long one says that it matters, the short one that it still goes on. */
export interface BurnWindow {
  readonly long: Window;
  readonly short: Window;
  /** How many times faster than allowed the budget is used. */
  readonly rate: number;
}

export const windows = ['5m', '30m', '1h', '2h', '6h', '1d', '3d'] as const;
export type Window = (typeof windows)[number];

/** The service's own objective, else the mesh's, else the default. */
export function goalOf(model: Model, service: Service): Goal {
  const objective: Objective =
    first(model, service, (telemetry) => telemetry.objective) ?? defaults.telemetry.objective;
  const buckets = model.mesh.telemetry.metrics?.latencyBuckets ?? defaultLatencyBuckets;
  const { latency } = objective;
  return {
    errorBudget: budget(objective.successRate),
    ...(latency && {
      latency: {
        budget: budget(latency.percent),
        below: latency.below,
        bound: boundFor(latency.below, buckets),
      },
    }),
    window: objective.window ?? defaultWindow,
  };
}

/**
 * When to call somebody at once, and when to write it down for tomorrow: the windows of the SRE workbook
 * (https://sre.google/workbook/alerting-on-slos/, "Multiwindow, Multi-Burn-Rate Alerts"), 14.4, 6, 3 and 1 of a budget of 30 days.
 * Of another window the same shares of the budget: but never less than 1, for what stays within its budget is no alert.
 */
export function burnWindows(goal: Goal, urgency: 'now' | 'tomorrow'): readonly BurnWindow[] {
  const spent = urgency === 'now' ? spentNow : spentTomorrow;
  return spent.map(({ long, hours, short, share }) => ({
    long,
    short,
    rate: Math.max(1, (share * goal.window) / (hours * hour)),
  }));
}

/**
 * The share of failed requests that means a burn rate. Where the budget is large the rate may ask for more failures than
 * there are requests; then nine in ten are enough.
 */
export function threshold(budget: number, rate: number): number {
  return Math.max(budget, Math.min(rate * budget, 0.9));
}

/** As people say it: `30 days`. */
export function days(window: Duration): string {
  const day = 86_400_000;
  return window % day === 0 ? `${window / day} days` : Duration.format(window);
}

const hour = 3_600_000;
const defaultWindow = 30 * 24 * hour;

const spentNow = [
  { long: '1h', hours: 1, short: '5m', share: 0.02 },
  { long: '6h', hours: 6, short: '30m', share: 0.05 },
] as const;

const spentTomorrow = [
  { long: '1d', hours: 24, short: '2h', share: 0.1 },
  { long: '3d', hours: 72, short: '6h', share: 0.1 },
] as const;

function first<T>(model: Model, service: Service, part: (telemetry: Telemetry) => T | undefined): T | undefined {
  for (const telemetry of [...lookup(model).telemetry(service), model.mesh.telemetry]) {
    const found = part(telemetry);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** 99.9 makes 0.001: rounded, because 100 - 99.9 is 0.0999999999999943. */
function budget(percent: number): number {
  return Number(((100 - percent) / 100).toPrecision(9));
}

/** Beyond the last bound nothing can be measured; the last is then the nearest, and stricter. */
function boundFor(below: Duration, buckets: readonly number[]): number {
  const ascending = [...buckets].sort((a, b) => a - b);
  return ascending.find((bound) => bound >= below) ?? ascending.at(-1) ?? below;
}
