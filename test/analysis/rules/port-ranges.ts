import type { Port } from '../../../lib/model';
import { accessPolicy, edge, gateway, listener, mesh, port, service, workload } from '../../support/model-builder';
import type { Cases } from '../cases';
import { shop, web, webToReviews } from '../shop';

const store = (over: Partial<Port>) => {
  const made = service('store', { ports: [port('tcp', 65535, over)] });
  return { services: [made], edges: [edge(web, made)] };
};

export const cases: Cases = {
  valid: {
    model: shop({
      ...store({}),
      workloads: [
        workload('nightly', {
          capture: {
            kind: 'transparent',
            excludeInboundPorts: [1],
            excludeOutboundPorts: [65535],
            excludeOutboundAddresses: [],
          },
        }),
      ],
    }),
  },
  invalid: [
    {
      name: 'ports of a service',
      model: shop(store({ targetPort: 0, port: 70000 })),
      findings: [
        {
          at: 'Service shop/store',
          message: 'port must be a whole number from 1 to 65535, got 70000',
          fix: 'set `port` to a whole number from 1 to 65535',
        },
        {
          at: 'Service shop/store',
          message: 'targetPort must be a whole number from 1 to 65535, got 0',
          fix: 'set `targetPort` to a whole number from 1 to 65535',
        },
      ],
    },
    {
      name: 'a port of a caller, of a gateway and beyond the sidecar',
      model: shop({
        edges: [{ ...webToReviews, at: 65536 }],
        gateways: [gateway('public', { listeners: [listener({ port: 0 })] })],
        accessPolicies: [accessPolicy(web, { outsidePorts: [{ port: 1.5, protocol: 'tcp', from: [] }] })],
      }),
      findings: [
        {
          at: 'AccessPolicy shop/web-access',
          message: 'outside port must be a whole number from 1 to 65535, got 1.5',
          fix: 'set `outside port` to a whole number from 1 to 65535',
        },
        {
          at: 'Edge shop/web-to-reviews-80',
          message: 'at must be a whole number from 1 to 65535, got 65536',
          fix: 'set `at` to a whole number from 1 to 65535',
        },
        {
          at: 'Gateway shop/public',
          message: 'listener port must be a whole number from 1 to 65535, got 0',
          fix: 'set `listener port` to a whole number from 1 to 65535',
        },
      ],
    },
    {
      name: 'a port that capture leaves alone, and one of a collector',
      model: shop({
        mesh: mesh({
          capture: {
            kind: 'transparent',
            excludeInboundPorts: [-1],
            excludeOutboundPorts: [],
            excludeOutboundAddresses: [],
          },
          telemetry: { tracing: { enabled: true, host: 'otel', port: 99999 } },
        }),
      }),
      findings: [
        {
          at: 'Mesh mesh',
          message: 'capture.excludeInboundPorts must be a whole number from 1 to 65535, got -1',
          fix: 'set `capture.excludeInboundPorts` to a whole number from 1 to 65535',
        },
        {
          at: 'Mesh mesh',
          message: 'telemetry.tracing.port must be a whole number from 1 to 65535, got 99999',
          fix: 'set `telemetry.tracing.port` to a whole number from 1 to 65535',
        },
      ],
    },
  ],
};
