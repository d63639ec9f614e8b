import fc from 'fast-check';
import type { AccessLog, AccessLogFilter, Metrics, Objective, Telemetry, Tracing } from '../../../lib/model';
import {
  duration,
  host,
  kind,
  maybe,
  percent,
  port,
  prose,
  recordOf,
  share,
  span,
  texts,
  token,
  words,
} from './values';

type Format = NonNullable<AccessLog['format']>;
type Target = NonNullable<AccessLog['target']>;
type Tag = NonNullable<Tracing['tags']>[string];

const format: fc.Arbitrary<Format> = fc.oneof(
  recordOf<Extract<Format, { kind: 'json' }>>({ kind: kind('json'), fields: maybe(texts) }),
  recordOf<Extract<Format, { kind: 'text' }>>({ kind: kind('text'), line: prose }),
);

const target: fc.Arbitrary<Target> = fc.oneof(
  recordOf<Extract<Target, { kind: 'stdout' }>>({ kind: kind('stdout') }),
  recordOf<Extract<Target, { kind: 'otlp' }>>({ kind: kind('otlp'), host, port }),
);

const accessLog: fc.Arbitrary<AccessLog> = recordOf<AccessLog>({
  enabled: fc.boolean(),
  format: maybe(format),
  filter: maybe(
    recordOf<AccessLogFilter>({
      minStatus: maybe(fc.integer({ min: 100, max: 599 })),
      minDuration: maybe(duration),
      cel: maybe(prose),
      sample: maybe(percent),
    }),
  ),
  target: maybe(target),
});

const tracing: fc.Arbitrary<Tracing> = recordOf<Tracing>({
  enabled: fc.boolean(),
  host: maybe(host),
  port: maybe(port),
  sampling: maybe(percent),
  tags: maybe(
    fc.dictionary(token, recordOf<Tag>({ kind: words('literal', 'header'), value: token }), {
      maxKeys: 2,
      noNullPrototype: true,
    }),
  ),
});

const metrics: fc.Arbitrary<Metrics> = recordOf<Metrics>({
  latencyBuckets: maybe(
    fc
      .uniqueArray(fc.oneof(fc.integer({ min: 1, max: 60_000 }), fc.constant(0.5)), { minLength: 1, maxLength: 4 })
      .map((bounds) => bounds.sort((a, b) => a - b)),
  ),
  prometheusOperator: maybe(fc.boolean()),
});

const objective: fc.Arbitrary<Objective> = recordOf<Objective>({
  successRate: share,
  latency: maybe(recordOf<NonNullable<Objective['latency']>>({ percent: share, below: span })),
  window: maybe(span),
});

const parts = {
  accessLog: maybe(accessLog),
  tracing: maybe(tracing),
  objective: maybe(objective),
};

export const telemetry: fc.Arbitrary<Telemetry> = recordOf<Telemetry>({ ...parts, metrics: maybe(metrics) });
export { parts as telemetryParts };
