import { lookup, type Model, names, Ref, type Service } from '../model';
import { type Calls, viewOf } from './calls';
import { type Dashboard, jsonOf, type Section, uidOf, type Variable } from './dashboard';
import { callsIn, callsOut, declaredCalls } from './edge-sections';
import { envoyMetrics, labels, type Metric, podLabels } from './metrics';
import { days, type Goal, goalOf, type Window } from './objectives';
import { type Link, type Panel, type Query, toDashboard } from './panel';
import { type Matchers, number, quantile, rate, select, sum } from './promql';
import { labelsOf, recorded } from './recorded';
import { errorRatio, eventRate, inbound, ofPods, requestRate, type Traffic, total, trafficOf } from './traffic';

/** What a service answers, how well, and each of its edges; absent where no proxy can tell anything of it. */
export function serviceDashboard(model: Model, service: Service, calls: Calls): Dashboard | undefined {
  const ref = { namespace: service.namespace, name: service.name };
  const traffic = trafficOf(model, service);
  const own = traffic?.reporter !== 'shared-proxy';
  const [incoming, outgoing] = [calls.to('service', ref), calls.from(ref)];
  const sections: readonly Section[] = [
    ...(traffic ? [overview(model, service, traffic), golden(model, service, traffic), versions(model, service)] : []),
    ...(own
      ? [tcp(service), security(service), proxies(ref, { calls: outgoing.length > 0, answers: traffic !== undefined })]
      : []),
    declaredCalls(model, incoming, outgoing),
    ...callsIn(incoming),
    ...callsOut(outgoing),
  ];
  if (sections.every((section) => section.panels.length === 0)) return undefined;
  const key = Ref.key(ref);
  return {
    name: names.objectName(`${service.name}-dashboard`),
    namespace: service.namespace,
    title: `Service ${key}`,
    json: jsonOf({
      uid: uidOf(model.mesh, 'service', key),
      title: `Service ${key}`,
      description: `Requests to ${key} of mesh ${model.mesh.name}, its objective, and each call in and out.`,
      tags: ['service', model.mesh.name],
      variables: own ? [pods(ref)] : [],
      links: links(model, ref),
      sections,
    }),
  };
}

/** Pages above this one, and canaries of the service. */
function links(model: Model, service: Ref): readonly Link[] {
  return [
    toDashboard(`Mesh ${model.mesh.name}`, uidOf(model.mesh, 'mesh')),
    ...[...lookup(model).canaries(service)]
      .sort(Ref.compare)
      .map((canary) => toDashboard(`Canary ${canary.name}`, uidOf(model.mesh, 'canary', Ref.key(canary)))),
  ];
}

/** A choice of pods for the panels that tell them apart. */
export function pods(owner: Ref): Variable {
  return { name: 'pod', label: 'Pod', series: select(envoyMetrics.live, ofPods(owner)), valuesOf: podLabels.pod };
}

const range = '$__rate_interval';
const chosenPods = { [podLabels.pod]: { pattern: '$pod' } };

function overview(model: Model, service: Service, traffic: Traffic): Section {
  const goal = goalOf(model, service);
  const figure = (panel: Pick<Panel, 'title' | 'unit'> & Partial<Panel>, expr: string): Panel => ({
    kind: 'number',
    width: 12,
    height: 4,
    queries: [{ expr }],
    ...panel,
  });
  return {
    title: 'Now',
    panels: [
      figure(
        {
          title: 'Burn rate',
          description: `How many times faster than allowed the error budget is used, over one hour. Objective: ${number(100 - 100 * goal.errorBudget)} % of requests succeed.`,
          unit: 'suffix:x',
          none: 'no requests',
          limits: { yellow: 1, red: 6 },
        },
        burn(traffic.service, goal, '1h'),
      ),
      figure(
        {
          title: traffic.reporter === 'sidecar' ? 'Pods' : 'Proxies',
          description:
            traffic.reporter === 'sidecar'
              ? 'Pods whose sidecar serves.'
              : `Pods of the shared proxy ${Ref.key(traffic.pods)} before the service.`,
          unit: 'short',
          none: 'none',
        },
        total(envoyMetrics.live, ofPods(traffic.pods)),
      ),
    ],
  };
}

function limitsOf(goal: Goal): NonNullable<Panel['limits']> {
  return goal.errorBudget === 0
    ? { red: 0.000001 }
    : { yellow: goal.errorBudget, red: Math.min(1, goal.errorBudget * 6) };
}

