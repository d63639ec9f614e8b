import { describe, expect, test } from 'vitest';
import { violationsOf, violationText } from '.';
import { KubernetesSchemas } from './schema/kubernetes';
import { Quantity } from './schema/quantity';
import { shop } from './shop.cases';
import { type Loose, widgetCrd } from './structural.cases';

const texts = (objects: readonly object[], crds: readonly object[] = []) =>
  violationsOf(objects, { crds }).map(violationText);

test('the schemas are those of the oldest and the newest supported Kubernetes', () => {
  expect(KubernetesSchemas.all().map(({ version }) => version)).toEqual(['1.29', '1.33', '1.37']);
  expect(KubernetesSchemas.oldest().version).toBe('1.29');
  expect(KubernetesSchemas.newest().version).toBe('1.37');
});

describe("Kubernetes' own kinds", () => {
  test('a valid set', () => {
    const { route, ...kubernetes } = shop();
    expect(texts(Object.values(kubernetes))).toEqual([]);
  });

  const cases: readonly [
    name: string,
    change: (deployment: Loose, container: Loose) => void,
    problems: readonly string[],
  ][] = [
    [
      'an unknown field',
      ({ spec }) => {
        spec.replica = 3;
      },
      [
        'spec.replica: unknown field; known are minReadySeconds, paused, progressDeadlineSeconds, replicas, revisionHistoryLimit, selector, strategy, template',
      ],
    ],
    [
      'a wrong type',
      (_, container) => {
        container.ports[0].containerPort = '8080';
        container.image = 1;
      },
      [
        'spec.template.spec.containers[0].image: must be of type string, got 1',
        'spec.template.spec.containers[0].ports[0].containerPort: must be of type integer, got "8080"',
      ],
    ],
    [
      'a wrong value',
      (_, container) => {
        container.readinessProbe.httpGet.port = true;
        container.ports[0].containerPort = 2 ** 31;
      },
      [
        'spec.template.spec.containers[0].ports[0].containerPort: must be of format int32, got 2147483648',
        'spec.template.spec.containers[0].readinessProbe.httpGet.port: must be of type string or integer, got true',
      ],
    ],
    [
      'something missing',
      ({ spec }) => {
        delete spec.selector;
        delete spec.template.spec.containers[0].name;
      },
      ['spec.selector: is required', 'spec.template.spec.containers[0].name: is required'],
    ],
    [
      'a field that the oldest does not have',
      (_, container) => {
        container.resources.claims = [{ name: 'a', request: 'b' }];
      },
      ['spec.template.spec.containers[0].resources.claims[0].request: unknown field; known are name (Kubernetes 1.29)'],
    ],
    [
      'no plain data',
      ({ metadata, spec }, container) => {
        metadata.labels = new Map();
        spec.replicas = undefined;
        container.command = [null, Number.NaN, () => 1];
      },
      [
        'metadata.labels: is no plain data, but an instance of Map',
        'spec.replicas: is undefined; a field without a value is left out',
        'spec.template.spec.containers[0].command[0]: is null; a field without a value is left out',
        'spec.template.spec.containers[0].command[1]: is no plain data, but NaN',
        'spec.template.spec.containers[0].command[2]: is no plain data, but a function',
      ],
    ],
  ];
  test.each(cases)('%s', (_, change, problems) => {
    const { deployment } = shop();
    change(deployment, deployment.spec.template.spec.containers[0]);
    expect(texts([deployment])).toEqual(problems.map((problem) => `Deployment shop/web: ${problem}`));
  });

  test('kinds and versions that are not served', () => {
    const metadata = { name: 'x' };
    expect(
      texts([
        { apiVersion: 'apps/v1', kind: 'Deploymnt', metadata },
        { apiVersion: 'policy/v1beta1', kind: 'PodDisruptionBudget', metadata },
        { apiVersion: 'resource.k8s.io/v1', kind: 'DeviceClass', metadata, spec: {} },
        { kind: 'Service', metadata },
      ]),
    ).toEqual([
      'Deploymnt x: apps/v1 Deploymnt is not known, and there is no CRD for it',
      'PodDisruptionBudget x: policy/v1beta1 PodDisruptionBudget is not known, and there is no CRD for it',
      'DeviceClass x: resource.k8s.io/v1 DeviceClass is served by Kubernetes 1.37 and not by 1.29',
      'Service x: must have apiVersion and kind, got nothing and "Service"',
    ]);
  });
});

