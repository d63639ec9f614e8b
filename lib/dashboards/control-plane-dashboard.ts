import { type Model, names } from '../model';
import { type Dashboard, jsonOf, type Section, uidOf } from './dashboard';
import { labels, type Metric, controlPlaneMetrics as metrics, podLabels } from './metrics';
import { type Panel, type Query, toDashboard, type Unit } from './panel';
import { type Matchers, quantile, rate, select, sum } from './promql';

/** Whether the control plane is there, whether proxies follow it, and how long certificates have to live. */
export function controlPlaneDashboard(model: Model): Dashboard {
  const { mesh } = model;
  const title = `Control plane of mesh ${mesh.name}`;
  const own: Matchers = { [podLabels.namespace]: mesh.namespace };
  return {
    name: `${names.objects.controlPlane}-dashboard-control-plane`,
    namespace: mesh.namespace,
    title,
    json: jsonOf({
      uid: uidOf(mesh, 'control-plane'),
      title,
      description: `Proxies, configuration and certificates of mesh ${mesh.name}.`,
      tags: ['control-plane', mesh.name],
      variables: [],
      links: [toDashboard(`Mesh ${mesh.name}`, uidOf(mesh, 'mesh'))],
      sections: [now(own), configuration(own), certificates(own, mesh.certificates.lifetime), replicas(own)],
    }),
  };
}

const range = '$__rate_interval';
const ofProxy = [labels.proxyNamespace, labels.proxyService];
const proxyColumns = { [labels.proxyNamespace]: 'Namespace', [labels.proxyService]: 'Service' };

function now(own: Matchers): Section {
  const figure = (title: string, expr: string, rest: Partial<Panel> = {}): Panel => ({
    kind: 'number',
    title,
    unit: 'short',
    width: 4,
    height: 4,
    queries: [{ expr }],
    ...rest,
  });
  const all = (metric: Metric) => sum(select(metric, own));
  const worrying = { none: 'none', limits: { red: 1 } };
  return {
    title: 'Now',
    panels: [
      figure('Replicas', `count(${select(metrics.leader, own)})`, { none: 'none' }),
      figure('Leaders', all(metrics.leader), { none: 'none' }),
      figure('Proxies connected', all(metrics.proxiesConnected), { none: 'none' }),
      figure('Proxies out of sync', all(metrics.proxiesOutOfSync), { none: 'none', limits: { yellow: 1 } }),
      figure('Proxies refusing', all(metrics.proxiesRefusing), worrying),
      figure(
        'Services with a way past their sidecar',
        `count(${sum(select(metrics.bypassPossible, own), ofProxy)}>0)`,
        worrying,
      ),
    ],
  };
}

function configuration(own: Matchers): Section {
  const within = (share: number): Query => ({
    expr: quantile(share, metrics.pushDuration, own, range),
    legend: `p${share * 100}`,
  });
  const third = { width: 8, height: 8 } as const;
  const half = { width: 12, height: 8 } as const;
  return {
    title: 'Configuration',
    panels: [
      {
        kind: 'lines',
        title: 'From a change to its acknowledgement',
        unit: 's',
        ...third,
        queries: [within(0.5), within(0.99)],
      },
      {
        kind: 'lines',
        title: 'Responses to proxies',
        unit: 'ops',
        ...third,
        queries: [{ expr: sum(rate(metrics.pushes, own, range)), legend: 'sent' }],
      },
      {
        kind: 'lines',
        title: 'Configurations refused',
        unit: 'ops',
        ...third,
        none: 'none',
        queries: [{ expr: sum(rate(metrics.configRejected, own, range)), legend: 'refused' }],
      },
      {
        kind: 'table',
        title: 'Out of sync',
        unit: 'short',
        ...half,
        none: 'none',
        columns: proxyColumns,
        queries: [{ expr: `topk(50,${sum(select(metrics.proxiesOutOfSync, own), ofProxy)}>0)` }],
      },
      {
        kind: 'table',
        title: 'Refusing',
        unit: 'short',
        ...half,
        none: 'none',
        columns: proxyColumns,
        queries: [{ expr: `topk(50,${sum(select(metrics.proxiesRefusing, own), ofProxy)}>0)` }],
      },
    ],
  };
}

function certificates(own: Matchers, lifetime: number): Section {
  const seconds = lifetime / 1000;
  const ends = select(metrics.certificateExpiry, own);
  return {
    title: 'Certificates',
    panels: [
      {
        kind: 'table',
        title: 'Root certificates end',
        description: '`issuing` signs, `trusted` is only trusted, before or after its time.',
        unit: 'dateTimeFromNow',
        width: 8,
        height: 8,
        columns: { root: 'Root' },
        queries: [{ expr: `1000*min by (root) (${select(metrics.rootCertificateExpiry, own)})` }],
      },
      {
        kind: 'table',
        title: 'First certificates to end',
        unit: 'dateTimeFromNow',
        width: 8,
        height: 8,
        columns: proxyColumns,
        queries: [{ expr: `bottomk(10,1000*min by (${ofProxy.join(',')}) (${ends}))` }],
      },
      {
        kind: 'lines',
        title: 'Life left of the oldest certificate',
        description: 'A certificate is renewed at half of its life: below 50 % one has been missed.',
        unit: 'percentunit',
        width: 8,
        height: 8,
        max: 1,
        queries: [{ expr: `(min(${ends})-time())/${seconds}`, legend: 'left' }],
      },
      {
        kind: 'lines',
        title: 'Certificates issued',
        unit: 'ops',
        width: 24,
        height: 6,
        queries: [{ expr: sum(rate(metrics.certificatesIssued, own, range)), legend: 'issued' }],
      },
    ],
  };
}

function replicas(own: Matchers): Section {
  const panel = (title: string, unit: Unit, expr: string): Panel => ({
    kind: 'lines',
    title,
    unit,
    width: 8,
    height: 7,
    queries: [{ expr, legend: `{{${podLabels.pod}}}` }],
  });
  const by = [podLabels.pod];
  const process = { ...own, [podLabels.pod]: { pattern: `${names.objects.controlPlane}-.+` } };
  return {
    title: 'Replicas',
    panels: [
      panel('Connections of replicas', 'short', sum(select(metrics.proxiesConnected, own), by)),
      panel('Memory of replicas', 'bytes', sum(select(metrics.memory, process), by)),
      panel('Processor time of replicas', 'percentunit', sum(rate(metrics.cpu, process, range), by)),
    ],
  };
}
