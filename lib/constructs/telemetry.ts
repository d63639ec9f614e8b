import { Construct } from 'constructs';
import {
  type AccessLog,
  type DurationText,
  locate,
  type Metrics,
  type Objective,
  type Telemetry as TelemetryModel,
  type Tracing,
  type Value,
} from '../model';
import { Declaration } from './declaration';
import type { Service } from './service';

export interface TelemetryOptions {
  /** What is logged of requests. @default - those that failed (status 400 and above), as JSON on the standard output */
  readonly accessLog?: AccessLogOptions | 'off';
  /** Where traces go, as OTLP over gRPC with W3C trace context. @default - nowhere */
  readonly tracing?: TracingOptions | 'off';
  /** @default - see {@link MetricsOptions} */
  readonly metrics?: MetricsOptions;
  /** What is promised; alerts come from it. @default - 99.9 percent of requests succeed */
  readonly objective?: ObjectiveOptions;
}

export interface AccessLogOptions {
  /** JSON with the mesh's fields, JSON with your own (Envoy's command operators), or a line of text. @default - JSON with the mesh's fields */
  readonly format?: 'json' | { readonly json: { readonly [field: string]: string } } | { readonly text: string };
  /** Which requests are logged; all that is given must hold. @default - those that failed */
  readonly filter?: AccessLogFilterOptions | 'everything';
  /** The standard output of the proxy, or an OTLP receiver. @default stdout */
  readonly target?: 'stdout' | OtlpTarget;
}

export interface AccessLogFilterOptions {
  /** @default - any */
  readonly minStatus?: number;
  /** @default - any */
  readonly minDuration?: DurationText;
  /** A CEL expression over Envoy's attributes. @default - none */
  readonly cel?: string;
  /** Of what is left, this share in percent. @default - all */
  readonly sample?: number;
}

export interface OtlpTarget {
  readonly host: Value<string>;
  /** @default 4317 */
  readonly port?: number;
}

export interface TracingOptions extends OtlpTarget {
  /** Share of new traces in percent. A request that carries a trace context keeps its own decision. @default 1 */
  readonly sampling?: number;
  /** Tags of every span: a fixed text, or the value of a request header. @default - none */
  readonly tags?: { readonly [tag: string]: Value<string> | { readonly header: string } };
}

export interface MetricsOptions {
  /** Upper bounds of the latency histogram, in milliseconds. @default - 1 ms to 30 s in 13 steps */
  readonly latencyBuckets?: readonly number[];
  /** Writes objects of the Prometheus operator (of the whole mesh only). @default true */
  readonly prometheusOperator?: boolean;
}

export interface ObjectiveOptions {
  /** Requests without a 5xx, in percent: 99.9. */
  readonly successRate: number;
  /** This share of requests is faster than the bound. @default - nothing is promised */
  readonly latency?: { readonly percent: number; readonly below: DurationText };
  /** @default 720h (30 days) */
  readonly window?: DurationText;
}

/** Metrics are set for the whole mesh, with {@link MeshProps.telemetry}. */
export interface TelemetryProps extends Omit<TelemetryOptions, 'metrics'> {
  readonly service: Service;
}

/** What is observed of one service, where it differs from the mesh. */
export class Telemetry extends Construct {
  readonly name: string;

  constructor(scope: Construct, id: string, props: TelemetryProps) {
    super(scope, id);
    this.name = id;
    const declaration = new Declaration(this, {
      fragment: () => ({
        telemetries: [
          {
            namespace: props.service.namespace,
            name: this.name,
            service: props.service.name,
            ...toTelemetry(declaration, props),
          },
        ],
      }),
      locators: () => [locate('Telemetry', { namespace: props.service.namespace, name: this.name })],
    });
  }
}

export function toTelemetry(declaration: Declaration, options: TelemetryOptions): TelemetryModel {
  return {
    accessLog: toAccessLog(declaration, options.accessLog),
    tracing: toTracing(declaration, options.tracing),
    metrics: options.metrics satisfies Metrics | undefined,
    objective: toObjective(declaration, options.objective),
  };
}

function toAccessLog(declaration: Declaration, options: AccessLogOptions | 'off' | undefined): AccessLog | undefined {
  if (options === undefined) return undefined;
  if (options === 'off') return { enabled: false };
  const { format, filter, target } = options;
  return {
    enabled: true,
    format:
      format === undefined || format === 'json'
        ? { kind: 'json' }
        : 'json' in format
          ? { kind: 'json', fields: format.json }
          : { kind: 'text', line: format.text },
    filter:
      filter === 'everything'
        ? undefined
        : filter
          ? { ...filter, minDuration: declaration.duration('accessLog.filter.minDuration', filter.minDuration) }
          : { minStatus: 400 },
    target:
      target === undefined || target === 'stdout'
        ? { kind: 'stdout' }
        : { kind: 'otlp', host: declaration.text('accessLog.target.host', target.host), port: target.port ?? 4317 },
  };
}

function toTracing(declaration: Declaration, options: TracingOptions | 'off' | undefined): Tracing | undefined {
  if (options === undefined) return undefined;
  if (options === 'off') return { enabled: false };
  return {
    enabled: true,
    host: declaration.text('tracing.host', options.host),
    port: options.port ?? 4317,
    sampling: options.sampling,
    tags:
      options.tags &&
      Object.fromEntries(
        Object.entries(options.tags).map(([tag, value]) =>
          typeof value === 'object' && 'header' in value
            ? [tag, { kind: 'header', value: value.header.toLowerCase() }]
            : [tag, { kind: 'literal', value: declaration.text(`tracing.tags.${tag}`, value) }],
        ),
      ),
  };
}

function toObjective(declaration: Declaration, options: ObjectiveOptions | undefined): Objective | undefined {
  if (options === undefined) return undefined;
  const { latency } = options;
  return {
    successRate: options.successRate,
    latency: latency && {
      percent: latency.percent,
      below: declaration.duration('objective.latency.below', latency.below) ?? 0,
    },
    window: declaration.duration('objective.window', options.window),
  };
}
