import { describe, expect, it, vi } from 'vitest';
import type { Endpoint, Locality } from '../../../lib/envoy';
import { type Model, names } from '../../../lib/model';
import { type Attachment, type Differences, type Maker, Snapshots } from '../../../proxy/snapshot';
import { MemorySource } from '../../../proxy/sources/memory';
import { endpointsKey, type ObservedProxy } from '../../../proxy/sources/source';
import { resourceTypes } from '../../../proxy/xds';
import { edge, model, ref, service, trafficPolicy } from '../../support/model-builder';
import { seen } from './maker';

const systemRoots = '/roots.pem';
const web = service('web');
const api = service('api');
const other = service('other');
const mesh = model({ services: [web, api, other], edges: [edge(web, api)] });
const apiEndpoints = endpointsKey({ kind: 'service', service: ref(api), port: 80 });
const apiCluster = names.outboundCluster(api, 80);
const endpoint = (port: number): Endpoint => ({ address: '10.0.0.1', port, meshed: true, state: 'ready' });
const observed = (of: { readonly namespace: string; readonly name: string }, locality?: Locality): ObservedProxy => ({
  proxy: { kind: 'sidecar', member: { kind: 'service', ...ref(of) } },
  binding: { kind: 'pod', applicationPorts: [8080] },
  ...(locality && { locality }),
});

/** Snapshots that follow a source, and what they make. */
function following(given: Model = mesh, maker: Maker = seen) {
  const source = new MemorySource();
  source.setModel(given);
  const spied = { configurationOf: vi.fn(maker.configurationOf), loadAssignment: vi.fn(maker.loadAssignment) };
  const snapshots = new Snapshots(source.state, { maker: spied, systemRoots });
  source.onChange((change) => snapshots.update(source.state, change));
  const made = () => {
    const counted = [spied.configurationOf.mock.calls.length, spied.loadAssignment.mock.calls.length];
    spied.configurationOf.mockClear();
    spied.loadAssignment.mockClear();
    return counted;
  };
  return { source, snapshots, made, settled: () => Promise.resolve() };
}

function attach(snapshots: Snapshots, pod: string, changed: (differences: Differences) => void = () => {}): Attachment {
  const attached = snapshots.attach(pod, changed);
  if ('waitsFor' in attached) throw new Error(`waits for ${attached.waitsFor}`);
  return attached;
}

async function connected(fixture: ReturnType<typeof following>, pod: string, proxy: ObservedProxy) {
  const { source, snapshots, settled } = fixture;
  const [namespace = '', name = ''] = pod.split('/');
  source.setProxy({ namespace, name }, proxy);
  await settled();
  const told: Differences[] = [];
  return { told, attachment: attach(snapshots, pod, (differences) => told.push(differences)) };
}

