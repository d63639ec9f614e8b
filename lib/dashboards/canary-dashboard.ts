import { type Canary, canaryTarget, lookup, type Model, names, Ref } from '../model';
import { type Dashboard, jsonOf, uidOf } from './dashboard';
import { controlPlaneMetrics, labels, podLabels } from './metrics';
import { type Panel, type Query, toDashboard, type Unit } from './panel';
import { quantile, rate, select, sum } from './promql';
import { errorRatio, requestRate, type Traffic, trafficOf } from './traffic';

/** The stable version beside the candidate, with the bounds of the gates; absent where the service cannot have one. */
export function canaryDashboard(model: Model, canary: Canary): Dashboard | undefined {
  const target = canaryTarget(canary);
  const service = lookup(model).service(target);
  const stable = service && trafficOf(model, service, canary.stable);
  const candidate = service && trafficOf(model, service, canary.candidate);
  if (!stable || !candidate) return undefined;
  const key = Ref.key(canary);
  const title = `Canary ${key}`;
  return {
    name: names.objectName(`${canary.name}-dashboard-canary`),
    namespace: canary.namespace,
    title,
    json: jsonOf({
      uid: uidOf(model.mesh, 'canary', key),
      title,
      description: `${canary.candidate} takes over from ${canary.stable} of ${Ref.key(target)}, mesh ${model.mesh.name}.`,
      tags: ['canary', model.mesh.name],
      variables: [],
      links: [
        toDashboard(`Service ${Ref.key(target)}`, uidOf(model.mesh, 'service', Ref.key(target))),
        toDashboard(`Mesh ${model.mesh.name}`, uidOf(model.mesh, 'mesh')),
      ],
      sections: [
        { title: 'Rollout', panels: rollout(model, canary, stable, candidate) },
        { title: 'Stable beside candidate', panels: comparison(canary, stable, candidate) },
        { title: 'By status', panels: [statuses(canary.stable, stable), statuses(canary.candidate, candidate)] },
      ],
    }),
  };
}

const range = '$__rate_interval';

function rollout(model: Model, canary: Canary, stable: Traffic, candidate: Traffic): readonly Panel[] {
  const declared = select(controlPlaneMetrics.canaryWeight, {
    [podLabels.namespace]: model.mesh.namespace,
    canary_namespace: canary.namespace,
    canary: canary.name,
  });
  const [now, later] = [requestRate(stable, range), requestRate(candidate, range)];
  return [
    {
      kind: 'number',
      title: 'Declared share of the candidate',
      unit: 'percent',
      width: 6,
      height: 7,
      none: 'not running',
      queries: [{ expr: `max(${declared})` }],
    },
    {
      kind: 'lines',
      title: 'Share of the candidate',
      description: 'What the control plane gives it, and what it really got of the requests.',
      unit: 'percentunit',
      width: 18,
      height: 7,
      max: 1,
      queries: [
        { expr: `max(${declared})/100`, legend: 'declared' },
        { expr: `${later}/((${now}+${later})>0)`, legend: 'measured' },
      ],
    },
  ];
}

function comparison(canary: Canary, stable: Traffic, candidate: Traffic): readonly Panel[] {
  const both = (of: (traffic: Traffic) => string, suffix = ''): readonly Query[] => [
    { expr: of(stable), legend: `${canary.stable}${suffix}` },
    { expr: of(candidate), legend: `${canary.candidate}${suffix}` },
  ];
  const duration =
    (share: number) =>
    ({ time }: Traffic) =>
      quantile(share, time.metric, time.matchers, range);
  const panel = (title: string, unit: Unit, queries: readonly Query[], limit?: number): Panel => ({
    kind: 'lines',
    title,
    unit,
    width: 8,
    height: 9,
    ...(limit !== undefined && { limits: { red: limit } }),
    queries,
  });
  const success = canary.gates.find((gate) => gate.kind === 'successRate');
  const latency = canary.gates.find((gate) => gate.kind === 'latency');
  const quantiles = latency && latency.quantile !== 0.5 ? [0.5, latency.quantile] : [0.5, 0.99];
  return [
    panel(
      'Requests',
      'reqps',
      both((traffic) => requestRate(traffic, range)),
    ),
    panel(
      'Errors',
      'percentunit',
      both((traffic) => errorRatio(traffic, range)),
      success && Number(((100 - success.atLeast) / 100).toPrecision(9)),
    ),
    panel(
      'Duration',
      'ms',
      quantiles.flatMap((share) => both(duration(share), ` p${Number((share * 100).toPrecision(6))}`)),
      latency?.below,
    ),
  ];
}

function statuses(version: string, traffic: Traffic): Panel {
  return {
    kind: 'stacked',
    title: `Requests to ${version}`,
    unit: 'reqps',
    width: 12,
    height: 8,
    queries: [
      { expr: requestRate(traffic, range, [labels.responseClass]), legend: `{{${labels.responseClass}}}xx` },
      ...(traffic.grpc
        ? [
            {
              expr: sum(
                rate(
                  traffic.grpc.metric,
                  { ...traffic.grpc.matchers, [labels.grpcStatus]: { pattern: '[1-9][0-9]*' } },
                  range,
                ),
                [labels.grpcStatus],
              ),
              legend: `gRPC {{${labels.grpcStatus}}}`,
            },
          ]
        : []),
    ],
  };
}
