import { describe } from 'vitest';
import { configurationOf } from '../../../lib/envoy';
import { sharedProxy } from '../../../lib/envoy/shared';
import type { Model } from '../../../lib/model';
import { contextOf } from '../../support/envoy/contexts';
import { type GoldenCase, goldenCases } from '../../support/envoy/golden-cases';
import * as build from '../../support/model-builder';

const { backend, edge, httpRoute, httpRule, prefix, service } = build;

const web = service('web');
const old = service('old', { versions: [build.version('v1'), build.version('v2')] });
const store = service('store', { ports: [build.port('tcp', 5432)] });
const beside = service('beside');
const quiet = build.mesh({ telemetry: { accessLog: { enabled: false } } });

function served(parts: Partial<Model> = {}): GoldenCase {
  const mesh = build.model({
    mesh: quiet,
    services: [web, old, store, beside],
    edges: [edge(web, old), edge(web, store)],
    sharedProxies: [build.sharedProxy('front', [old, store])],
    ...parts,
  });
  const context = contextOf(mesh, { kind: 'shared-proxy', namespace: 'shop', name: 'front' });
  const { clusters, ...resources } = sharedProxy(context);
  return {
    resources: { ...resources, clusters: clusters.map(({ name }) => name) },
    configuration: configurationOf(context),
  };
}

describe('a shared proxy serves', () => {
  goldenCases('shared', {
    'its services': () => served(),
    'its services in plain text too': () => served({ mesh: { ...quiet, mutualTls: 'permissive' } }),
    'routes of its services, some for certain callers': () =>
      served({
        routes: [
          httpRoute(old, [
            httpRule({
              matches: [prefix('/new')],
              from: [build.identity(web)],
              action: { kind: 'forward', backends: [backend(old, { version: 'v2' })] },
            }),
            httpRule({
              matches: [prefix('/beside')],
              action: { kind: 'forward', backends: [backend(beside)] },
              rateLimit: { local: { requests: 5, per: 1_000 } },
            }),
          ]),
        ],
      }),
  });
});
