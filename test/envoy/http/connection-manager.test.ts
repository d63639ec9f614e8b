import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { httpConnectionManager } from '../../../lib/envoy/http/connection-manager';
import { inOrder } from '../../../lib/envoy/http/filter-order';
import { readinessListener } from '../../../lib/envoy/http/readiness';
import type { Serving } from '../../../lib/envoy/serving';
import { contextOf } from '../../support/envoy/contexts';
import { pgvViolations } from '../../support/envoy/pgv';
import { encode } from '../../support/envoy/registry';
import { expectGolden, expectNoStaleGoldens } from '../../support/golden';
import * as build from '../../support/model-builder';

const mesh = build.model({
  mesh: build.mesh({ telemetry: { accessLog: { enabled: false } } }),
  services: [build.service('web')],
});
const context = contextOf(mesh, { kind: 'sidecar', member: { kind: 'service', namespace: 'shop', name: 'web' } });

describe('HTTP', () => {
  const servers: readonly Serving[] = ['inbound', 'outbound', 'gateway', 'shared'];
  const file = (server: string) => `test/envoy/golden/http/${server}.yaml`;

  it.each(servers)('as it is spoken with those that a proxy serves: %s', (server) => {
    const { typedConfig } = httpConnectionManager(context, {
      statPrefix: 'any',
      routes: { kind: 'inline', configuration: { name: 'any' } },
      filters: [],
      server,
    });
    const type = 'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';
    expect(pgvViolations(type, typedConfig)).toEqual([]);
    expectGolden(file(server), stringify(typedConfig, { lineWidth: 0, aliasDuplicateObjects: false }));
  });

  it('nothing else: no stale golden file', () => {
    expectNoStaleGoldens('test/envoy/golden/http', servers.map(file));
  });
});

describe('HTTP filters', () => {
  const named = (...names: readonly string[]) => inOrder(names.map((name) => ({ name }))).map(({ name }) => name);

  it('stand in their order, whatever order they come in, and the router last', () => {
    expect(
      named(
        'envoy.filters.http.fault',
        'envoy.filters.http.rbac',
        'envoy.filters.http.ratelimit/one',
        'envoy.filters.http.rbac.deny',
        'envoy.filters.http.ratelimit/inbound|80',
        'envoy.filters.http.jwt_authn/inbound|80',
        'envoy.filters.http.cors',
      ),
    ).toEqual([
      'envoy.filters.http.cors',
      'envoy.filters.http.jwt_authn/inbound|80',
      'envoy.filters.http.rbac.deny',
      'envoy.filters.http.rbac',
      'envoy.filters.http.ratelimit/one',
      'envoy.filters.http.ratelimit/inbound|80',
      'envoy.filters.http.fault',
      'envoy.filters.http.router',
    ]);
  });

  it('without a place there are none', () => {
    expect(() => named('envoy.filters.http.lua')).toThrow(
      'the HTTP filter envoy.filters.http.lua has no place in the order of filters',
    );
    expect(() => named('envoy.filters.http.rbac2')).toThrow('no place');
  });
});

describe('readiness', () => {
  it('is a listener that Envoy can read, where the proxy has a place for it', () => {
    const listener = readinessListener(context);
    expect(listener?.address).toEqual({ socketAddress: { address: '0.0.0.0', portValue: 15_021 } });
    expect(pgvViolations('envoy.config.listener.v3.Listener', listener ?? {})).toEqual([]);
    expect(encode(listener ?? {}, 'envoy.config.listener.v3.Listener').length).toBeGreaterThan(100);
    expect(readinessListener({ ...context, binding: { kind: 'assigned', ports: {} } })).toBeUndefined();
  });
});
