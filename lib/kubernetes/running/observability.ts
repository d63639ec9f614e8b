import { type Model, names, order } from '../../model';
import type { Manifest } from '../manifest';
import { controlPlanePorts, controlPlaneSelector } from './control-plane';
import { systemLabels } from './labels';

export interface Dashboard {
  readonly name: string;
  readonly namespace: string;
  readonly title: string;
  readonly json: string;
}

export interface RuleGroup {
  readonly name: string;
  readonly namespace: string;
  readonly rules: readonly object[];
}

/** ConfigMaps that Grafana's sidecar loads: it looks for their label (https://github.com/kiwigrid/k8s-sidecar). */
export function dashboardObjects(model: Model, dashboards: readonly Dashboard[]): readonly Manifest[] {
  return dashboards.map(({ name, namespace, title, json }) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name,
      namespace,
      labels: { ...systemLabels(model, 'dashboard'), grafana_dashboard: '1' },
      annotations: { grafana_folder: 'Meshwright', 'kubernetes.io/description': title },
    },
    data: { [`${name}.json`]: json },
  }));
}

/** Recording rules and alerts: objects of the Prometheus operator, or files in ConfigMaps for a Prometheus without it. */
export function ruleObjects(model: Model, groups: readonly RuleGroup[]): readonly Manifest[] {
  return groups.map(({ name, namespace, rules }) => {
    const metadata = { name, namespace, labels: systemLabels(model, 'rules') };
    const file = { groups: [{ name, rules }] };
    return hasOperator(model)
      ? { apiVersion: 'monitoring.coreos.com/v1', kind: 'PrometheusRule', metadata, spec: file }
      : { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { [`${name}.yaml`]: json(file) } };
  });
}

/**
 * What collects the metrics of proxies and control plane: two PodMonitors for the whole mesh, so that a new service changes
 * nothing of them; without the operator the same as scrape configurations in a ConfigMap.
 */
export function podMonitors(model: Model): readonly Manifest[] {
  const { namespace } = model.mesh;
  const labels = systemLabels(model, 'monitoring');
  if (!hasOperator(model)) {
    const file = { scrape_configs: [proxyScrape(model), controlPlaneScrape(model)] };
    return [
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: monitorNames.scrape, namespace, labels },
        data: { 'scrape.yaml': json(file) },
      },
    ];
  }
  const apiVersion = 'monitoring.coreos.com/v1';
  return [
    {
      apiVersion,
      kind: 'PodMonitor',
      metadata: { name: monitorNames.proxies, namespace, labels },
      spec: {
        namespaceSelector: { any: true },
        selector: { matchLabels: { [names.keys.mesh]: model.mesh.name } },
        podMetricsEndpoints: [
          {
            port: names.portNames.metrics,
            path: names.paths.metrics,
            relabelings: proxyLabels.map(({ source_labels, target_label, ...others }) => ({
              sourceLabels: source_labels,
              targetLabel: target_label,
              ...others,
            })),
          },
        ],
      },
    },
    {
      apiVersion,
      kind: 'PodMonitor',
      metadata: { name: monitorNames.controlPlane, namespace, labels },
      spec: {
        selector: { matchLabels: controlPlaneSelector },
        podMetricsEndpoints: [{ port: controlPlanePorts.admin, path: '/metrics' }],
      },
    },
  ];
}

const monitorNames = {
  proxies: 'meshwright-proxies',
  controlPlane: names.objects.controlPlane,
  scrape: 'meshwright-scrape',
} as const;

interface Relabeling {
  readonly source_labels: readonly string[];
  readonly regex?: string;
  readonly target_label: string;
}

/** Labels of every series of a proxy ({@link names.metricLabels}), from what Prometheus finds out about its pod. */
const proxyLabels: readonly Relabeling[] = [
  { source_labels: ['__meta_kubernetes_namespace'], target_label: names.metricLabels.namespace },
  { source_labels: ['__meta_kubernetes_pod_name'], target_label: names.metricLabels.pod },
  { source_labels: [podLabel(names.keys.service)], target_label: names.metricLabels.service },
  // A proxy that stands by itself is of no service: there its own name is.
  {
    source_labels: [podLabel(names.keys.proxy), podLabel(names.keys.name)],
    regex: '.+;(.+)',
    target_label: names.metricLabels.service,
  },
  { source_labels: [podLabel(names.keys.version)], target_label: names.metricLabels.version },
];

/** Prometheus' discovery makes a character that a label name cannot hold an underscore. */
function podLabel(key: string): string {
  return `__meta_kubernetes_pod_label_${key.replace(/[^a-zA-Z0-9_]/g, '_')}`;
}

function proxyScrape(model: Model): object {
  return {
    job_name: `${model.mesh.namespace}/${monitorNames.proxies}`,
    metrics_path: names.paths.metrics,
    kubernetes_sd_configs: [{ role: 'pod' }],
    relabel_configs: [
      keep(
        [podLabel(names.keys.mesh), '__meta_kubernetes_pod_container_port_name'],
        [model.mesh.name, names.portNames.metrics],
      ),
      running,
      ...proxyLabels,
    ],
  };
}

function controlPlaneScrape(model: Model): object {
  const selector = Object.entries(controlPlaneSelector).sort(([a], [b]) => order(a, b));
  return {
    job_name: `${model.mesh.namespace}/${monitorNames.controlPlane}`,
    metrics_path: '/metrics',
    kubernetes_sd_configs: [{ role: 'pod', namespaces: { names: [model.mesh.namespace] } }],
    relabel_configs: [
      keep(
        [...selector.map(([key]) => podLabel(key)), '__meta_kubernetes_pod_container_port_name'],
        [...selector.map(([, value]) => value), controlPlanePorts.admin],
      ),
      running,
      ...proxyLabels.slice(0, 2),
    ],
  };
}

/** Pods that have ended keep their address, which may be another's by now. */
const running = { action: 'drop', source_labels: ['__meta_kubernetes_pod_phase'], regex: 'Failed|Succeeded' };

function keep(labels: readonly string[], values: readonly string[]): object {
  return { action: 'keep', source_labels: labels, regex: values.map(escaped).join(';') };
}

function escaped(text: string): string {
  return text.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&');
}

function hasOperator(model: Model): boolean {
  return model.mesh.telemetry.metrics?.prometheusOperator ?? true;
}

/** JSON is YAML, and reads the same whatever writes it. */
function json(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
