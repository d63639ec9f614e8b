import { type Model, names } from '../model';
import { type Dashboard, jsonOf, type Section, uidOf } from './dashboard';
import { withUpstream } from './edge-sections';
import { envoyMetrics, labels, type Metric, podLabels } from './metrics';
import { interpolated, type Link, type Panel, toDashboard, type Unit } from './panel';
import { type Matchers, rate, select, sum } from './promql';
import { alertSeries, recorded } from './recorded';

/** The whole mesh on one page, as large for ten services as for ten thousand: the ten that matter most, by each measure. */
export function meshDashboard(model: Model): Dashboard {
  const { mesh } = model;
  const title = `Mesh ${mesh.name}`;
  return {
    name: `${names.objects.controlPlane}-dashboard-mesh`,
    namespace: mesh.namespace,
    title,
    json: jsonOf({
      uid: uidOf(mesh, 'mesh'),
      title,
      description: `Requests, errors and durations of mesh ${mesh.name}, and the services and edges that stand out.`,
      tags: ['mesh', mesh.name],
      variables: [
        {
          name: 'namespace',
          label: 'Namespace',
          series: recorded.service.requests,
          valuesOf: podLabels.namespace,
        },
      ],
      links: [toDashboard('Control plane', uidOf(mesh, 'control-plane'))],
      sections: [now(mesh.name), traffic(), services(), edges(), access(), proxies()],
    }),
  };
}

const range = '$__rate_interval';
const chosen: Matchers = { [podLabels.namespace]: { pattern: '$namespace' } };
const own = [podLabels.namespace, podLabels.service];
const service = recorded.service;
const edge = recorded.edge;

function now(mesh: string): Section {
  const all = (series: string) => sum(select(series, chosen));
  const figure = (title: string, unit: Unit, expr: string, rest: Partial<Panel> = {}): Panel => ({
    kind: 'number',
    title,
    unit,
    width: 4,
    height: 4,
    queries: [{ expr }],
    ...rest,
  });
  const firing = { alertname: { pattern: 'Meshwright.+' }, alertstate: 'firing', mesh };
  return {
    title: 'Now',
    panels: [
      figure('Requests', 'reqps', all(service.requests), { none: 'none' }),
      figure('Errors', 'percentunit', `${all(service.errors)}/(${all(service.requests)}>0)`, {
        none: 'no requests',
        limits: { yellow: 0.001, red: 0.01 },
      }),
      figure('Services with requests', 'short', `count(${select(service.requests, chosen)}>0)`, { none: 'none' }),
      figure('Proxies', 'short', sum(select(envoyMetrics.live, meshProxies())), { none: 'none' }),
      figure('Instances ejected', 'short', `${sum(`max by (${labels.cluster}) (${ejected()})`)}`, {
        none: 'none',
        limits: { yellow: 1 },
      }),
      figure('Alerts', 'short', `count(${select(alertSeries, firing)})`, { none: 'none', limits: { yellow: 1 } }),
      {
        kind: 'table',
        title: 'Alerts that fire',
        unit: 'short',
        width: 24,
        height: 6,
        none: 'none',
        columns: { severity: 'Severity', alertname: 'Alert', service: 'Service' },
        queries: [{ expr: sum(select(alertSeries, firing), ['severity', 'alertname', 'service']) }],
      },
    ],
  };
}

function traffic(): Section {
  const by = [podLabels.namespace];
  const legend = `{{${podLabels.namespace}}}`;
  const of = (series: string) => sum(select(series, chosen), by);
  const panel = (title: string, unit: Unit, expr: string, kind: Panel['kind'] = 'lines'): Panel => ({
    kind,
    title,
    unit,
    width: 8,
    height: 8,
    queries: [{ expr, legend }],
  });
  return {
    title: 'By namespace',
    panels: [
      panel('Requests of namespaces', 'reqps', of(service.requests), 'stacked'),
      panel('Errors of namespaces', 'percentunit', `${of(service.errors)}/(${of(service.requests)}>0)`),
      panel(
        'Slowest 99th percentile of namespaces',
        'ms',
        `max by (${podLabels.namespace}) (${select(service.p99, chosen)})`,
      ),
    ],
  };
}

function services(): Section {
  const top = (title: string, unit: Unit, expr: string, rest: Partial<Panel> = {}) =>
    topTen(title, unit, 6, expr, `{{${podLabels.namespace}}}/{{${podLabels.service}}}`, rest);
  const read = (series: string) => select(series, chosen);
  return {
    title: 'Services',
    panels: [
      top('Busiest services', 'reqps', read(service.requests)),
      top('Failing services', 'percentunit', `${read(service.errorRatio('5m'))}>0`),
      top('Slowest services', 'ms', read(service.p99), { description: '99th percentile over five minutes.' }),
      top(
        'Fastest use of error budget',
        'suffix:x',
        `${read(service.errorRatio('1h'))}/on(${own.join(',')})${read(service.errorBudget)}>0`,
        {
          description: 'Burn rate over one hour: above 1x the objective will be missed.',
          limits: { yellow: 1, red: 6 },
        },
      ),
    ],
  };
}

