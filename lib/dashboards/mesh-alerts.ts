import { type Mesh, type Model, names } from '../model';
import type { AlertingRule, Severity } from './alerts';
import { controlPlaneMetrics, envoyMetrics, labels, type Metric, podLabels } from './metrics';
import { type Matchers, number, rate, select, sum } from './promql';

/** Alerts of the mesh itself: a fixed number, whatever its size; labels say which service each speaks of. */
export function meshAlerts(model: Model): readonly AlertingRule[] {
  const { mesh } = model;
  return [
    ...certificates(mesh),
    ...roots(mesh),
    ...configuration(mesh),
    ...controlPlane(mesh),
    ...traffic(mesh),
    {
      alert: 'MeshwrightBypassPossible',
      expr: `${sum(ofControlPlane(mesh, controlPlaneMetrics.bypassPossible), ofProxy)}>0`,
      for: '5m',
      labels: about(mesh, 'critical', proxyName),
      annotations: {
        summary: `${proxyName} can be reached past its sidecar`,
        description:
          'The control plane could connect to a port of the application itself: whoever can do so too meets neither mutual TLS nor access policy. See whether the network plugin of the cluster enforces NetworkPolicy, and whether another policy opens the port.',
      },
    },
  ];
}

const ofProxy = [labels.proxyNamespace, labels.proxyService];
const proxyName = `{{ $labels.${labels.proxyNamespace} }}/{{ $labels.${labels.proxyService} }}`;
const podName = `{{ $labels.${podLabels.namespace} }}/{{ $labels.${podLabels.service} }}`;

/** Proxies' certificates are renewed at half of their life, so one with a quarter left has been missed for long. */
function certificates(mesh: Mesh): readonly AlertingRule[] {
  const lifetime = mesh.certificates.lifetime / 1000;
  const left = `min by (${ofProxy.join(',')}) (${ofControlPlane(mesh, controlPlaneMetrics.certificateExpiry)})-time()`;
  return [
    { severity: 'warning', share: 0.25, text: 'a quarter' },
    { severity: 'critical', share: 0.1, text: 'a tenth' },
  ].map(({ severity, share, text }) => ({
    alert: 'MeshwrightCertificateExpiring',
    expr: `${left}<${number(lifetime * share)}`,
    for: '5m',
    labels: about(mesh, severity as Severity, proxyName),
    annotations: {
      summary: `a certificate of ${proxyName} ends soon`,
      description: `It ends in {{ $value | humanizeDuration }}, less than ${text} of its life. It should have been renewed at half of it; when it ends, calls from and to this pod fail. See what the control plane says about the pod.`,
    },
  }));
}

/** A month to plan a change of root, or a quarter of its life where that is less: an intermediate may live for weeks. */
function roots(mesh: Mesh): readonly AlertingRule[] {
  const { root } = mesh.certificates;
  const lifetime = root.kind === 'secret' ? Number.POSITIVE_INFINITY : root.lifetime / 1000;
  const left = `min by (root) (${ofControlPlane(mesh, controlPlaneMetrics.rootCertificateExpiry, { root: 'issuing' })})-time()`;
  return [
    { severity: 'warning', limit: Math.min(30 * day, lifetime / 4) },
    { severity: 'critical', limit: Math.min(7 * day, lifetime / 10) },
  ].map(({ severity, limit }) => ({
    alert: 'MeshwrightRootCertificateExpiring',
    expr: `${left}<${number(limit)}`,
    for: '5m',
    labels: about(mesh, severity as Severity),
    annotations: {
      summary: `the certificate that signs for mesh ${mesh.name} ends soon`,
      description:
        'It ends in {{ $value | humanizeDuration }}. After that no proxy gets a certificate, and calls fail as those they have end.',
    },
  }));
}