/** Without a budget there is no rate of using it: then the share of failures itself is shown. */
function burn(service: Ref, goal: Goal, window: Window): string {
  const ratio = select(recorded.service.errorRatio(window), labelsOf(service));
  return goal.errorBudget === 0 ? ratio : `${ratio}/${number(goal.errorBudget)}`;
}

function golden(model: Model, service: Service, traffic: Traffic): Section {
  const goal = goalOf(model, service);
  const { latency } = goal;
  const failed = (window: Window): Query => ({
    expr: select(recorded.service.errorRatio(window), labelsOf(traffic.service)),
    legend: window,
  });
  return {
    title: 'Requests',
    panels: [
      {
        kind: 'stacked',
        title: 'Requests by status',
        unit: 'reqps',
        width: 8,
        height: 8,
        queries: [
          { expr: requestRate(traffic, range, [labels.responseClass]), legend: `{{${labels.responseClass}}}xx` },
          ...grpcErrors(traffic),
        ],
      },
      {
        kind: 'lines',
        title: 'Errors',
        description: `Share of requests with a 5xx, or with a gRPC status that is the fault of the server. The first line is what the objective allows over ${days(goal.window)}.`,
        unit: 'percentunit',
        width: 8,
        height: 8,
        limits: limitsOf(goal),
        queries: [failed('5m'), failed('1h'), failed('6h'), failed('3d')],
      },
      {
        kind: 'lines',
        title: 'Duration',
        ...(latency && {
          description: `Objective: ${number(100 - 100 * latency.budget)} % of requests below the line.`,
        }),
        unit: 'ms',
        width: 8,
        height: 8,
        ...(latency && { limits: { red: latency.bound } }),
        queries: [
          { expr: select(recorded.service.p50, labelsOf(traffic.service)), legend: 'p50' },
          { expr: select(recorded.service.p99, labelsOf(traffic.service)), legend: 'p99' },
        ],
      },
      ...(latency ? [slow(traffic, latency)] : []),
    ],
  };
}

/** A gRPC call that fails has HTTP status 200, so its own status is drawn beside. */
function grpcErrors(traffic: Traffic): readonly Query[] {
  if (!traffic.grpc) return [];
  const failed = { ...traffic.grpc.matchers, [labels.grpcStatus]: { pattern: '[1-9][0-9]*' } };
  return [
    {
      expr: sum(rate(traffic.grpc.metric, failed, range), [labels.grpcStatus]),
      legend: `gRPC {{${labels.grpcStatus}}}`,
    },
  ];
}

function slow(traffic: Traffic, latency: NonNullable<Goal['latency']>): Panel {
  const over = (window: Window): Query => ({
    expr: select(recorded.service.slowRatio(window), labelsOf(traffic.service)),
    legend: window,
  });
  return {
    kind: 'lines',
    title: 'Slow requests',
    description: `Share of requests that take longer than ${latency.bound} ms; the line is what the objective allows.`,
    unit: 'percentunit',
    width: 24,
    height: 7,
    limits: { red: latency.budget },
    queries: [over('5m'), over('1h'), over('1d')],
  };
}

function versions(model: Model, service: Service): Section {
  const title = 'Versions';
  const all = service.versions.flatMap((version) => {
    const traffic = trafficOf(model, service, version.name);
    return traffic ? [{ name: version.name, traffic }] : [];
  });
  if (all.length < 2) return { title, panels: [] };
  const panel = (name: string, unit: Panel['unit'], of: (traffic: Traffic) => string): Panel => ({
    kind: 'lines',
    title: name,
    unit,
    width: 8,
    height: 7,
    queries: all.map((version) => ({ expr: of(version.traffic), legend: version.name })),
  });
  return {
    title,
    panels: [
      panel('Requests of versions', 'reqps', (traffic) => requestRate(traffic, range)),
      panel('Errors of versions', 'percentunit', (traffic) => errorRatio(traffic, range)),
      panel('99th percentile of versions', 'ms', ({ time }) => quantile(0.99, time.metric, time.matchers, range)),
    ],
  };
}