describe('custom resources', () => {
  const widget = (spec: object, more: object = {}) => ({
    apiVersion: 'shop.example/v1alpha1',
    kind: 'Widget',
    metadata: { name: 'w', namespace: 'shop' },
    spec: { host: 'a.example', exact: 'x', ...spec },
    ...more,
  });

  test('are valid, with what the CRD fills in', () => {
    expect(
      texts([
        widgetCrd(),
        widget({
          port: 'http',
          parts: [{ name: 'a', size: '1Gi' }],
          labels: { a: 'b' },
          free: { any: [1, { thing: true }] },
        }),
      ]),
    ).toEqual([]);
    expect(texts([widget({ port: 80 })], [widgetCrd()])).toEqual([]);
  });

  const cases: readonly [name: string, spec: object, problems: readonly string[]][] = [
    [
      'an unknown field',
      { hots: 'x' },
      ['spec.hots: unknown field; known are exact, free, host, labels, mode, parts, port, prefix'],
    ],
    ['a pattern', { host: 'A' }, ['spec.host: must match ^[a-z0-9.-]+$, got "A"']],
    ['a length', { host: 'a'.repeat(254) }, ['spec.host: must have at most 253 characters, got 254']],
    ['a choice', { mode: 'strict' }, ['spec.mode: must be one of "Strict", "Permissive", got "strict"']],
    [
      'an integer or string',
      { port: 1.5 },
      [
        'spec.port: must be an integer or a string, got 1.5',
        'spec.port: must be valid for at least one of 2 schemas (anyOf)',
      ],
    ],
    ['a union', { prefix: 'y' }, ['spec: must be valid for exactly one of 2 schemas (oneOf), is for 2']],
    ['a map of strings', { labels: { a: 1 } }, ['spec.labels.a: must be of type string, got 1']],
    [
      'a map that is too large',
      { labels: Object.fromEntries([...'abcdefghi'].map((letter) => [letter, ''])) },
      ['spec.labels: must have at most 8 properties, got 9'],
    ],
    ['a number', { parts: [{ name: 'a', weight: 101 }] }, ['spec.parts[0].weight: must be at most 100, got 101']],
    [
      'a list that is a map',
      { parts: [{ name: 'a' }, { name: 'a' }] },
      ['spec.parts: must not hold name "a" twice (items 0 and 1)'],
    ],
    ['what is required in an item', { parts: [{}] }, ['spec.parts[0].name: is required']],
    ['a rule', { host: 'localhost' }, ['spec: localhost is never strict']],
    ['a rule in an item', { parts: [{ name: 'a', size: 'large' }] }, ['spec.parts[0]: size must be a quantity']],
  ];
  test.each(cases)('%s', (_, spec, problems) => {
    expect(texts([widget(spec)], [widgetCrd()])).toEqual(problems.map((problem) => `Widget shop/w: ${problem}`));
  });

  test('have metadata that Kubernetes knows', () => {
    const crd = widgetCrd() as Loose;
    crd.spec.scope = 'Cluster';
    expect(
      texts([widget({}, { metadata: { name: 'w', namespace: 'shop', label: {}, labels: { a: 1 } } })], [crd]),
    ).toEqual([
      'Widget shop/w: metadata.namespace: must not be set: Widget is cluster-scoped',
      'Widget shop/w: metadata.label: unknown field; known are annotations, creationTimestamp, deletionGracePeriodSeconds, deletionTimestamp, finalizers, generateName, generation, labels, managedFields, name, namespace, ownerReferences, resourceVersion, selfLink, uid',
      'Widget shop/w: metadata.labels.a: must be of type string, got 1',
    ]);
  });

  test('are of a version that is served', () => {
    expect(texts([{ ...widget({}), apiVersion: 'shop.example/v1' }], [widgetCrd()])).toEqual([
      'Widget shop/w: shop.example/v1 Widget is not known; served are shop.example/v1alpha1',
    ]);
  });
});