function configuration(mesh: Mesh): readonly AlertingRule[] {
  return [
    {
      alert: 'MeshwrightProxiesOutOfSync',
      expr: `${sum(ofControlPlane(mesh, controlPlaneMetrics.proxiesOutOfSync), ofProxy)}>0`,
      for: '10m',
      labels: about(mesh, 'warning', proxyName),
      annotations: {
        summary: `proxies of ${proxyName} do not follow the mesh`,
        description:
          '{{ $value }} proxies have not acknowledged their configuration for ten minutes: they still do what was declared before.',
      },
    },
    {
      alert: 'MeshwrightConfigurationRefused',
      expr: `${sum(ofControlPlane(mesh, controlPlaneMetrics.proxiesRefusing), ofProxy)}>0`,
      for: '1m',
      labels: about(mesh, 'warning', proxyName),
      annotations: {
        summary: `proxies of ${proxyName} refuse their configuration`,
        description:
          '{{ $value }} proxies keep the last configuration they took. The object that caused it has a condition Programmed=False with the reason.',
      },
    },
  ];
}

function controlPlane(mesh: Mesh): readonly AlertingRule[] {
  return [
    {
      alert: 'MeshwrightControlPlaneAbsent',
      expr: `absent(${ofControlPlane(mesh, controlPlaneMetrics.proxiesConnected)})`,
      for: '5m',
      labels: about(mesh, 'critical'),
      annotations: {
        summary: `the control plane of mesh ${mesh.name} is away`,
        description: `No replica of ${mesh.namespace}/${names.objects.controlPlane} reports metrics. Proxies go on with what they have, but no new pod can join, nothing that is declared takes effect, and certificates are not renewed.`,
      },
    },
    {
      alert: 'MeshwrightControlPlaneWithoutLeader',
      expr: `${sum(ofControlPlane(mesh, controlPlaneMetrics.leader))}<1`,
      for: '5m',
      labels: about(mesh, 'warning'),
      annotations: {
        summary: `no replica of the control plane of mesh ${mesh.name} leads`,
        description: `Rollouts stand still and no status is written. See who holds the lease ${mesh.namespace}/${names.objects.lease}.`,
      },
    },
  ];
}

function traffic(mesh: Mesh): readonly AlertingRule[] {
  const own = [podLabels.namespace, podLabels.service];
  const clusters: Matchers = { [labels.cluster]: { pattern: 'outbound[|].+' } };
  const inbound = { pattern: 'inbound[|][0-9]+' };
  const refused = [
    rate(envoyMetrics.denied, { [labels.listenerPrefix]: inbound }, '10m'),
    rate(envoyMetrics.tcpDenied, { [labels.rbacPrefix]: inbound }, '10m'),
    rate(envoyMetrics.answeredByProxy, { [labels.listenerPrefix]: inbound }, '10m'),
  ].map((each, index) => `label_replace(${sum(each, own)},"why","${index}","","")`);
  return [
    {
      alert: 'MeshwrightInstancesEjected',
      expr: `max by (${[...own, labels.cluster].join(',')}) (${select(envoyMetrics.ejectedInstances, clusters)})>0`,
      for: '5m',
      labels: about(mesh, 'warning', podName),
      annotations: {
        summary: `${podName} leaves instances of an upstream alone`,
        description: `A proxy has taken {{ $value }} instances of {{ $labels.${labels.cluster} }} out of its rotation for five minutes, because they failed again and again.`,
      },
    },
    {
      alert: 'MeshwrightCallsDenied',
      expr: `sum by (${own.join(',')}) (${refused.join(' or ')})>0`,
      for: '5m',
      labels: about(mesh, 'info', podName),
      annotations: {
        summary: `calls to ${podName} are denied`,
        description:
          '{{ $value | humanize }} calls per second that no declared edge and no policy allows. If they should be allowed, declare the edge in the program of the caller; the answer to a denied call names it.',
      },
    },
  ];
}

const day = 86_400;

/** Metrics of the control plane are asked for in its own namespace: another mesh of the same Prometheus has its own. */
function ofControlPlane(mesh: Mesh, metric: Metric, matchers: Matchers = {}): string {
  return select(metric, { [podLabels.namespace]: mesh.namespace, ...matchers });
}

function about(mesh: Mesh, severity: Severity, service?: string): AlertingRule['labels'] {
  return { severity, mesh: mesh.name, ...(service !== undefined && { service }) };
}
