import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Endpoint } from '../../../lib/envoy';
import { modelKeeping } from '../../../proxy/sources/kept';
import { MemorySource } from '../../../proxy/sources/memory';
import type { Change, ObservedProxy } from '../../../proxy/sources/source';
import { arbitraryModel } from '../../support/arbitraries/model';
import { edge, model, service } from '../../support/model-builder';

const key = 'service shop/web:80';
const endpoint = (port: number): Endpoint => ({ address: '127.0.0.1', port, meshed: true, state: 'ready' });
const web = service('web');
const sidecar: ObservedProxy = {
  proxy: { kind: 'sidecar', member: { kind: 'service', namespace: 'shop', name: 'web' } },
  binding: { kind: 'pod', applicationPorts: [8080] },
};
const pod = { namespace: 'shop', name: 'web-0' };

function listened(source: MemorySource): readonly Change[] {
  const changes: Change[] = [];
  source.onChange((change) => changes.push(change));
  return changes;
}

describe('a source in memory', () => {
  it('shows the newest at once and tells the changes of one turn together, each part once', async () => {
    const source = new MemorySource();
    const changes = listened(source);
    source.setModel(model({ services: [web] }));
    source.setEndpoints(key, [endpoint(1)]);
    source.setEndpoints(key, [endpoint(2)]);
    source.setProxy(pod, sidecar);
    source.setRollout(web, { candidatePercent: 5, mirrorPercent: 0 });
    source.setServiceAddresses(web, ['10.0.0.1']);
    source.setCertificate({ namespace: 'shop', name: 'tls' }, { certificateChain: 'c', privateKey: 'k' });
    expect(source.state.endpoints.get(key)).toEqual([endpoint(2)]);
    expect(changes).toEqual([]);
    await Promise.resolve();
    expect(changes).toEqual([
      [
        { kind: 'model' },
        { kind: 'endpoints', key },
        { kind: 'proxy', pod: 'shop/web-0' },
        { kind: 'surroundings' },
        { kind: 'secret', of: 'certificate', key: 'shop/tls' },
      ],
    ]);
    source.removeProxy(pod);
    source.setEndpoints(key, []);
    await Promise.resolve();
    expect(changes[1]).toEqual([
      { kind: 'proxy', pod: 'shop/web-0' },
      { kind: 'endpoints', key },
    ]);
    expect(source.state.proxies.size + source.state.endpoints.size).toBe(0);
  });

  it('changes nothing that it has given before', () => {
    const source = new MemorySource();
    source.setEndpoints(key, [endpoint(1)]);
    const before = source.state;
    source.setEndpoints(key, [endpoint(2)]);
    source.setModel(model());
    expect(before.endpoints.get(key)).toEqual([endpoint(1)]);
    expect(before.model).toBeUndefined();
    expect(source.state.endpoints.get(key)).toEqual([endpoint(2)]);
    expect(source.state).toBe(source.state);
  });

  it('tells nothing of what is set to what it was', async () => {
    const source = new MemorySource();
    source.setModel(model({ services: [web] }));
    source.setEndpoints(key, [endpoint(1)]);
    await Promise.resolve();
    const { state } = source;
    const changes = listened(source);
    source.setModel(structuredClone(model({ services: [web] })));
    source.setEndpoints(key, [endpoint(1)]);
    source.removeProxy(pod);
    await Promise.resolve();
    expect(changes).toEqual([]);
    expect(source.state).toBe(state);
  });

  it('keeps the objects of a model that have not changed', () => {
    const source = new MemorySource();
    const api = service('api');
    source.setModel(model({ services: [api, web], edges: [edge(web, api)] }));
    const before = source.state.model;
    source.setModel(structuredClone(model({ services: [api, { ...web, headless: true }], edges: [edge(web, api)] })));
    const after = source.state.model;
    expect(after?.services[0]).toBe(before?.services[0]);
    expect(after?.services[1]).toEqual({ ...web, headless: true });
    expect(after?.edges).toBe(before?.edges);
    expect(after?.mesh).toBe(before?.mesh);
  });

  it('calls nobody any more who has ended listening', async () => {
    const source = new MemorySource();
    const changes: Change[] = [];
    const end = source.onChange((change) => changes.push(change));
    end();
    source.setModel(model());
    await Promise.resolve();
    expect(changes).toEqual([]);
  });
});

it('a model that keeps what it can is equal to the one that was given', () => {
  fc.assert(
    fc.property(arbitraryModel(), arbitraryModel(), (before, after) => {
      expect(modelKeeping(before, after)).toEqual(after);
      expect(modelKeeping(before, structuredClone(before))).toBe(before);
    }),
    { numRuns: 100 },
  );
});