describe('custom resources of others', () => {
  test('a PrometheusRule', () => {
    const rule = (more: object) => ({
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'PrometheusRule',
      metadata: { name: 'web', namespace: 'shop' },
      spec: {
        groups: [
          {
            name: 'web',
            interval: '30s',
            rules: [{ alert: 'Down', expr: 'up == 0', for: '5m', labels: { severity: 'page' }, ...more }],
          },
        ],
      },
    });
    expect(texts([rule({})])).toEqual([]);
    expect(texts([rule({ for: '5 minutes', sverity: 'x' })])).toEqual([
      'PrometheusRule shop/web: spec.groups[0].rules[0].for: must match ^(0|(([0-9]+)y)?(([0-9]+)w)?(([0-9]+)d)?(([0-9]+)h)?(([0-9]+)m)?(([0-9]+)s)?(([0-9]+)ms)?)$, got "5 minutes"',
      'PrometheusRule shop/web: spec.groups[0].rules[0].sverity: unknown field; known are alert, annotations, expr, for, keep_firing_for, labels, record',
    ]);
  });

  test('a ServiceMonitor and a PodMonitor', () => {
    const monitor = (kind: string, endpoints: object) => ({
      apiVersion: 'monitoring.coreos.com/v1',
      kind,
      metadata: { name: 'web', namespace: 'shop' },
      spec: { selector: { matchLabels: { app: 'web' } }, ...endpoints },
    });
    expect(
      texts([
        monitor('ServiceMonitor', { endpoints: [{ port: 'metrics', path: '/stats' }] }),
        monitor('PodMonitor', { podMetricsEndpoints: [{ port: 'stats' }] }),
      ]),
    ).toEqual([]);
    const known =
      'attachMetadata, bodySizeLimit, convertClassicHistogramsToNHCB, endpoints, fallbackScrapeProtocol, jobLabel, keepDroppedTargets, labelLimit, labelNameLengthLimit, labelValueLengthLimit, namespaceSelector, nativeHistogramBucketLimit, nativeHistogramMinBucketFactor, podTargetLabels, sampleLimit, scrapeClass, scrapeClassicHistograms, scrapeProtocols, selector, selectorMechanism, targetLabels, targetLimit';
    expect(texts([monitor('ServiceMonitor', { endpoint: [] })])).toEqual([
      'ServiceMonitor shop/web: spec.endpoints: is required',
      `ServiceMonitor shop/web: spec.endpoint: unknown field; known are ${known}`,
    ]);
  });

  test('a Certificate and its issuer', () => {
    const certificate = (spec: object) => ({
      apiVersion: 'cert-manager.io/v1',
      kind: 'Certificate',
      metadata: { name: 'web', namespace: 'shop' },
      spec,
    });
    const valid = {
      secretName: 'web-tls',
      dnsNames: ['shop.example'],
      issuerRef: { kind: 'ClusterIssuer', name: 'public' },
      privateKey: { algorithm: 'ECDSA', size: 256 },
    };
    const issuer = {
      apiVersion: 'cert-manager.io/v1',
      kind: 'ClusterIssuer',
      metadata: { name: 'public' },
      spec: { selfSigned: {} },
    };
    expect(texts([certificate(valid), issuer])).toEqual([]);
    expect(texts([certificate({ ...valid, privateKey: { algorithm: 'EC' }, issuerRef: {} })])).toEqual([
      'Certificate shop/web: spec.issuerRef.name: is required',
      'Certificate shop/web: spec.privateKey.algorithm: must be one of "RSA", "ECDSA", "Ed25519", got "EC"',
    ]);
  });
});

describe('quantities', () => {
  const amounts: readonly [written: string, nano: bigint | undefined][] = [
    ['1', 10n ** 9n],
    ['100m', 10n ** 8n],
    ['1.5Gi', 3n * 2n ** 29n * 10n ** 9n],
    ['1e3', 10n ** 12n],
    ['1E', 10n ** 27n],
    ['-2k', -2n * 10n ** 12n],
    ['.5', 5n * 10n ** 8n],
    ['1n', 1n],
    ['0.1n', 1n],
    ['5e-1', 5n * 10n ** 8n],
    ['1 Gi', undefined],
    ['1K', undefined],
    ['Gi', undefined],
    ['', undefined],
  ];
  test.each(amounts)('%s', (written, nano) => {
    expect(Quantity.parse(written)?.nano).toBe(nano);
  });
});