describe('what proxies are to have', () => {
  it('is made once for all pods of a workload in one place, and shared', async () => {
    const fixture = following();
    const one = await connected(fixture, 'shop/web-0', observed(web));
    const two = await connected(fixture, 'shop/web-1', observed(web));
    expect(fixture.made()).toEqual([1, 2]);
    const far = await connected(fixture, 'shop/web-2', observed(web, { region: 'r', zone: 'z' }));
    expect(fixture.made()).toEqual([1, 2]);
    for (const typeUrl of Object.values(resourceTypes)) {
      expect(two.attachment.resources(typeUrl)).toBe(one.attachment.resources(typeUrl));
    }
    const cluster = one.attachment.resources(resourceTypes.cluster).get(apiCluster);
    expect(cluster?.awaits).toBe(apiCluster);
    expect(far.attachment.resources(resourceTypes.cluster).get(apiCluster)).toBe(cluster);
  });

  it('is not made anew when the change concerns others', async () => {
    const fixture = following();
    const { told } = await connected(fixture, 'shop/web-0', observed(web));
    fixture.made();
    fixture.source.setModel({ ...mesh, services: [web, api, { ...other, mutualTls: 'permissive' }] });
    fixture.source.setRollout(other, { candidatePercent: 1, mirrorPercent: 0 });
    fixture.source.setEndpoints('service shop/other:80', [endpoint(1)]);
    await fixture.settled();
    expect(fixture.made()).toEqual([0, 0]);
    expect(told).toEqual([]);
  });

  it('differs by endpoints alone when endpoints change: made once for each locality, told to each who has them', async () => {
    const fixture = following();
    const near = { region: 'r', zone: 'z' };
    const all = [
      await connected(fixture, 'shop/web-0', observed(web)),
      await connected(fixture, 'shop/web-1', observed(web)),
      await connected(fixture, 'shop/web-2', observed(web, near)),
    ];
    const { told: others } = await connected(fixture, 'shop/other-0', observed(other));
    fixture.made();
    fixture.source.setEndpoints(apiEndpoints, [endpoint(1)]);
    await fixture.settled();
    expect(fixture.made()).toEqual([0, 2]);
    for (const { told } of all) expect(told).toEqual([new Map([[resourceTypes.endpoints, new Set([apiCluster])]])]);
    expect(others).toEqual([]);
    expect(JSON.stringify(all[2]?.attachment.resources(resourceTypes.endpoints).get(apiCluster)?.json)).toContain(
      '10.0.0.1',
    );
  });

  it('differs in what differs: a policy of the callee, by its endpoints and not by clusters', async () => {
    const fixture = following();
    const { told } = await connected(fixture, 'shop/web-0', observed(web));
    fixture.source.setModel({ ...mesh, trafficPolicies: [trafficPolicy(api)] });
    await fixture.settled();
    expect(told).toEqual([
      new Map([
        [resourceTypes.endpoints, new Set([apiCluster])],
        [resourceTypes.listener, new Set(['all'])],
      ]),
    ]);
  });

  it('keeps the last good version of what Envoy would refuse, and says so until it is well', async () => {
    const fixture = following();
    const { attachment, told } = await connected(fixture, 'shop/web-0', observed(web));
    const good = attachment.resources(resourceTypes.cluster).get(apiCluster);
    fixture.source.setModel({ ...mesh, services: [web, { ...api, headless: true }, other] });
    await fixture.settled();
    expect(attachment.resources(resourceTypes.cluster).get(apiCluster)).toBe(good);
    expect(told[0]?.has(resourceTypes.cluster)).toBe(false);
    expect(told[0]?.get(resourceTypes.listener)).toEqual(new Set(['all']));
    expect(fixture.snapshots.problems()).toEqual([
      {
        proxy: 'sidecar/service/shop/web',
        resource: { typeUrl: resourceTypes.cluster, name: apiCluster },
        reasons: [expect.stringContaining('connectTimeout: must be above 0s')],
      },
    ]);
    fixture.source.setModel(mesh);
    await fixture.settled();
    expect(fixture.snapshots.problems()).toEqual([]);
  });

  it('leaves out what Envoy would refuse where there was nothing before', async () => {
    const fixture = following({ ...mesh, services: [web, { ...api, headless: true }, other] });
    const { attachment } = await connected(fixture, 'shop/web-0', observed(web));
    expect([...attachment.resources(resourceTypes.cluster).keys()]).toEqual([names.outboundCluster(web, 80)]);
    expect(fixture.snapshots.problems()).toHaveLength(1);
  });

  it('stays what it is when its configuration cannot be made, and others get theirs', async () => {
    const broken: Maker = {
      ...seen,
      configurationOf: (context) => {
        const { proxy, model: part } = context;
        if (part.edges[0]?.timeout === 1 && proxy.kind === 'sidecar' && proxy.member.name === 'web')
          throw new Error('a fault');
        return seen.configurationOf(context);
      },
    };
    const fixture = following(mesh, broken);
    const first = await connected(fixture, 'shop/web-0', observed(web));
    const second = await connected(fixture, 'shop/api-0', observed(api));
    fixture.source.setModel({
      ...mesh,
      services: [web, { ...api, mutualTls: 'permissive' }, other],
      edges: [{ ...edge(web, api), timeout: 1 }],
    });
    await fixture.settled();
    expect(first.told.flatMap((told) => [...told.keys()])).toEqual([resourceTypes.endpoints]);
    expect(second.told).toHaveLength(1);
    expect(fixture.snapshots.problems()).toEqual([
      { proxy: 'sidecar/service/shop/web', reasons: ['its configuration cannot be made: a fault'] },
    ]);
  });

  it('keeps endpoints that cannot be made anew, and says so', async () => {
    const broken: Maker = {
      ...seen,
      loadAssignment: (part, assignment, endpoints, locality) => {
        if (endpoints.length > 1) throw new Error('a fault');
        return seen.loadAssignment(part, assignment, endpoints, locality);
      },
    };
    const fixture = following(mesh, broken);
    const { attachment, told } = await connected(fixture, 'shop/web-0', observed(web));
    const before = attachment.resources(resourceTypes.endpoints).get(apiCluster);
    fixture.source.setEndpoints(apiEndpoints, [endpoint(1), endpoint(2)]);
    await fixture.settled();
    expect(told).toEqual([]);
    expect(attachment.resources(resourceTypes.endpoints).get(apiCluster)).toBe(before);
    expect(fixture.snapshots.problems()).toEqual([
      { resource: { typeUrl: resourceTypes.endpoints, name: apiCluster }, reasons: ['they cannot be made: a fault'] },
    ]);
  });

  it('waits for a mesh, for the pod and for what the pod is of', async () => {
    const source = new MemorySource();
    const snapshots = new Snapshots(source.state, { maker: seen, systemRoots });
    source.onChange((change) => snapshots.update(source.state, change));
    const waits = () => snapshots.attach('shop/web-0', () => {});
    expect(waits()).toEqual({ waitsFor: 'the pod shop/web-0 to be seen' });
    source.setProxy({ namespace: 'shop', name: 'web-0' }, observed(web));
    await Promise.resolve();
    expect(waits()).toEqual({ waitsFor: 'a mesh that can be read' });
    source.setModel(model());
    await Promise.resolve();
    expect(waits()).toEqual({ waitsFor: 'sidecar/service/shop/web to be in the mesh' });
    source.setModel(mesh);
    await Promise.resolve();
    expect(waits()).toHaveProperty('identity', { namespace: 'shop', serviceAccount: 'web' });
  });

  it('is kept by a pod that is leaving: its service is no longer declared, or the pod is gone', async () => {
    const fixture = following();
    const { attachment, told } = await connected(fixture, 'shop/web-0', observed(web));
    fixture.source.removeProxy({ namespace: 'shop', name: 'web-0' });
    fixture.source.setModel(model({ services: [api, other] }));
    await fixture.settled();
    expect(told.flatMap((all) => [...all.keys()])).toEqual([resourceTypes.endpoints]);
    expect(attachment.resources(resourceTypes.cluster).size).toBe(2);
  });

  it('becomes another when the pod does, as soon as the mesh has what it is now', async () => {
    const fixture = following();
    const { attachment, told } = await connected(fixture, 'shop/web-0', observed(web));
    fixture.source.setProxy({ namespace: 'shop', name: 'web-0' }, observed(service('next')));
    await fixture.settled();
    expect(told).toEqual([]);
    fixture.source.setModel({ ...mesh, services: [...mesh.services, service('next')] });
    await fixture.settled();
    expect(told[0]?.get(resourceTypes.cluster)?.has(apiCluster)).toBe(true);
    expect([...attachment.resources(resourceTypes.cluster).keys()]).toEqual(['outbound|80||shop|next']);
    attachment.detach();
  });

  it('is ready for who comes back for as long as its pod is there, and then forgotten', async () => {
    const fixture = following();
    const { attachment } = await connected(fixture, 'shop/web-0', observed(web));
    expect(fixture.made()[0]).toBe(1);
    attachment.detach();
    // Kept up to date meanwhile.
    fixture.source.setModel({ ...mesh, services: [web, { ...api, mutualTls: 'permissive' }, other] });
    await fixture.settled();
    expect(fixture.made()[0]).toBe(1);
    attach(fixture.snapshots, 'shop/web-0').detach();
    expect(fixture.made()[0]).toBe(0);
    fixture.source.removeProxy({ namespace: 'shop', name: 'web-0' });
    await fixture.settled();
    fixture.source.setModel(mesh);
    await fixture.settled();
    expect(fixture.made()).toEqual([0, 0]);
    await connected(fixture, 'shop/web-0', observed(web));
    expect(fixture.made()[0]).toBe(1);
  });

  it('is kept by one of two pods when the other is gone', async () => {
    const fixture = following();
    const first = await connected(fixture, 'shop/web-0', observed(web));
    const second = await connected(fixture, 'shop/web-1', observed(web));
    fixture.source.removeProxy({ namespace: 'shop', name: 'web-0' });
    await fixture.settled();
    first.attachment.detach();
    second.attachment.detach();
    fixture.made();
    attach(fixture.snapshots, 'shop/web-1');
    expect(fixture.made()).toEqual([0, 0]);
  });
});
