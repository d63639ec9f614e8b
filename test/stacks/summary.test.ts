import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Yaml } from 'cdk8s';
import { afterAll, describe, expect, it } from 'vitest';
import { readFolder, summaryOf } from '../../stacks/command-line/summary';

const scratch = mkdtempSync(join(tmpdir(), 'meshwright-summary-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'edges.meshwright.dev' },
  spec: { group: 'meshwright.dev', names: { plural: 'edges', shortNames: ['e'], kind: 'Edge' }, versions: [] },
};
const edge = { apiVersion: 'meshwright.dev/v1alpha1', kind: 'Edge', metadata: { name: 'a' } };
const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'a' } };

describe('the summary', () => {
  it('counts kinds, and applies definitions before what they define', () => {
    const folder = written({ 'a.k8s.yaml': [service, edge, service], 'mesh.k8s.yaml': [definition, service] });
    expect(summaryOf('synth/shop', readFolder(folder))).toBe(
      [
        'a.k8s.yaml     3  2 Service, 1 Edge',
        'mesh.k8s.yaml  2  1 CustomResourceDefinition, 1 Service',
        '5 objects in 2 files in synth/shop',
        '',
        'To apply it:',
        '  kubectl apply --server-side -f synth/shop/mesh.k8s.yaml',
        '  kubectl wait --for=condition=Established --timeout=60s crd --all',
        '  kubectl apply --server-side -f synth/shop',
      ].join('\n'),
    );
  });

  it('tells of a file that kubectl cannot take at once', () => {
    const folder = written({ 'mesh.k8s.yaml': [definition, edge] });
    expect(summaryOf("it's/shop", readFolder(folder)).split('\n').slice(3)).toEqual([
      'To apply it:',
      '  # it holds objects of the kinds that it defines: those kubectl refuses at first, and takes below',
      `  kubectl apply --server-side -f 'it'\\''s/shop/mesh.k8s.yaml'`,
      '  kubectl wait --for=condition=Established --timeout=60s crd --all',
      `  kubectl apply --server-side -f 'it'\\''s/shop'`,
    ]);
  });

  it('tells whose kinds the cluster must know, and what to do without them', () => {
    const of = (apiVersion: string, kind: string) => ({ apiVersion, kind, metadata: { name: 'a' } });
    const folder = written({
      'a.yaml': [
        of('monitoring.coreos.com/v1', 'PrometheusRule'),
        of('monitoring.coreos.com/v1', 'PodMonitor'),
        of('gateway.networking.k8s.io/v1', 'Gateway'),
        of('cert-manager.io/v1', 'Certificate'),
        of('networking.k8s.io/v1', 'NetworkPolicy'),
        of('apps/v1', 'Deployment'),
      ],
    });
    expect(summaryOf('out', readFolder(folder)).split('\n').slice(2, -3)).toEqual([
      '',
      'The cluster must know these kinds beforehand:',
      '  Certificate (cert-manager.io): cert-manager',
      "  Gateway (gateway.networking.k8s.io): Gateway API; `gatewayApi: 'standard'` of the mesh writes it too",
      "  PodMonitor, PrometheusRule (monitoring.coreos.com): the Prometheus operator; without it, set `metrics: { prometheusOperator: false }` in the mesh's telemetry",
    ]);
  });

  it('finds files in folders of their own', () => {
    const folder = written({ 'a/x.yaml': [service], 'b/y.yml': [edge, edge] });
    expect(summaryOf('out', readFolder(folder))).toBe(
      [
        'a/x.yaml  1  1 Service',
        'b/y.yml   2  2 Edge',
        '3 objects in 2 files in out',
        '',
        'The cluster must know these kinds beforehand:',
        '  Edge (meshwright.dev)',
        '',
        'To apply it:',
        '  kubectl apply --server-side -f out --recursive',
      ].join('\n'),
    );
  });

  it('keeps long lists of kinds within the width of a screen', () => {
    const many = Array.from({ length: 30 }, (_, index) => ({ ...service, kind: `KindNumber${index + 10}` }));
    const lines = summaryOf('out', readFolder(written({ 'a.yaml': many }))).split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(120);
    expect(lines[0]).toMatch(/^a\.yaml {2}30 {2}1 KindNumber10, /);
    expect(lines[1]).toMatch(/^ {12}1 KindNumber/);
  });
});

let count = 0;

function written(files: { readonly [name: string]: readonly object[] }): string {
  const folder = join(scratch, String(count++));
  for (const [name, objects] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), Yaml.stringify(...objects));
  }
  return folder;
}
