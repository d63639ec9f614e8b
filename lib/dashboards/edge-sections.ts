import { type Model, Ref } from '../model';
import type { Call, Caller } from './calls';
import { type Choice, type Section, uidOf } from './dashboard';
import { envoyMetrics, labels, type Metric, podLabels } from './metrics';
import { interpolated, type Panel, type Query, toDashboard, type Unit } from './panel';
import { literal, type Matchers, patternOf, quantile, rate, select, sum } from './promql';
import { recorded } from './recorded';
import { eventRate, ofPods, total } from './traffic';

/** Every declared call of a page by name, each with the way to the page of its other end. */
export function declaredCalls(model: Model, incoming: readonly Call[], outgoing: readonly Call[]): Section {
  const listed = (title: string, calls: readonly Call[], of: (call: Call) => string): readonly string[] =>
    calls.length === 0 ? [] : [`**${title}** ${calls.map(of).join(' · ')}`];
  const ports = new Set(incoming.map(({ port }) => port));
  const lines = [
    ...listed('Called by', incoming, (call) => linked(model, call.from) + (ports.size > 1 ? ` to :${call.port}` : '')),
    ...listed('Calls', outgoing, (call) => `${linked(model, call.to)}:${call.port}`),
  ];
  return {
    title: 'Declared calls',
    panels:
      lines.length === 0
        ? []
        : [
            {
              kind: 'text',
              title: 'Who calls whom',
              width: 24,
              height: 2 + lines.length,
              markdown: lines.join('\n\n'),
            },
          ],
  };
}

/**
 * Calls of a service as the proxies of its callers see them: a line for each caller in every panel, so that one can see
 * which of them sends the load and which of them suffers.
 */
export function callsIn(calls: readonly Call[]): readonly Section[] {
  const [requested, connected] = parted(calls);
  return [
    { title: 'Calls in', panels: requestsOf(requested) },
    { title: 'Connections in', panels: connectionsOf(connected) },
  ];
}

/** A row for each call of a caller. What its proxies see of every call is asked in the same way, so Grafana repeats one row. */
export function callsOut(calls: readonly Call[]): readonly Section[] {
  const [requested, connected] = parted(calls);
  return [
    repeated('edge', 'Calls to', requested, requests),
    repeated('connection', 'Connections to', connected, connections),
  ];
}

const range = '$__rate_interval';

function parted(calls: readonly Call[]): readonly [readonly Call[], readonly Call[]] {
  return [calls.filter((call) => call.view !== 'tcp'), calls.filter((call) => call.view === 'tcp')];
}

/** External services have no page. */
function linked(model: Model, party: Caller | Call['to']): string {
  if (party.kind === 'externalService') return nameOf(party);
  const kind = party.kind === 'service' ? 'service' : 'caller';
  const { title, url } = toDashboard(nameOf(party), uidOf(model.mesh, kind, Ref.key(party)));
  return `[${title}](${url})`;
}

function nameOf(party: Caller | Call['to']): string {
  const kind = {
    service: '',
    workload: 'workload ',
    gateway: 'gateway ',
    'egress-gateway': 'egress gateway ',
    'shared-proxy': 'shared proxy ',
    externalService: 'external service ',
  }[party.kind];
  const name = 'declared' in party ? party.declared : party.name;
  return `${kind}${party.namespace}/${name}`;
}

/** Reads `namespace/name` of the callee out of the name of a cluster. */
export function withUpstream(expr: string): string {
  return `label_replace(${expr},"upstream","$1/$2","${labels.cluster}","outbound[|].*[|](.+)[|](.+)")`;
}

interface Callers {
  readonly matchers: Matchers;
  /** Gives series the labels that tell callers, and ports where there are several, apart. */
  readonly told: (series: string) => string;
  readonly by: readonly string[];
  readonly legend: string;
}

