import type { Telemetry } from '../../model';
import { host, isAddress, token } from '../form';
import { telemetrySites } from '../parts';
import { Range, type RangeCheck, rangeFindings } from '../range';
import type { Finding, Rule } from '../rule';

export const telemetrySettings: Rule = {
  code: 'MESH0820',
  level: 'error',
  summary: 'telemetry is sent somewhere, and what it measures is in range',
  check: ({ model }) =>
    telemetrySites(model).flatMap(({ at, telemetry }) => [
      ...rangeFindings(at, ranges(telemetry)),
      ...[...targetProblems(telemetry, model.mesh.telemetry), ...bucketProblems(telemetry)].map(([message, fix]) => ({
        at,
        message,
        fix,
      })),
    ]),
};

type Problem = readonly [message: Finding['message'], fix: Finding['fix']];

function ranges({ accessLog, tracing }: Telemetry): readonly RangeCheck[] {
  return [
    ['tracing.sampling', tracing?.sampling, Range.between(0, 100)],
    ['accessLog.filter.sample', accessLog?.filter?.sample, Range.between(0, 100)],
    ['accessLog.filter.minStatus', accessLog?.filter?.minStatus, Range.whole(100, 599)],
    ['accessLog.filter.minDuration', accessLog?.filter?.minDuration, Range.duration(0)],
  ];
}

/** A service's telemetry may leave to the mesh what the mesh gives. */
function targetProblems({ tracing, accessLog }: Telemetry, mesh: Telemetry): readonly Problem[] {
  const problems: Problem[] = [];
  if (tracing?.enabled) {
    const missing = (['host', 'port'] as const).filter((part) => (tracing[part] ?? mesh.tracing?.[part]) === undefined);
    if (missing.length > 0) {
      problems.push([
        `tracing is enabled, but ${missing.join(' and ')} of the collector ${missing.length > 1 ? 'are' : 'is'} missing`,
        `give ${missing.map((part) => `\`tracing.${part}\``).join(' and ')} of a collector that speaks OTLP over gRPC`,
      ]);
    }
  }
  const target = accessLog?.target;
  const hosts = [
    ['tracing.host', tracing?.host],
    ['accessLog.target.host', target?.kind === 'otlp' ? target.host : undefined],
  ] as const;
  for (const [property, name] of hosts) {
    const refusal = name === undefined || isAddress(name) ? undefined : host(name, 'exact');
    if (refusal !== undefined)
      problems.push([
        `${property} is ${JSON.stringify(name)}: ${refusal}`,
        `write the name of a host in \`${property}\``,
      ]);
  }
  for (const [tag, { kind, value }] of Object.entries(tracing?.tags ?? {})) {
    const refusal = kind === 'header' ? token(value) : undefined;
    if (refusal !== undefined)
      problems.push([
        `tracing.tags.${tag} names header ${JSON.stringify(value)}: ${refusal}`,
        'write a legal name of a header',
      ]);
  }
  return problems;
}

function bucketProblems({ metrics }: Telemetry): readonly Problem[] {
  const buckets = metrics?.latencyBuckets;
  if (!buckets) return [];
  const ascending = buckets.every((bound, index) => bound > (buckets[index - 1] ?? 0));
  if (buckets.length > 0 && ascending) return [];
  return [
    [
      `metrics.latencyBuckets must be milliseconds above 0 in ascending order, got ${buckets.length > 0 ? buckets.join(', ') : 'none'}`,
      'sort them and leave out what stands there twice',
    ],
  ];
}
