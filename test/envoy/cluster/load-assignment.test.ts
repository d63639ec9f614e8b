import { describe, expect, it } from 'vitest';
import type { Assignment, Endpoint, Locality } from '../../../lib/envoy';
import { loadAssignment } from '../../../lib/envoy/cluster';
import type { Locality as Preference, Service } from '../../../lib/model';
import { pgvViolations } from '../../support/envoy/pgv';
import * as build from '../../support/model-builder';

const near: Locality = { region: 'eu', zone: 'eu-1' };
const zones = {
  near,
  beside: { region: 'eu', zone: 'eu-2' },
  far: { region: 'us', zone: 'us-1' },
  farther: { region: 'asia', zone: 'as-1' },
};

function endpoint(address: string, over: Partial<Endpoint> = {}): Endpoint {
  return { address, port: 15_100, meshed: true, state: 'ready', ...over };
}

function assigned(
  endpoints: readonly Endpoint[],
  {
    locality,
    client = near,
    of = {},
    kind = 'service',
  }: {
    readonly locality?: Preference;
    readonly client?: Locality | undefined;
    readonly of?: Partial<Service>;
    readonly kind?: 'service' | 'behind';
  } = {},
) {
  const service = build.service('reviews', of);
  const mesh = build.model({
    services: [service],
    trafficPolicies: locality ? [build.trafficPolicy(service, { locality })] : [],
  });
  const assignment: Assignment = { cluster: 'outbound|80||shop|reviews', kind, service: build.ref(service), port: 80 };
  const made = loadAssignment(mesh, assignment, endpoints, client);
  expect(pgvViolations('envoy.config.endpoint.v3.ClusterLoadAssignment', made)).toEqual([]);
  return made;
}

/** Addresses by priority. */
function priorities(made: ReturnType<typeof assigned>): readonly (readonly string[])[] {
  const levels: string[][] = [];
  for (const { priority = 0, lbEndpoints = [] } of made.endpoints ?? []) {
    levels[priority] = [
      ...(levels[priority] ?? []),
      ...lbEndpoints.map(({ endpoint: one }) => one?.address?.socketAddress?.address ?? ''),
    ];
  }
  return levels;
}

const everywhere = Object.entries(zones).map(([name, locality]) => endpoint(name, { locality }));

describe('endpoints', () => {
  it('are none where there are none', () => {
    expect(assigned([])).toEqual({ clusterName: 'outbound|80||shop|reviews', endpoints: [] });
  });

  it('are the same whatever order they were found in, each once', () => {
    const found = ['10.0.0.9', '10.0.0.10', '10.0.0.9'].map((address) => endpoint(address, { locality: near }));
    expect(assigned([...found].reverse())).toEqual(assigned(found));
    expect(priorities(assigned(found))).toEqual([['10.0.0.10', '10.0.0.9']]);
  });

  it('say by which of them mutual TLS is spoken', () => {
    const [only] = assigned([endpoint('10.0.0.1')]).endpoints ?? [];
    expect(only?.lbEndpoints).toEqual([
      {
        endpoint: { address: { socketAddress: { address: '10.0.0.1', portValue: 15_100 } } },
        metadata: { filterMetadata: { 'envoy.transport_socket_match': { mesh: true } } },
      },
    ]);
  });

  it('without a proxy are for permissive services alone, and for the proxy before them', () => {
    const found = [endpoint('10.0.0.1'), endpoint('10.0.0.2', { meshed: false })];
    expect(priorities(assigned(found))).toEqual([['10.0.0.1']]);
    expect(priorities(assigned(found, { of: { mutualTls: 'permissive' } }))).toEqual([['10.0.0.1', '10.0.0.2']]);
    expect(priorities(assigned(found, { kind: 'behind' }))).toEqual([['10.0.0.1', '10.0.0.2']]);
  });

  it('that drain get nothing new, unless there are no others', () => {
    const draining = endpoint('10.0.0.1', { state: 'draining' });
    expect(priorities(assigned([draining, endpoint('10.0.0.2')]))).toEqual([['10.0.0.2']]);
    expect(priorities(assigned([draining]))).toEqual([['10.0.0.1']]);
  });
});

describe('localities', () => {
  it('of the zone come first, then of the region, then the rest', () => {
    expect(priorities(assigned(everywhere))).toEqual([['near'], ['beside'], ['farther', 'far']]);
  });

  it('of the region, where zones do not matter', () => {
    expect(priorities(assigned(everywhere, { locality: { prefer: 'region' } }))).toEqual([
      ['near', 'beside'],
      ['farther', 'far'],
    ]);
  });

  it('are one, where none is preferred, and for a client that stands nowhere', () => {
    const all = [['farther', 'near', 'beside', 'far']];
    expect(priorities(assigned(everywhere, { locality: { prefer: 'none' } }))).toEqual(all);
    const service = build.service('reviews');
    const assignment: Assignment = { cluster: 'c', kind: 'service', service: build.ref(service), port: 80 };
    const made = loadAssignment(build.model({ services: [service] }), assignment, everywhere, undefined);
    expect(priorities(made)).toEqual(all);
  });

  it('leave no gap in the priorities', () => {
    expect(priorities(assigned([endpoint('far', { locality: zones.far }), endpoint('nowhere')]))).toEqual([
      ['nowhere', 'far'],
    ]);
  });

  it('of a region are followed by those that it falls back to, in order, and no others', () => {
    const failover = [
      { from: 'eu', to: ['asia', 'us'] },
      { from: 'us', to: ['eu'] },
    ];
    expect(priorities(assigned(everywhere, { locality: { prefer: 'region', failover } }))).toEqual([
      ['near', 'beside'],
      ['farther'],
      ['far'],
    ]);
    expect(priorities(assigned(everywhere, { locality: { prefer: 'region', failover }, client: zones.far }))).toEqual([
      ['far'],
      ['near', 'beside'],
    ]);
  });

  it('spill over below the share of healthy instances that was said, 70 % unless it was', () => {
    expect(assigned(everywhere).policy).toEqual({ overprovisioningFactor: 143 });
    expect(assigned(everywhere, { locality: { prefer: 'zone', minHealthyPercent: 50 } }).policy).toEqual({
      overprovisioningFactor: 200,
    });
    expect(assigned(everywhere, { locality: { prefer: 'none' } }).policy).toBeUndefined();
  });
});
