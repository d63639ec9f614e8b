import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Dashboard, Rule, RuleGroup } from '../../lib/dashboards';
import { tool } from '../support/manifests/fetched';

/** Whether Prometheus' own judge is here; where it cannot be had, `.ci/prepare.mjs` says so. */
export const promtoolPath = located();

export interface Verdict {
  readonly ok: boolean;
  readonly output: string;
}

/** `promtool check rules`: whether every expression parses, and how many rules there are. */
export function checkRules(rules: readonly (Rule | { readonly record: string; readonly expr: string })[]): Verdict {
  return withFiles({ 'rules.yaml': { groups: [{ name: 'all', rules }] } }, [
    'check',
    'rules',
    '--lint=none',
    'rules.yaml',
  ]);
}

export interface Series {
  readonly series: string;
  /** Prometheus' notation: `0+60x100` is 0, 60, 120 and so on. */
  readonly values: string;
}

export interface Alert {
  readonly alertname: string;
  readonly labels: { readonly [label: string]: string };
  readonly annotations: { readonly summary: string; readonly description: string };
}

/** `promtool test rules`: which alerts of one name fire at each time, on series with a value each minute. */
export function testAlerts(
  groups: readonly RuleGroup[],
  series: readonly Series[],
  alertname: string,
  expected: readonly { readonly at: string; readonly alerts: readonly Omit<Alert, 'alertname'>[] }[],
): Verdict {
  const test = {
    rule_files: ['rules.yaml'],
    evaluation_interval: '1m',
    tests: [
      {
        interval: '1m',
        input_series: series,
        alert_rule_test: expected.map(({ at, alerts }) => ({
          eval_time: at,
          alertname,
          exp_alerts: alerts.map(({ labels, annotations }) => ({ exp_labels: labels, exp_annotations: annotations })),
        })),
      },
    ],
  };
  return withFiles({ 'rules.yaml': file(groups), 'test.yaml': test }, ['test', 'rules', 'test.yaml']);
}

/** `promtool test rules`: what expressions give at a time. */
export function testValues(
  groups: readonly RuleGroup[],
  series: readonly Series[],
  at: string,
  values: readonly {
    readonly expr: string;
    readonly samples: readonly { readonly labels: string; readonly value: number }[];
  }[],
): Verdict {
  const test = {
    rule_files: ['rules.yaml'],
    evaluation_interval: '1m',
    tests: [
      {
        interval: '1m',
        input_series: series,
        promql_expr_test: values.map(({ expr, samples }) => ({ expr, eval_time: at, exp_samples: samples })),
      },
    ],
  };
  return withFiles({ 'rules.yaml': file(groups), 'test.yaml': test }, ['test', 'rules', 'test.yaml']);
}

export interface PanelQuery {
  readonly dashboard: string;
  readonly panel: string;
  readonly expr: string;
}

/** Every query of a dashboard, its variables with their values of the first moment. */
export function queriesOf(dashboard: Dashboard): readonly PanelQuery[] {
  const page = JSON.parse(dashboard.json) as {
    readonly templating: { readonly list: readonly Variable[] };
    readonly panels: readonly { readonly title: string; readonly targets?: readonly { readonly expr: string }[] }[];
  };
  const chosen = page.templating.list.flatMap((variable) =>
    choicesOf(variable)
      .slice(0, 1)
      .map(({ value }) => ({ name: variable.name, value })),
  );
  return page.panels.flatMap((panel) =>
    (panel.targets ?? []).map(({ expr }) => ({
      dashboard: dashboard.title,
      panel: panel.title,
      expr: chosen.reduce(
        (text, { name, value }) => text.replaceAll(`\${${name}:raw}`, value),
        expr.replaceAll('$__rate_interval', '5m').replaceAll('"$namespace"', '".*"').replaceAll('"$pod"', '".*"'),
      ),
    })),
  );
}

export interface Variable {
  readonly name: string;
  readonly type: string;
  readonly query?: unknown;
}

/**
 * What Grafana makes of a variable that holds a list: choices are parted by commas, and text from value by a colon between spaces
 * (`CustomVariable` of https://github.com/grafana/scenes).
 */
export function choicesOf({ type, query }: Variable): readonly { readonly text: string; readonly value: string }[] {
  if (type !== 'custom' || typeof query !== 'string') return [];
  return [...query.matchAll(/(?:\\,|[^,])+/g)].map(([choice]) => {
    const [, text, value] = /^\s*(.+)\s:\s(.+)$/.exec(choice.replaceAll('\\,', ',')) ?? [];
    return { text: (text ?? choice).trim(), value: (value ?? choice).trim() };
  });
}

function file(groups: readonly RuleGroup[]): object {
  return { groups: groups.map(({ namespace, name, rules }) => ({ name: `${namespace}/${name}`, rules })) };
}

/** JSON is YAML. */
function withFiles(files: { readonly [name: string]: object }, command: readonly string[]): Verdict {
  const folder = mkdtempSync(join(tmpdir(), 'meshwright-rules-'));
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), JSON.stringify(content));
    const { status, stdout, stderr, error } = spawnSync(promtoolPath ?? 'promtool', command, {
      cwd: folder,
      encoding: 'utf8',
    });
    if (error) throw error;
    return { ok: status === 0, output: `${stdout}${stderr}` };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function located(): string | undefined {
  try {
    const { path } = tool<{ readonly path: string }>('promtool');
    return existsSync(path) ? path : undefined;
  } catch {
    return undefined;
  }
}
