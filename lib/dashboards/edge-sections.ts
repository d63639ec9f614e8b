import { type Model, Ref } from '../model';
import type { Call, Caller } from './calls';
import { type Section, uidOf } from './dashboard';
import { envoyMetrics, labels, type Metric, podLabels } from './metrics';
import { type Link, type Panel, type Query, toDashboard, type Unit } from './panel';
import { literal, type Matchers, patternOf, quantile, rate, select, sum } from './promql';
import { recorded } from './recorded';
import { eventRate, ofPods, orZero, total } from './traffic';

export type Direction = 'in' | 'out';

/**
 * All calls of one direction side by side, then a row for each: what the proxies of its caller see of it. Rows that differ in
 * the call alone are written once and repeated by Grafana. Of several callers the summary says all: each has its own row on
 * its own page.
 */
export function edgeSections(model: Model, calls: readonly Call[], direction: Direction): readonly Section[] {
  const carried = calls.filter((call) => call.view === 'tcp');
  const answered = calls.filter((call) => call.view !== 'tcp');
  const rows = direction === 'in' && answered.length > 1 ? [] : rowsOf(model, answered, direction, 'edge');
  return [summary(calls, direction), ...rows, ...rowsOf(model, carried, direction, 'connection')];
}

function rowsOf(model: Model, calls: readonly Call[], direction: Direction, name: string): readonly Section[] {
  const [first] = calls;
  // Callers are told apart by two labels, for which one variable does not do.
  if (!first || calls.length === 1 || direction === 'in') return calls.map((call) => edge(model, call, direction));
  const any: Call = { ...first, tls: calls.some((call) => call.tls), cluster: { pattern: `\${${name}:raw}` } };
  const seen: Matchers = { ...ofPods(any.from), [labels.cluster]: any.cluster };
  return [
    {
      title: `To \${${name}:text}`,
      panels: name === 'connection' ? connections(any, seen, direction) : requests(any, seen, direction),
      repeat: {
        name,
        label: name === 'connection' ? 'Connection to' : 'Call to',
        options: calls.map((call) => ({
          text: `${nameOf(call.to)} port ${call.port}`,
          // As it stands: Grafana would escape a chosen value for a pattern, and a call to several versions is one already.
          value: patternOf(call.cluster),
        })),
      },
    },
  ];
}

/** Where the page of a caller or callee is; external services have none. */
export function pageOf(model: Model, party: Caller | Call['to']): Link | undefined {
  if (party.kind === 'externalService') return undefined;
  const kind = party.kind === 'service' ? 'service' : 'caller';
  return toDashboard(`Dashboard of ${Ref.key(party)}`, uidOf(model.mesh, kind, Ref.key(party)));
}

const range = '$__rate_interval';

function summary(calls: readonly Call[], direction: Direction): Section {
  const title = direction === 'in' ? 'Calls in' : 'Calls out';
  const requests = calls.filter((call) => call.view !== 'tcp');
  const [first] = requests;
  // Of a single edge its own line says the same.
  if (!first || requests.length < 2) return { title, panels: [] };
  const { of, by, legend } = direction === 'in' ? callersOf(first.to) : calleesOf(first.from);
  const panel = (name: string, unit: Unit, expr: string): Panel => ({
    kind: 'lines',
    title: name,
    unit,
    width: 8,
    height: 7,
    queries: [{ expr, legend }],
  });
  return {
    title,
    panels: [
      panel('Requests', 'reqps', sum(of(recorded.edge.requests), by)),
      panel('Errors', 'percentunit', `${sum(of(recorded.edge.errors), by)}/(${sum(of(recorded.edge.requests), by)}>0)`),
      panel('99th percentile', 'ms', `max by (${by.join(',')}) (${of(recorded.edge.p99)})`),
    ],
  };
}

interface Scope {
  readonly of: (series: string) => string;
  readonly by: readonly string[];
  readonly legend: string;
}

function callersOf(callee: Ref): Scope {
  const cluster = { pattern: `outbound[|].*[|]${literal(callee.namespace)}[|]${literal(callee.name)}` };
  return {
    of: (series) => select(series, { [labels.cluster]: cluster }),
    by: [podLabels.namespace, podLabels.service],
    legend: `{{${podLabels.namespace}}}/{{${podLabels.service}}}`,
  };
}

function calleesOf(caller: Ref): Scope {
  return {
    of: (series) => withUpstream(select(series, labelsOfCalls(caller))),
    by: ['upstream'],
    legend: '{{upstream}}',
  };
}

