/**
 * What can be seen of a mesh: Grafana dashboards and Prometheus rules, made from the declared graph. Both ask for the
 * names that {@link ./metrics} declares and that proxies and control plane report.
 *
 *     metrics ◀── promql ◀── traffic · calls · objectives ◀── recorded ◀── rules
 *                                                                 ▲
 *                              panel ◀── dashboard ◀── dashboards ┘
 */
export type { AlertingRule, Severity } from './alerts';
export type { Dashboard } from './dashboard';
export { dashboards } from './dashboards';
export { controlPlaneMetrics, envoyMetrics, type Metric } from './metrics';
export type { RecordingRule } from './recorded';
export { type Rule, type RuleGroup, rules } from './rules';