function callersOf(calls: readonly Call[], callee: Ref): Callers {
  const ports = [...new Set(calls.map(({ port }) => port))].sort((a, b) => a - b);
  const numbers = ports.length === 1 ? ports : `(${ports.join('|')})`;
  const cluster = {
    pattern: `outbound[|]${numbers}[|].*[|]${literal(callee.namespace)}[|]${literal(callee.name)}`,
  };
  const several = ports.length > 1;
  return {
    matchers: { [labels.cluster]: cluster },
    told: (series) =>
      several ? `label_replace(${series},"port","$1","${labels.cluster}","outbound[|]([0-9]+)[|].*")` : series,
    by: [podLabels.namespace, podLabels.service, ...(several ? ['port'] : [])],
    legend: `{{${podLabels.namespace}}}/{{${podLabels.service}}}${several ? ' to {{port}}' : ''}`,
  };
}

function requestsOf(calls: readonly Call[]): readonly Panel[] {
  const [first] = calls;
  if (!first) return [];
  const { matchers, told, by, legend } = callersOf(calls, first.to);
  const all = (series: string) => sum(told(select(series, matchers)), by);
  const buckets = told(
    rate({ ...envoyMetrics.upstreamTime, name: `${envoyMetrics.upstreamTime.name}_bucket` }, matchers, range),
  );
  const seenAt = (share: number) => `histogram_quantile(${share},${sum(buckets, [...by, labels.bucket])})`;
  return [
    panel('stacked', 'Requests of callers', 'reqps', 8, [
      {
        expr: sum(told(rate(envoyMetrics.upstreamRequests, matchers, range)), [...by, labels.responseClass]),
        legend: `${legend} {{${labels.responseClass}}}xx`,
      },
    ]),
    panel('lines', 'Errors of callers', 'percentunit', 8, [
      { expr: `${all(recorded.edge.errors)}/(${all(recorded.edge.requests)}>0)`, legend },
    ]),
    panel('lines', 'Duration for callers', 'ms', 8, [
      { expr: seenAt(0.5), legend: `${legend} p50` },
      { expr: seenAt(0.99), legend: `${legend} p99` },
    ]),
  ];
}

function connectionsOf(calls: readonly Call[]): readonly Panel[] {
  const [first] = calls;
  if (!first) return [];
  const { matchers, told, by, legend } = callersOf(calls, first.to);
  const each = (metric: Metric, what: string): Query => ({
    expr: sum(told(rate(metric, matchers, range)), by),
    legend: `${legend} ${what}`,
  });
  return [
    panel('lines', 'Connections of callers', 'ops', 8, [each(envoyMetrics.connections, 'begun')]),
    panel('lines', 'Failures of callers', 'ops', 8, [
      each(envoyMetrics.connectFailures, 'connections failed'),
      each(envoyMetrics.connectionOverflow, 'limit of connections met'),
      {
        expr: sum(told(select(recorded.edge.tlsFailures, matchers)), by),
        legend: `${legend} TLS handshakes failed`,
      },
    ]),
    panel('lines', 'Bytes of callers', 'Bps', 8, [
      each(envoyMetrics.receivedBytes, 'received'),
      each(envoyMetrics.sentBytes, 'sent'),
    ]),
  ];
}

/**
 * Values go into queries as they stand (`:raw`). They are patterns already: a call to a service with versions is a cluster for
 * each of them. What Grafana does to a value of a variable with several choices is to escape it, and it would then match itself
 * alone (https://grafana.com/docs/grafana/latest/dashboards/variables/variable-syntax/). A repeated row holds one value, so
 * there is nothing to join.
 */
function repeated(
  name: string,
  label: string,
  calls: readonly Call[],
  panels: (any: Call, seen: Matchers) => readonly Panel[],
): Section {
  const [first] = calls;
  const title = `To ${interpolated(`${name}:text`)}`;
  if (!first) return { title, panels: [] };
  const choice: Choice = {
    name,
    label,
    options: calls.map((call) => ({ text: `${nameOf(call.to)}:${call.port}`, value: patternOf(call.cluster) })),
  };
  const seen: Matchers = { ...ofPods(first.from), [labels.cluster]: { pattern: interpolated(`${name}:raw`) } };
  return { title, repeat: choice, panels: panels({ ...first, tls: calls.some((call) => call.tls) }, seen) };
}

