import type { Ref, Tracing } from '../../model';
import { any } from '../any';
import type { Context } from '../context';
import type { Serving } from '../serving';
import type { HttpConnectionManager, Messages } from '../types';
import { collectorService, traceCollector } from './collector';
import { settingsOf } from './settings';

/** Share of new traces that are recorded where nothing is said, in percent. */
const defaultSampling = 1;

/**
 * Spans of the requests that a server handles. A request that carries a W3C trace context belongs to that trace and keeps its decision,
 * recorded or not. So the share is a sampler's affair, which knows the context: what the connection manager samples it samples whatever
 * the context says, and what it does not sample it would take out of a trace that others record.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/api-v3/extensions/tracers/opentelemetry/samplers/v3/parent_based_sampler.proto
 */
export function tracing(
  context: Context,
  { server, of }: { readonly server: Serving; readonly of?: Ref },
): HttpConnectionManager['tracing'] {
  const settings = settingsOf(context, of);
  const collector = traceCollector(settings);
  if (!collector || !settings.tracing) return undefined;
  const tags = customTags(settings.tracing);
  return {
    randomSampling: { value: 100 },
    // A sidecar is at one end of a call, and tells of that end; others are in the middle, and tell of both.
    ...(server === 'gateway' || server === 'shared' ? { spawnUpstreamSpan: true } : {}),
    ...(tags.length === 0 ? {} : { customTags: tags }),
    provider: {
      name: 'envoy.tracers.opentelemetry',
      typedConfig: any('envoy.config.trace.v3.OpenTelemetryConfig', {
        grpcService: collectorService(collector),
        serviceName: settings.serviceName,
        sampler: sampler(settings.tracing.sampling ?? defaultSampling),
      }),
    },
  };
}

/** Of a trace that begins here a share, of any other what was decided where it began. */
function sampler(percent: number) {
  const share = any('envoy.extensions.tracers.opentelemetry.samplers.v3.TraceIdRatioBasedSamplerConfig', {
    samplingPercentage: { numerator: Math.round(percent * 10_000), denominator: 'MILLION' },
  });
  return {
    name: 'envoy.tracers.opentelemetry.samplers.parent_based',
    typedConfig: any('envoy.extensions.tracers.opentelemetry.samplers.v3.ParentBasedSamplerConfig', {
      wrappedSampler: { name: 'envoy.tracers.opentelemetry.samplers.trace_id_ratio_based', typedConfig: share },
    }),
  };
}

function customTags({ tags = {} }: Tracing): readonly Messages['envoy.type.tracing.v3.CustomTag'][] {
  return Object.entries(tags).map(([tag, { kind, value }]) =>
    kind === 'literal' ? { tag, literal: { value } } : { tag, requestHeader: { name: value } },
  );
}