function edges(): Section {
  const legend = `{{${podLabels.namespace}}}/{{${podLabels.service}}} → {{upstream}}`;
  const by = [...own, 'upstream'];
  const top = (title: string, unit: Unit, width: number, expr: string, rest: Partial<Panel> = {}) =>
    topTen(title, unit, width, expr, legend, rest);
  const read = (series: string) => withUpstream(select(series, { ...chosen, [labels.cluster]: outbound }));
  const each = (metric: Metric) =>
    sum(withUpstream(rate(metric, { ...chosen, [labels.cluster]: outbound }, range)), by);
  return {
    title: 'Edges',
    panels: [
      top('Failing edges', 'percentunit', 12, `${sum(read(edge.errors), by)}/(${sum(read(edge.requests), by)}>0)>0`, {
        none: 'none',
      }),
      top('Slowest edges', 'ms', 12, `max by (${by.join(',')}) (${read(edge.p99)})`, {
        description: '99th percentile over five minutes, as the caller sees it.',
      }),
      top('Retries', 'ops', 8, `${each(envoyMetrics.retries)}>0`, { none: 'none' }),
      top('TLS handshakes failed', 'ops', 8, `${sum(read(edge.tlsFailures), by)}>0`, { none: 'none' }),
      top('Instances ejected by edge', 'short', 8, `max by (${by.join(',')}) (${withUpstream(ejected())})>0`, {
        none: 'none',
      }),
    ],
  };
}

function access(): Section {
  const legend = `{{${podLabels.namespace}}}/{{${podLabels.service}}}`;
  const top = (title: string, metric: Metric, label: string, description: string) =>
    topTen(title, 'ops', 8, `${sum(rate(metric, { ...chosen, [label]: inbound }, range), own)}>0`, legend, {
      description,
      none: 'none',
    });
  return {
    title: 'Access',
    panels: [
      top('Requests denied', envoyMetrics.denied, labels.listenerPrefix, 'No declared edge and no policy allows them.'),
      top(
        'Requests in plain text',
        envoyMetrics.answeredByProxy,
        labels.listenerPrefix,
        'From callers that the mesh does not know: refused with an explanation.',
      ),
      top(
        'Connections denied',
        envoyMetrics.tcpDenied,
        labels.rbacPrefix,
        'No declared edge and no policy allows them.',
      ),
    ],
  };
}

function proxies(): Section {
  return {
    title: 'Proxies',
    panels: [
      {
        kind: 'lines',
        title: 'Memory of all proxies',
        unit: 'bytes',
        width: 8,
        height: 8,
        queries: [{ expr: sum(select(envoyMetrics.memory, meshProxies())), legend: 'memory' }],
      },
      topTen(
        'Largest proxies',
        'bytes',
        8,
        select(envoyMetrics.memory, meshProxies()),
        `{{${podLabels.namespace}}}/{{${podLabels.pod}}}`,
      ),
      {
        kind: 'lines',
        title: 'Proxies without a control plane',
        description: 'They go on with the configuration they have.',
        unit: 'short',
        width: 8,
        height: 8,
        queries: [
          {
            expr: `count(${select(envoyMetrics.controlPlaneConnected, meshProxies())}==0) or vector(0)`,
            legend: 'proxies',
          },
        ],
      },
    ],
  };
}

const outbound = { pattern: 'outbound[|].+' };
const inbound = { pattern: 'inbound[|].+' };

/** Other Envoys may report to the same Prometheus; those of a mesh carry the name of their service. */
function meshProxies(): Matchers {
  return { ...chosen, [podLabels.service]: { pattern: '.+' } };
}

function ejected(): string {
  return select(envoyMetrics.ejectedInstances, { ...chosen, [labels.cluster]: outbound });
}

function topTen(
  title: string,
  unit: Unit,
  width: number,
  expr: string,
  legend: string,
  rest: Partial<Panel> = {},
): Panel {
  return {
    kind: 'bars',
    title,
    unit,
    width,
    height: 9,
    none: 'no requests',
    valueLinks: [toSearch],
    queries: [{ expr: `topk(10,${expr})`, legend }],
    ...rest,
  };
}

/** The address of a dashboard cannot be made of labels, so a click searches for the service by name. */
const toSearch: Link = {
  title: 'Find its dashboard',
  url: `/dashboards?tag=meshwright&query=${interpolated(`__field.labels.${podLabels.service}`)}`,
};
