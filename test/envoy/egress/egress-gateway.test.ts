import { describe, expect, it } from 'vitest';
import { configurationOf } from '../../../lib/envoy';
import { egressGateway } from '../../../lib/envoy/egress';
import type { Model } from '../../../lib/model';
import { contextOf } from '../../support/envoy/contexts';
import { type GoldenCase, goldenCases } from '../../support/envoy/golden-cases';
import * as build from '../../support/model-builder';

const { edge, externalService } = build;

const web = build.service('web');
const job = build.workload('job');
const stripe = externalService('stripe', { protocol: 'http', tls: { kind: 'originate' }, via: 'out' });
const bank = externalService('bank', { via: 'out' });
const ledger = externalService('ledger', { port: 5432, protocol: 'tcp', tls: { kind: 'none' }, via: 'out' });
const calls = externalService('calls', { protocol: 'grpc', tls: { kind: 'originate' }, via: 'out' });
const straight = externalService('straight');
const quiet = build.mesh({ telemetry: { accessLog: { enabled: false } } });

function contextFor(parts: Partial<Model>) {
  const mesh = build.model({
    mesh: quiet,
    services: [web],
    workloads: [job],
    externalServices: [stripe, bank, ledger, calls, straight],
    egressGateways: [build.egressGateway('out')],
    ...parts,
  });
  return contextOf(mesh, { kind: 'egress-gateway', namespace: 'shop', name: 'out' });
}

function served(parts: Partial<Model>): GoldenCase {
  const context = contextFor(parts);
  const { clusters, ...resources } = egressGateway(context);
  return {
    resources: { ...resources, clusters: clusters.map(({ name }) => name) },
    configuration: configurationOf(context),
  };
}

describe('an egress gateway serves', () => {
  goldenCases('egress', {
    'hosts to those who have declared to call them': () =>
      served({
        edges: [
          edge(web, stripe, { only: [{ kind: 'http', ...build.prefix('/v1') }] }),
          edge(job, stripe),
          edge(web, bank),
          edge(web, ledger),
        ],
        externalServices: [stripe, bank, ledger],
      }),
    'calls of gRPC, with nobody who may make them': () => served({ externalServices: [calls] }),
  });

  it('nothing that does not pass it', () => {
    expect(egressGateway(contextFor({ externalServices: [straight] })).listeners).toEqual([]);
  });
});