function tcp(service: Service): Section {
  const ports = service.ports.filter((port) => viewOf(port.protocol) === 'tcp');
  const title = 'Connections';
  if (ports.length === 0) return { title, panels: [] };
  const listeners = { ...ofPods(service), [labels.tcpPrefix]: inbound(ports) };
  const each = (metric: Metric, legend: string): Query => ({ expr: eventRate(metric, listeners, range), legend });
  const open: Matchers = { ...ofPods(service), [labels.cluster]: inbound(ports) };
  return {
    title,
    panels: [
      {
        kind: 'lines',
        title: 'New connections',
        unit: 'ops',
        width: 8,
        height: 7,
        queries: [each(envoyMetrics.tcpConnections, 'new')],
      },
      {
        kind: 'lines',
        title: 'Open connections',
        unit: 'short',
        width: 8,
        height: 7,
        queries: [
          { expr: total(envoyMetrics.activeConnections, open, [podLabels.pod]), legend: `{{${podLabels.pod}}}` },
        ],
      },
      {
        kind: 'lines',
        title: 'Bytes',
        unit: 'Bps',
        width: 8,
        height: 7,
        queries: [each(envoyMetrics.tcpReceivedBytes, 'from callers'), each(envoyMetrics.tcpSentBytes, 'to callers')],
      },
    ],
  };
}

/** Who was turned away at the door of the service, and why. */
function security(service: Service): Section {
  const proxied = service.ports.filter((port) => viewOf(port.protocol) !== undefined);
  const http = proxied.filter((port) => viewOf(port.protocol) !== 'tcp');
  const other = proxied.filter((port) => viewOf(port.protocol) === 'tcp');
  if (proxied.length === 0) return { title: 'Access', panels: [] };
  const each = (metric: Metric, label: string, ports: typeof proxied, legend: string): readonly Query[] =>
    ports.length === 0
      ? []
      : [{ expr: eventRate(metric, { ...ofPods(service), [label]: inbound(ports) }, range), legend }];
  const handshakes = (metric: Metric) => eventRate(metric, ofPods(service), range);
  return {
    title: 'Access',
    panels: [
      {
        kind: 'lines',
        title: 'Turned away',
        description:
          'Denied: no declared edge and no policy allows the call. In plain text: from callers that the mesh does not know. In shadow: what a rule would refuse if it were enforced.',
        unit: 'ops',
        width: 24,
        height: 7,
        queries: [
          ...each(envoyMetrics.denied, labels.listenerPrefix, http, 'requests denied'),
          ...each(envoyMetrics.answeredByProxy, labels.listenerPrefix, http, 'requests in plain text'),
          ...each(envoyMetrics.shadowDenied, labels.listenerPrefix, http, 'requests denied in shadow'),
          ...each(envoyMetrics.tcpDenied, labels.rbacPrefix, other, 'connections denied'),
          ...each(envoyMetrics.tcpShadowDenied, labels.rbacPrefix, other, 'connections denied in shadow'),
          { expr: handshakes(envoyMetrics.serverTlsErrors), legend: 'TLS handshakes failed' },
          { expr: handshakes(envoyMetrics.serverTlsVerifyErrors), legend: 'certificates of callers refused' },
        ],
      },
    ],
  };
}

/** How full the pods are, each for itself; `calls` and `answers` say whether there is anything to see of that. */
export function proxies(owner: Ref, of: { readonly calls: boolean; readonly answers: boolean }): Section {
  const eachPod = (metric: Metric, what: string, matchers: Matchers = {}): Query => ({
    expr: total(metric, { ...ofPods(owner), ...chosenPods, ...matchers }, [podLabels.pod]),
    legend: `{{${podLabels.pod}}}${what}`,
  });
  const inbound = { [labels.listenerPrefix]: { pattern: 'inbound[|].+' } };
  const outbound = { [labels.cluster]: { pattern: 'outbound[|].+' } };
  const load = [
    ...(of.answers ? [eachPod(envoyMetrics.servedRequests, ': requests in flight', inbound)] : []),
    ...(of.calls ? [eachPod(envoyMetrics.activeConnections, ': connections to upstreams', outbound)] : []),
  ];
  const panel = (title: string, unit: Panel['unit'], queries: readonly Query[]): Panel => ({
    kind: 'lines',
    title,
    unit,
    width: load.length > 0 ? 12 : 24,
    height: 7,
    queries,
  });
  return {
    title: 'Pods',
    panels: [
      ...(load.length > 0 ? [panel('Load of pods', 'short', load)] : []),
      panel('Memory of proxies', 'bytes', [eachPod(envoyMetrics.memory, '')]),
    ],
  };
}
