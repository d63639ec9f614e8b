import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Manifest } from '../../../lib/kubernetes/manifest';
import { controlPlane, podMonitors, ruleObjects } from '../../../lib/kubernetes/running';
import { model, shop } from './meshes';

const { promtool } = JSON.parse(readFileSync(join(__dirname, '../../../.cache/tools.json'), 'utf8'));
const bare = model({ mesh: { telemetry: { metrics: { prometheusOperator: false } } } });

describe('files for a Prometheus without the operator', () => {
  it('scrape proxies and control plane and nothing else, and give each series its labels', () => {
    const pods: readonly Labels[] = [
      pod('storefront', 'web-1', 'mesh-metrics', {
        meshwright_dev_mesh: 'shop',
        meshwright_dev_service: 'web',
        meshwright_dev_version: 'v1',
      }),
      pod('storefront', 'public-1', 'mesh-metrics', {
        meshwright_dev_mesh: 'shop',
        meshwright_dev_proxy: 'gateway',
        app_kubernetes_io_name: 'public-gateway',
      }),
      pod('storefront', 'web-1', 'mesh-ready', { meshwright_dev_mesh: 'shop', meshwright_dev_service: 'web' }),
      pod(
        'storefront',
        'ended',
        'mesh-metrics',
        { meshwright_dev_mesh: 'shop', meshwright_dev_service: 'job' },
        'Succeeded',
      ),
      pod('storefront', 'others', 'mesh-metrics', { meshwright_dev_mesh: 'other', meshwright_dev_service: 'web' }),
      pod('meshwright-system', 'meshwright-1', 'http-admin', {
        app_kubernetes_io_component: 'control-plane',
        app_kubernetes_io_part_of: 'meshwright',
      }),
    ];
    expect(scraped(0, pods)).toEqual([
      { namespace: 'storefront', pod: 'public-1', mesh_service: 'public-gateway' },
      { namespace: 'storefront', pod: 'web-1', mesh_service: 'web', mesh_version: 'v1' },
    ]);
    expect(scraped(1, pods)).toEqual([{ namespace: 'meshwright-system', pod: 'meshwright-1' }]);
  });

  it('say of proxies what the operator is told to say', () => {
    const [proxies] = podMonitors(model());
    const [scrape] = podMonitors(bare);
    const { relabel_configs } = JSON.parse(scrape?.data['scrape.yaml']).scrape_configs[0];
    const told = proxies?.spec.podMetricsEndpoints[0].relabelings.map(
      ({ sourceLabels, targetLabel, ...others }: Manifest) => ({
        source_labels: sourceLabels,
        target_label: targetLabel,
        ...others,
      }),
    );
    expect(told).toEqual(relabel_configs.slice(2));
    expect(told.length).toBe(5);
  });

  it('are rules that it reads', () => {
    const rules = [{ alert: 'Gone', expr: 'up == 0', for: '5m' }];
    const [file] = ruleObjects(bare, [{ name: 'mesh', namespace: 'monitoring', rules }]);
    expect(check(JSON.parse(file?.data['mesh.yaml']))).toBe('');
  });
});

describe('what the control plane may do', () => {
  const roles = (of: Manifest[]) => of.filter(({ kind }) => kind === 'Role' || kind === 'ClusterRole');
  const granted = roles([...controlPlane(shop().model)]);
  const rules = granted.flatMap((role) => (role.rules as Manifest[]).map((rule) => ({ role, rule })));

  it('holds no wildcard', () => {
    expect(JSON.stringify(granted)).not.toContain('"*"');
  });

  it('reaches Secrets and ConfigMaps by name only, never across the cluster', () => {
    for (const { role, rule } of rules) {
      const touchesData = rule.resources.some((resource: string) => ['secrets', 'configmaps'].includes(resource));
      if (!touchesData) continue;
      expect(role.kind).toBe('Role');
      expect(rule.resourceNames.length).toBeGreaterThan(0);
    }
  });

  it('writes nothing across the cluster but status', () => {
    const written = rules
      .filter(
        ({ role, rule }) =>
          role.kind === 'ClusterRole' && rule.verbs.some((verb: string) => !['get', 'list', 'watch'].includes(verb)),
      )
      .flatMap(({ rule }) => rule.resources as string[]);
    expect(written.filter((resource) => !resource.endsWith('/status'))).toEqual(['tokenreviews']);
  });

  it('scales workloads only where a failed candidate is scaled down', () => {
    const where = rules
      .filter(({ rule }) => rule.apiGroups.includes('apps'))
      .map(({ role }) => role.metadata.namespace);
    expect(new Set(where)).toEqual(new Set(['storefront']));
  });
});

type Labels = { readonly [label: string]: string };

/** A port of a pod, as Prometheus' discovery describes it. */
function pod(namespace: string, name: string, portName: string, labels: Labels, phase = 'Running'): Labels {
  return {
    __meta_kubernetes_namespace: namespace,
    __meta_kubernetes_pod_name: name,
    __meta_kubernetes_pod_phase: phase,
    __meta_kubernetes_pod_container_port_name: portName,
    ...Object.fromEntries(Object.entries(labels).map(([key, value]) => [`__meta_kubernetes_pod_label_${key}`, value])),
  };
}

/**
 * The labels that Prometheus itself gives to what one of the scrape configurations finds. Discovery is stood in for by a
 * list: Debian builds Prometheus without Kubernetes.
 */
function scraped(job: number, pods: readonly Labels[]): readonly object[] {
  const [scrape] = podMonitors(bare);
  const { kubernetes_sd_configs, ...config } = JSON.parse(scrape?.data['scrape.yaml']).scrape_configs[job];
  expect(kubernetes_sd_configs[0].role).toBe('pod');
  const static_configs = pods.map((labels, index) => ({ targets: [`10.0.0.${index}:1`], labels }));
  const file = { scrape_configs: [{ ...config, static_configs }] };
  const said = promtoolSays(file, (path) => ['check', 'service-discovery', '--timeout=1s', path, config.job_name]);
  const targets: { readonly labels?: Labels }[] = JSON.parse(said.stdout);
  const found = targets.flatMap(({ labels }) => {
    if (!labels || Object.keys(labels).length === 0) return [];
    const own = Object.entries(labels).filter(([key]) => !key.startsWith('__') && !['instance', 'job'].includes(key));
    return [Object.fromEntries(own)];
  });
  // Targets are discovered side by side, so they come in any order.
  return found.sort((a, b) => (String(a.pod) < String(b.pod) ? -1 : 1));
}

/** What promtool has to say against a file of rules. */
function check(rules: object): string {
  const { status, stderr } = promtoolSays(rules, (path) => ['check', 'rules', '--lint=all', path]);
  return status === 0 ? '' : stderr;
}

function promtoolSays(content: object, args: (path: string) => readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'meshwright-'));
  try {
    const path = join(folder, 'file.yaml');
    writeFileSync(path, JSON.stringify(content));
    return spawnSync(promtool.path, args(path), { encoding: 'utf8' });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
