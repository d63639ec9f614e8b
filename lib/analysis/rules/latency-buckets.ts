import {
  canaryTarget,
  Duration,
  defaultLatencyBuckets,
  Late,
  type Lookup,
  locate,
  type Model,
  policyTarget,
  type Ref,
} from '../../model';
import type { Finding, Rule } from '../rule';

/**
 * A histogram knows how many requests were faster than each of its bounds, and nothing between them: a threshold at a bound
 * is judged exactly, any other by a guess.
 */
export const latencyBuckets: Rule = {
  code: 'MESH0624',
  level: 'error',
  summary: 'latency is judged at a bound of the latency histogram',
  check: ({ model, find }) => {
    const own = (service: Ref) => bucketsOf(model, find, service);
    return [
      ...model.canaries.flatMap((canary) =>
        canary.gates.flatMap((gate) =>
          gate.kind === 'latency'
            ? unless(own(canaryTarget(canary)), gate.below, locate('Canary', canary), 'a latency gate judges')
            : [],
        ),
      ),
      ...unless(
        bucketsOf(model, find),
        objectiveOf(model.mesh.telemetry),
        `Mesh ${model.mesh.name}`,
        'the objective judges',
      ),
      ...model.telemetries.flatMap((telemetry) =>
        unless(
          own(policyTarget(telemetry)),
          objectiveOf(telemetry),
          locate('Telemetry', telemetry),
          'the objective judges',
        ),
      ),
    ];
  },
};

function objectiveOf({ objective }: Model['mesh']['telemetry']): Duration | undefined {
  return objective?.latency?.below;
}

function bucketsOf({ mesh }: Model, find: Lookup, service?: Ref): readonly number[] {
  const own = service && find.telemetry(service).find(({ metrics }) => metrics?.latencyBuckets)?.metrics;
  return (own ?? mesh.telemetry.metrics)?.latencyBuckets ?? defaultLatencyBuckets;
}

function unless(
  buckets: readonly number[],
  below: Duration | undefined,
  at: Finding['at'],
  what: string,
): readonly Finding[] {
  if (below === undefined || Late.is(below) || buckets.includes(below)) return [];
  const nearest = [...buckets].sort((a, b) => Math.abs(a - below) - Math.abs(b - below) || a - b)[0];
  const bounds = buckets.map(Duration.format).join(', ');
  return [
    {
      at,
      message: `${what} latency below ${Duration.format(below)}, which is no bound of the latency histogram: ${bounds}`,
      fix: `${nearest === undefined ? 'add' : `set \`below\` to ${Duration.format(nearest)}, or add`} ${below} to \`metrics.latencyBuckets\` of the telemetry`,
    },
  ];
}
