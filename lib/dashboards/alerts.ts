import { Duration, type Model, type Ref, type Service } from '../model';
import { type BurnWindow, burnWindows, days, goalOf, threshold, type Window } from './objectives';
import { number, select } from './promql';
import { labelsOf, recorded } from './recorded';

export interface AlertingRule {
  readonly alert: string;
  readonly expr: string;
  /** How long the expression must hold. */
  readonly for?: string;
  readonly labels: { readonly severity: Severity; readonly mesh: string; readonly service?: string };
  readonly annotations: { readonly summary: string; readonly description: string };
}

/** `critical`: somebody must act now. `warning`: somebody must act this week. `info`: something to know. */
export type Severity = 'critical' | 'warning' | 'info';

/** Alerts of what a service promises, by how fast it uses up what may go wrong. */
export function objectiveAlerts(model: Model, service: Service): readonly AlertingRule[] {
  const goal = goalOf(model, service);
  const alert = (urgency: 'now' | 'tomorrow', indicator: Indicator): AlertingRule => {
    const windows = burnWindows(goal, urgency);
    return {
      alert: indicator.alert,
      expr: burning(service, windows, indicator),
      labels: {
        severity: urgency === 'now' ? 'critical' : 'warning',
        mesh: model.mesh.name,
        service: `${service.namespace}/${service.name}`,
      },
      annotations: {
        summary: `${service.namespace}/${service.name} ${indicator.verb} more requests than its objective allows`,
        description: description(goal.window, windows, indicator),
      },
    };
  };
  const indicators = [errors(goal.errorBudget), ...(goal.latency ? [latency(goal.latency)] : [])];
  return indicators.flatMap((indicator) => [alert('now', indicator), alert('tomorrow', indicator)]);
}

interface Indicator {
  readonly alert: string;
  readonly ratio: (window: Window) => string;
  readonly budget: number;
  readonly verb: string;
  readonly objective: string;
}

function errors(budget: number): Indicator {
  return {
    alert: 'MeshwrightErrorBudgetBurn',
    ratio: recorded.service.errorRatio,
    budget,
    verb: 'fails',
    objective: `${number(100 - 100 * budget)} % of requests succeed`,
  };
}

function latency(promised: { readonly budget: number; readonly below: Duration; readonly bound: number }): Indicator {
  const below = Duration.format(promised.below);
  const measured =
    promised.bound === promised.below
      ? ''
      : ` (measured as ${Duration.format(promised.bound)}, the nearest bound of the latency histogram)`;
  return {
    alert: 'MeshwrightLatencyBudgetBurn',
    ratio: recorded.service.slowRatio,
    budget: promised.budget,
    verb: 'delays',
    objective: `${number(100 - 100 * promised.budget)} % of requests are faster than ${below}${measured}`,
  };
}

function burning(service: Ref, windows: readonly BurnWindow[], { ratio, budget }: Indicator): string {
  return windows
    .map(({ long, short, rate }) => {
      const above = (window: Window) =>
        `${select(ratio(window), labelsOf(service))}>${number(threshold(budget, rate))}`;
      return `(${above(long)} and ${above(short)})`;
    })
    .join(' or ');
}

function description(window: Duration, windows: readonly BurnWindow[], { objective, budget }: Indicator): string {
  const limits = windows
    .map(({ long, short, rate }) => `${number(100 * threshold(budget, rate))} % over ${long} and ${short}`)
    .join(', or ');
  return `Objective: ${objective}, over ${days(window)}. Now {{ $value | humanizePercentage }} do not; it fires above ${limits}.`;
}
