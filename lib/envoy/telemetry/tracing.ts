import type { Ref, Tracing } from '../../model';
import { any } from '../any';
import type { Context } from '../context';
import type { HttpServer } from '../http/connection-manager';
import type { HttpConnectionManager, Messages } from '../types';
import { collectorService, traceCollector } from './collector';
import { settingsOf } from './settings';

/** Share of new traces that are recorded where nothing is said, in percent. */
const defaultSampling = 1;

/**
 * Spans of the requests that a server handles. A request that carries a W3C trace context belongs to that trace and keeps its decision,
 * recorded or not: Envoy asks for no other opinion, because it is given no sampler.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/api-v3/config/trace/v3/opentelemetry.proto
 */
export function tracing(
  context: Context,
  { server, of }: { readonly server: HttpServer; readonly of?: Ref },
): HttpConnectionManager['tracing'] {
  const settings = settingsOf(context, of);
  const collector = traceCollector(settings);
  if (!collector || !settings.tracing) return undefined;
  const tags = customTags(settings.tracing);
  return {
    randomSampling: { value: settings.tracing.sampling ?? defaultSampling },
    // A sidecar is at one end of a call, and tells of that end; others are in the middle, and tell of both.
    ...(server === 'gateway' || server === 'shared' ? { spawnUpstreamSpan: true } : {}),
    ...(tags.length === 0 ? {} : { customTags: tags }),
    provider: {
      name: 'envoy.tracers.opentelemetry',
      typedConfig: any('envoy.config.trace.v3.OpenTelemetryConfig', {
        grpcService: collectorService(collector),
        serviceName: settings.serviceName,
      }),
    },
  };
}

function customTags({ tags = {} }: Tracing): readonly Messages['envoy.type.tracing.v3.CustomTag'][] {
  return Object.entries(tags).map(([tag, { kind, value }]) =>
    kind === 'literal' ? { tag, literal: { value } } : { tag, requestHeader: { name: value } },
  );
}