function requests({ tls }: Call, seen: Matchers): readonly Panel[] {
  const all = (series: string) => sum(select(series, seen));
  const seenAt = (share: number) => quantile(share, envoyMetrics.upstreamTime, seen, range);
  return [
    panel('stacked', 'Requests', 'reqps', 5, [
      {
        expr: sum(rate(envoyMetrics.upstreamRequests, seen, range), [labels.responseClass]),
        legend: `{{${labels.responseClass}}}xx`,
      },
    ]),
    panel('lines', 'Errors', 'percentunit', 5, [
      { expr: `${all(recorded.edge.errors)}/(${all(recorded.edge.requests)}>0)`, legend: 'failed' },
    ]),
    panel('lines', 'Duration', 'ms', 5, [
      { expr: seenAt(0.5), legend: 'p50' },
      { expr: seenAt(0.99), legend: 'p99' },
    ]),
    // What keeps a caller upright: how much is under way, and what its proxy gives up or tries again.
    panel('lines', 'Saturation', 'short', 5, [
      { expr: total(envoyMetrics.activeRequests, seen), legend: 'requests in flight' },
      { expr: total(envoyMetrics.pendingRequests, seen), legend: 'requests waiting' },
      { expr: total(envoyMetrics.activeConnections, seen), legend: 'connections' },
      ejected(seen),
    ]),
    panel('lines', 'Retries and failures', 'ops', 4, [
      { expr: events(envoyMetrics.retries, seen), legend: 'retries' },
      { expr: events(envoyMetrics.retryOverflow, seen), legend: 'retries over budget' },
      { expr: events(envoyMetrics.pendingOverflow, seen), legend: 'shed by circuit breaker' },
      { expr: events(envoyMetrics.connectFailures, seen), legend: 'connections failed' },
      ...(tls ? [tlsFailures(seen)] : []),
    ]),
  ];
}

/** Each proxy decides for itself: the largest number says how bad it is, a sum would count an instance many times. */
function ejected(seen: Matchers): Query {
  return { expr: `max(${select(envoyMetrics.ejectedInstances, seen)})`, legend: 'instances ejected' };
}

function tlsFailures(seen: Matchers): Query {
  return { expr: sum(select(recorded.edge.tlsFailures, seen)), legend: 'TLS handshakes failed' };
}

/** Of connections there are no answers to measure: how many, how many fail, how much they carry. */
function connections({ tls }: Call, seen: Matchers): readonly Panel[] {
  return [
    panel('lines', 'Connections', 'ops', 6, [{ expr: events(envoyMetrics.connections, seen), legend: 'begun' }]),
    panel('lines', 'Failures', 'ops', 6, [
      { expr: events(envoyMetrics.connectFailures, seen), legend: 'connections failed' },
      { expr: events(envoyMetrics.connectionOverflow, seen), legend: 'limit of connections met' },
      ...(tls ? [tlsFailures(seen)] : []),
    ]),
    panel('lines', 'Bytes', 'Bps', 6, [
      { expr: events(envoyMetrics.receivedBytes, seen), legend: 'received' },
      { expr: events(envoyMetrics.sentBytes, seen), legend: 'sent' },
    ]),
    panel('lines', 'Saturation', 'short', 6, [
      { expr: total(envoyMetrics.activeConnections, seen), legend: 'connections' },
      ejected(seen),
    ]),
  ];
}

function events(metric: Metric, seen: Matchers): string {
  return eventRate(metric, seen, range);
}

function panel(kind: Panel['kind'], title: string, unit: Unit, width: number, queries: readonly Query[]): Panel {
  return { kind, title, unit, width, height: 6, queries };
}
