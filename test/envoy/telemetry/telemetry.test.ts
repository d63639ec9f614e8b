import { describe } from 'vitest';
import { configurationOf } from '../../../lib/envoy';
import { httpConnectionManager } from '../../../lib/envoy/http/connection-manager';
import type { Serving } from '../../../lib/envoy/serving';
import { tcpProxy } from '../../../lib/envoy/tcp-proxy';
import type { AccessLog, Telemetry, Tracing } from '../../../lib/model';
import { contextOf } from '../../support/envoy/contexts';
import { type GoldenCase, goldenCases } from '../../support/envoy/golden-cases';
import * as build from '../../support/model-builder';

const web = build.service('web');
const catalog = build.service('catalog', { ports: [build.port('grpc')] });

function observed(server: Serving, telemetry: Telemetry, own: Telemetry = {}): GoldenCase {
  const { metrics: _, ...ofService } = own;
  const mesh = build.model({
    mesh: build.mesh({ telemetry }),
    services: [web, catalog],
    edges: [build.edge(web, catalog)],
    telemetries: [build.telemetry(catalog, ofService)],
  });
  const context = contextOf(mesh, {
    kind: 'sidecar',
    member: { kind: 'service', namespace: 'shop', name: server === 'outbound' ? 'web' : 'catalog' },
  });
  const { typedConfig } = httpConnectionManager(context, {
    statPrefix: 'any',
    routes: { kind: 'rds', name: 'any' },
    filters: [],
    server,
  });
  const connections = tcpProxy(context, { statPrefix: 'any', destination: { cluster: 'any' }, server });
  const configuration = configurationOf(context);
  return {
    resources: {
      requests: { accessLog: typedConfig.accessLog, tracing: typedConfig.tracing },
      connections: connections.typedConfig.accessLog,
      collectors: configuration.clusters.filter(({ name = '' }) => name.startsWith('collector')),
    },
    configuration,
  };
}

const log = (over: Partial<AccessLog> = {}): Telemetry => ({ accessLog: { enabled: true, ...over } });
const trace = (over: Partial<Tracing> = {}): Telemetry => ({
  tracing: { enabled: true, host: 'collector.monitoring', port: 4317, ...over },
});

describe('what a proxy tells', () => {
  goldenCases('telemetry', {
    nothing: () => observed('inbound', { accessLog: { enabled: false }, tracing: { enabled: false } }),
    'of what its callers ask': () => observed('inbound', { ...log({ filter: { minStatus: 400 } }), ...trace() }),
    'of what its application asks': () => observed('outbound', { ...log(), ...trace({ sampling: 12.5 }) }),
    'of what the world asks': () => observed('gateway', { ...log(), ...trace() }),
    'by every filter': () =>
      observed(
        'inbound',
        log({ filter: { minStatus: 500, minDuration: 1_500, cel: 'request.method == "POST"', sample: 0.5 } }),
      ),
    'in words of its own': () =>
      observed('inbound', log({ format: { kind: 'text', line: '%RESPONSE_CODE% %REQ(:PATH)%' } })),
    'in fields of its own': () =>
      observed('inbound', log({ format: { kind: 'json', fields: { code: '%RESPONSE_CODE%' } } })),
    'to a collector': () => observed('inbound', log({ target: { kind: 'otlp', host: '10.0.0.7', port: 4317 } })),
    'to a collector, in words': () =>
      observed(
        'inbound',
        log({
          format: { kind: 'text', line: '%RESPONSE_CODE%' },
          target: { kind: 'otlp', host: 'logs.monitoring', port: 4000 },
        }),
      ),
    'for a service that has its own settings': () =>
      observed(
        'inbound',
        { ...log(), ...trace() },
        trace({
          host: 'other',
          sampling: 100,
          tags: { team: { kind: 'literal', value: 'blue' }, user: { kind: 'header', value: 'x-user' } },
        }),
      ),
  });
});
