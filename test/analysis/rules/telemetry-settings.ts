import type { Telemetry } from '../../../lib/model';
import { mesh, telemetry } from '../../support/model-builder';
import type { Cases } from '../cases';
import { shop, web } from '../shop';

const observed = (over: Telemetry) => shop({ mesh: mesh({ telemetry: over }) });

export const cases: Cases = {
  valid: {
    model: shop({
      mesh: mesh({
        telemetry: { tracing: { enabled: false, host: 'otel.shop', port: 4317 }, metrics: { latencyBuckets: [1, 10] } },
      }),
      telemetries: [
        telemetry(web, {
          tracing: { enabled: true, sampling: 100, tags: { user: { kind: 'header', value: 'x-user' } } },
        }),
      ],
    }),
  },
  invalid: [
    {
      name: 'tracing without a target',
      model: observed({ tracing: { enabled: true, port: 4317 } }),
      findings: [
        {
          at: 'Mesh mesh',
          message: 'tracing is enabled, but host of the collector is missing',
          fix: 'give `tracing.host` of a collector that speaks OTLP over gRPC',
        },
      ],
    },
    {
      name: 'ranges',
      model: observed({
        tracing: { enabled: false, sampling: 101 },
        accessLog: { enabled: true, filter: { minStatus: 99, minDuration: -1, sample: -1 } },
      }),
      findings: [
        {
          at: 'Mesh mesh',
          message: 'accessLog.filter.minDuration must be a duration of whole milliseconds, got -1',
          fix: 'set `accessLog.filter.minDuration` to a duration of whole milliseconds',
        },
        {
          at: 'Mesh mesh',
          message: 'accessLog.filter.minStatus must be a whole number from 100 to 599, got 99',
          fix: 'set `accessLog.filter.minStatus` to a whole number from 100 to 599',
        },
        {
          at: 'Mesh mesh',
          message: 'accessLog.filter.sample must be a number from 0 to 100, got -1',
          fix: 'set `accessLog.filter.sample` to a number from 0 to 100',
        },
        {
          at: 'Mesh mesh',
          message: 'tracing.sampling must be a number from 0 to 100, got 101',
          fix: 'set `tracing.sampling` to a number from 0 to 100',
        },
      ],
    },
    {
      name: 'names',
      model: observed({
        tracing: {
          enabled: true,
          host: 'http://otel',
          port: 4317,
          tags: { user: { kind: 'header', value: 'x user' } },
        },
        accessLog: { enabled: true, target: { kind: 'otlp', host: 'otel:4317', port: 4317 } },
      }),
      findings: [
        {
          at: 'Mesh mesh',
          message:
            "accessLog.target.host is \"otel:4317\": a host is a DNS name: labels of lower case letters, digits and '-', at most 63 characters each, joined by '.'",
          fix: 'write the name of a host in `accessLog.target.host`',
        },
        {
          at: 'Mesh mesh',
          message:
            "tracing.host is \"http://otel\": a host is a DNS name: labels of lower case letters, digits and '-', at most 63 characters each, joined by '.'",
          fix: 'write the name of a host in `tracing.host`',
        },
        {
          at: 'Mesh mesh',
          message:
            'tracing.tags.user names header "x user": a token of RFC 9110 is one or more letters, digits and !#$%&\'*+-.^_`|~',
          fix: 'write a legal name of a header',
        },
      ],
    },
    {
      name: 'no buckets',
      model: shop({ mesh: mesh({ telemetry: { metrics: { latencyBuckets: [] } } }) }),
      findings: [
        {
          at: 'Mesh mesh',
          message: 'metrics.latencyBuckets must be milliseconds above 0 in ascending order, got none',
          fix: 'sort them and leave out what stands there twice',
        },
      ],
    },
    {
      name: 'buckets',
      model: shop({
        mesh: mesh({ telemetry: { metrics: { latencyBuckets: [10, 5] } } }),
      }),
      findings: [
        {
          at: 'Mesh mesh',
          message: 'metrics.latencyBuckets must be milliseconds above 0 in ascending order, got 10, 5',
          fix: 'sort them and leave out what stands there twice',
        },
      ],
    },
  ],
};
