import type { AccessLog, AccessLogFilter, Metrics, Objective, Telemetry, Tracing } from '../../../model';
import {
  choice,
  duration,
  type FieldsOf,
  fields,
  flag,
  integer,
  lawful,
  list,
  mapOf,
  nothing,
  oneOf,
  optional,
  percent,
  port,
  positive,
  type Rule,
  required,
  type Shape,
  subdomain,
  text,
  variant,
} from '../shape';

type Format = NonNullable<AccessLog['format']>;
type Target = NonNullable<AccessLog['target']>;
type Tag = NonNullable<Tracing['tags']>[string];

const format: Shape<Format> = oneOf<Format>({
  json: variant(
    fields<Omit<Extract<Format, { readonly kind: 'json' }>, 'kind'>>({
      fields: optional(
        mapOf(text({ minLength: 0, maxLength: 1024 }), 64),
        "Envoy's command operators by field. Absent: the mesh's own fields.",
      ),
    }),
    'One JSON object a line.',
  ),
  text: variant(
    fields<Omit<Extract<Format, { readonly kind: 'text' }>, 'kind'>>({
      line: required(text({ maxLength: 4096 }), "A line, with Envoy's command operators."),
    }),
    'One line of text.',
  ),
});

const collector = { host: subdomain, port };

const target: Shape<Target> = oneOf<Target>({
  stdout: variant(nothing, 'Standard output of the proxy.'),
  otlp: variant(
    fields<Omit<Extract<Target, { readonly kind: 'otlp' }>, 'kind'>>({
      host: required(collector.host, 'Host of the collector.'),
      port: required(collector.port, 'Port of the collector, for OTLP over gRPC.'),
    }),
    'An OpenTelemetry collector.',
  ),
});

const filter: Shape<AccessLogFilter> = fields<AccessLogFilter>({
  minStatus: optional(
    integer({ minimum: 100, maximum: 599 }),
    'Only responses of at least this status, and what failed without one.',
  ),
  minDuration: optional(duration, 'Only requests that took at least this long.'),
  cel: optional(
    text({ maxLength: 4096 }),
    "Only requests for which this CEL expression over Envoy's attributes holds.",
  ),
  sample: optional(percent, 'Of what is left, this share in percent.'),
});

const accessLog: Shape<AccessLog> = fields<AccessLog>({
  enabled: required(flag, 'False: no log.'),
  format: optional(format, "How a request is written. Absent: JSON with the mesh's own fields."),
  filter: optional(filter, 'Which requests are written; all parts that are given must hold. Absent: all.'),
  target: optional(target, 'Where it goes. Absent: standard output.'),
});

const tag: Shape<Tag> = fields<Tag>({
  kind: required(
    choice<Tag['kind']>({ literal: 'Literal', header: 'Header' }),
    'Whether the value is a fixed text or the name of a header.',
    'type',
  ),
  value: required(text({ maxLength: 1024 }), 'The text, or the name of a header of the request.'),
});

const tracing: Shape<Tracing> = fields<Tracing>({
  enabled: required(flag, 'False: no spans.'),
  host: optional(collector.host, 'Host of the collector.'),
  port: optional(collector.port, 'Port of the collector, for OTLP over gRPC. Absent: 4317.'),
  sampling: optional(
    percent,
    'Share of new traces, in percent; a request that carries a trace context keeps its own decision. Absent: 1.',
  ),
  tags: optional(mapOf(tag, 64), 'Tags of every span, by name.'),
});

const ascending: Rule = { rule: 'self.isSorted()', message: 'must ascend' };

const metrics: Shape<Metrics> = fields<Metrics>({
  latencyBuckets: optional(
    lawful(list(positive(86_400_000), { minItems: 1, maxItems: 64 }), ascending),
    'Upper bounds of the latency histogram in milliseconds, ascending.',
  ),
  prometheusOperator: optional(flag, 'Whether objects of the Prometheus operator are written. Absent: true.'),
});

const objective: Shape<Objective> = fields<Objective>({
  successRate: required(percent, 'Share of requests without a 5xx, in percent: 99.9.'),
  latency: optional(
    fields<NonNullable<Objective['latency']>>({
      percent: required(percent, 'Share of the requests, in percent.'),
      below: required(duration, 'What they are faster than.'),
    }),
    'This share of requests is faster than the bound.',
  ),
  window: optional(duration, 'Over how long it is reckoned. Absent: 720h, 30 days.'),
});

/** What a service can say of its own telemetry. */
export const telemetryFields: FieldsOf<Omit<Telemetry, 'metrics'>> = {
  accessLog: optional(accessLog, "Logs of requests. Absent: the mesh's."),
  tracing: optional(tracing, "Spans, with W3C trace context, sent as OTLP over gRPC. Absent: the mesh's."),
  objective: optional(objective, 'What the service promises; burn rate alerts are made from it.'),
};

export const telemetry: Shape<Telemetry> = fields<Telemetry>({
  ...telemetryFields,
  metrics: optional(metrics, 'Metrics of all proxies.'),
});
