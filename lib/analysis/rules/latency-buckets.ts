import { Duration, defaultLatencyBuckets, Late, locate, type Model } from '../../model';
import type { Finding, Rule } from '../rule';

/**
 * A histogram knows how many requests were faster than each of its bounds, and nothing between them: a threshold at a bound
 * is judged exactly, any other by a guess.
 */
export const latencyBuckets: Rule = {
  code: 'MESH0624',
  level: 'error',
  summary: 'latency is judged at a bound of the latency histogram',
  check: ({ model }) => {
    const buckets = model.mesh.telemetry.metrics?.latencyBuckets ?? defaultLatencyBuckets;
    return [
      ...model.canaries.flatMap((canary) =>
        canary.gates.flatMap((gate) =>
          gate.kind === 'latency' ? unless(buckets, gate.below, locate('Canary', canary), 'a latency gate judges') : [],
        ),
      ),
      ...unless(buckets, objectiveOf(model.mesh.telemetry), `Mesh ${model.mesh.name}`, 'the objective judges'),
      ...model.telemetries.flatMap((telemetry) =>
        unless(buckets, objectiveOf(telemetry), locate('Telemetry', telemetry), 'the objective judges'),
      ),
    ];
  },
};

function objectiveOf({ objective }: Model['mesh']['telemetry']): Duration | undefined {
  return objective?.latency?.below;
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
      fix: `${nearest === undefined ? 'add' : `set \`below\` to ${Duration.format(nearest)}, or add`} ${below} to \`metrics.latencyBuckets\` of the mesh's telemetry`,
    },
  ];
}