function labelsOfCalls(caller: Ref): Matchers {
  return { [podLabels.namespace]: caller.namespace, [podLabels.service]: caller.name };
}

/** Reads `namespace/name` of the callee out of the name of a cluster. */
export function withUpstream(expr: string): string {
  return `label_replace(${expr},"upstream","$1/$2","${labels.cluster}","outbound[|].*[|](.+)[|](.+)")`;
}

function edge(model: Model, call: Call, direction: Direction): Section {
  const seen: Matchers = { ...ofPods(call.from), [labels.cluster]: call.cluster };
  const page = pageOf(model, direction === 'in' ? call.from : call.to);
  const panels = call.view === 'tcp' ? connections(call, seen, direction) : requests(call, seen, direction);
  return {
    title:
      direction === 'in' ? `From ${nameOf(call.from)}, port ${call.port}` : `To ${nameOf(call.to)}, port ${call.port}`,
    panels: panels.map((panel, index) => (page && index === 0 ? { ...panel, links: [page] } : panel)),
  };
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

function requests(call: Call, seen: Matchers, direction: Direction): readonly Panel[] {
  const all = (series: string) => sum(select(series, seen));
  const width = direction === 'in' ? 8 : 5;
  const seenAt = (share: number) => quantile(share, envoyMetrics.upstreamTime, seen, range);
  return [
    panel('stacked', 'Requests', 'reqps', width, [
      {
        expr: sum(rate(envoyMetrics.upstreamRequests, seen, range), [labels.responseClass]),
        legend: `{{${labels.responseClass}}}xx`,
      },
    ]),
    panel('lines', 'Errors', 'percentunit', width, [
      { expr: `${all(recorded.edge.errors)}/(${all(recorded.edge.requests)}>0)`, legend: 'failed' },
    ]),
    panel('lines', 'Duration', 'ms', width, [
      { expr: seenAt(0.5), legend: 'p50' },
      { expr: seenAt(0.99), legend: 'p99' },
    ]),
    ...(direction === 'in' ? [] : protection(call, seen)),
  ];
}

/** What keeps a caller upright: how much is under way, and what its proxy gives up or tries again. */
function protection({ tls }: Call, seen: Matchers): readonly Panel[] {
  return [
    panel('lines', 'Saturation', 'short', 5, [
      { expr: orZero(total(envoyMetrics.activeRequests, seen)), legend: 'requests in flight' },
      { expr: orZero(total(envoyMetrics.pendingRequests, seen)), legend: 'requests waiting' },
      { expr: orZero(total(envoyMetrics.activeConnections, seen)), legend: 'connections' },
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
  return { expr: orZero(`max(${select(envoyMetrics.ejectedInstances, seen)})`), legend: 'instances ejected' };
}

function tlsFailures(seen: Matchers): Query {
  return { expr: orZero(sum(select(recorded.edge.tlsFailures, seen))), legend: 'TLS handshakes failed' };
}

/** Of connections there are no answers to measure: how many, how many fail, how much they carry. */
function connections({ tls }: Call, seen: Matchers, direction: Direction): readonly Panel[] {
  const width = direction === 'in' ? 8 : 6;
  return [
    panel('lines', 'Connections', 'ops', width, [{ expr: events(envoyMetrics.connections, seen), legend: 'begun' }]),
    panel('lines', 'Failures', 'ops', width, [
      { expr: events(envoyMetrics.connectFailures, seen), legend: 'connections failed' },
      { expr: events(envoyMetrics.connectionOverflow, seen), legend: 'limit of connections met' },
      ...(tls ? [tlsFailures(seen)] : []),
    ]),
    panel('lines', 'Bytes', 'Bps', width, [
      { expr: events(envoyMetrics.receivedBytes, seen), legend: 'received' },
      { expr: events(envoyMetrics.sentBytes, seen), legend: 'sent' },
    ]),
    ...(direction === 'in'
      ? []
      : [
          panel('lines', 'Saturation', 'short', width, [
            { expr: orZero(total(envoyMetrics.activeConnections, seen)), legend: 'connections' },
            ejected(seen),
          ]),
        ]),
  ];
}

function events(metric: Metric, seen: Matchers): string {
  return eventRate(metric, seen, range);
}

function panel(kind: Panel['kind'], title: string, unit: Unit, width: number, queries: readonly Query[]): Panel {
  return { kind, title, unit, width, height: 6, queries };
}
