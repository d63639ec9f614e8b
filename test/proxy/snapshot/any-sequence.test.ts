import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configurationOf, loadAssignment, MeshProxy } from '../../../lib/envoy';
import type { Model } from '../../../lib/model';
import { type Attachment, type Differences, type Maker, Snapshots } from '../../../proxy/snapshot';
import { MemorySource } from '../../../proxy/sources/memory';
import { endpointsKey, type ObservedProxy } from '../../../proxy/sources/source';
import { resourceTypes } from '../../../proxy/xds';
import { arbitraryModel } from '../../support/arbitraries/model';
import { proxiesOf } from '../../support/envoy/proxies';
import { ref } from '../../support/model-builder';
import { seen } from './maker';

describe.each([
  { of: 'every part of the state', maker: seen, numRuns: 100 },
  { of: 'the configuration of real proxies', maker: { configurationOf, loadAssignment }, numRuns: 20 },
])('whatever happens, with $of', ({ maker, numRuns }) => {
  it('what is served is what would be made from nothing, and every difference has been told', async () => {
    const events = fc.array(event, { minLength: 5, maxLength: 40, size: 'max' });
    await fc.assert(
      fc.asyncProperty(meshesInTime, events, async (meshes, all) => {
        const world = new World(meshes, maker);
        for (const one of all) {
          world.apply(one);
          // Several changes may come together.
          if (one.a % 3 > 0) await world.compare();
        }
        await world.compare();
      }),
      { numRuns },
    );
  }, 120_000);
});

/** One mesh as it is edited: parts come and go, and are changed. */
const meshesInTime = fc
  .tuple(
    arbitraryModel(),
    fc.array(fc.array(fc.nat(5), { minLength: 7, maxLength: 7 }), { minLength: 1, maxLength: 4 }),
  )
  .map(([whole, edits]) => [whole, ...edits.map((bits) => edited(whole, bits))].map(withoutRefusals));

function edited(whole: Model, bits: readonly number[]): Model {
  let place = 0;
  const next = () => bits[place++ % bits.length] ?? 0;
  const lists = Object.entries(whole).map(([kind, list]) => [
    kind,
    Array.isArray(list) ? list.filter(() => next() > 0) : list,
  ]);
  const left = Object.fromEntries(lists) as Model;
  return {
    ...left,
    services: left.services.map((of) => (next() > 3 ? { ...of, mutualTls: 'permissive' } : of)),
    edges: left.edges.map((of) => (next() > 3 ? { ...of, timeout: 1_234 } : of)),
  };
}

/** What Envoy refuses is left out here: what is served then depends on what was before. */
function withoutRefusals(one: Model): Model {
  return { ...one, services: one.services.map((of) => ({ ...of, headless: false })) };
}

const event = fc.record({
  kind: fc.constantFrom('model', 'model', 'proxy', 'remove', 'endpoints', 'addresses', 'rollout', 'attach', 'detach'),
  a: fc.nat(20),
  b: fc.nat(250),
});

const pods = [0, 1, 2, 3].map((index) => ({ namespace: 'shop', name: `pod-${index}` }));

const options = { systemRoots: '/roots.pem' };

class World {
  private readonly source = new MemorySource();
  private readonly snapshots: Snapshots;
  private readonly clients = new Map<string, Client>();
  private readonly proxies: readonly MeshProxy[];

  /** Its first mesh is there, and each pod is one of its proxies and connected. */
  constructor(
    private readonly meshes: readonly Model[],
    private readonly maker: Maker,
  ) {
    this.snapshots = new Snapshots(this.source.state, { ...options, maker });
    this.source.onChange((change) => this.snapshots.update(this.source.state, change));
    const all = meshes.flatMap(proxiesOf);
    this.proxies = [...new Map(all.map((proxy) => [MeshProxy.key(proxy), proxy])).values()];
    for (let index = 0; index < pods.length; index++) this.apply({ kind: 'proxy', a: index, b: index });
    this.apply({ kind: 'model', a: 0, b: 0 });
  }

  apply({ kind, a, b }: { readonly kind: string; readonly a: number; readonly b: number }): void {
    const { source, clients } = this;
    const pod = at(pods, a) ?? { namespace: '', name: '' };
    const key = `${pod.namespace}/${pod.name}`;
    const services = this.meshes.flatMap((one) => one.services);
    switch (kind) {
      case 'model': {
        const model = at(this.meshes, a);
        if (model) source.setModel(model);
        return;
      }
      case 'proxy': {
        const proxy = at(this.proxies, b);
        if (proxy) source.setProxy(pod, observed(proxy, b));
        return;
      }
      case 'remove':
        source.removeProxy(pod);
        return;
      case 'endpoints': {
        const service = at(services, a);
        const port = service && at(service.ports, b)?.port;
        if (!service || port === undefined) return;
        const endpoints =
          b % 3 === 0 ? [] : [{ address: '10.0.0.1', port: b + 1, meshed: true, state: 'ready' } as const];
        source.setEndpoints(endpointsKey({ kind: 'service', service: ref(service), port }), endpoints);
        return;
      }
      case 'addresses': {
        const service = at(services, a);
        if (!service) return;
        source.setPodAddresses(service.namespace, [`10.0.0.${b}`]);
        source.setServiceAddresses(service, [`10.1.0.${b}`]);
        return;
      }
      case 'rollout': {
        const canary = at(
          this.meshes.flatMap(({ canaries }) => canaries),
          a,
        );
        if (canary) source.setRollout(canary, { candidatePercent: b % 100, mirrorPercent: 0 });
        return;
      }
      case 'attach': {
        if (!clients.has(key)) clients.set(key, new Client(this.snapshots, key));
        return;
      }
      case 'detach':
        clients.get(key)?.end();
        clients.delete(key);
    }
  }

  async compare(): Promise<void> {
    await Promise.resolve();
    for (const { namespace, name } of pods) this.clients.get(`${namespace}/${name}`)?.retry();
    const scratch = new Snapshots(this.source.state, { ...options, maker: this.maker });
    for (const [pod, client] of this.clients) {
      if (!client.served) continue;
      expect(client.told).toEqual(client.served);
      const made = scratch.attach(pod, () => {});
      // One that is leaving keeps what it has.
      if (!('waitsFor' in made)) expect(client.served).toEqual(served(made));
    }
  }
}

/** A client that knows only what it was told; it waits where it must. */
class Client {
  private attachment: Attachment | undefined;
  private readonly versions = new Map<string, string>();

  constructor(
    private readonly snapshots: Snapshots,
    private readonly pod: string,
  ) {
    this.retry();
  }

  retry(): void {
    if (this.attachment) return;
    const attachment = this.snapshots.attach(this.pod, (differences) => this.apply(differences));
    if ('waitsFor' in attachment) return;
    this.attachment = attachment;
    for (const [key, version] of Object.entries(served(attachment))) this.versions.set(key, version);
  }

  end(): void {
    this.attachment?.detach();
  }

  get told() {
    return Object.fromEntries([...this.versions].sort());
  }

  get served() {
    return this.attachment && served(this.attachment);
  }

  private apply(differences: Differences): void {
    const now = this.served ?? {};
    for (const [typeUrl, all] of differences) {
      for (const name of all) {
        const key = `${typeUrl} ${name}`;
        const version = now[key];
        if (version === undefined) this.versions.delete(key);
        else this.versions.set(key, version);
      }
    }
  }
}

/** Versions by type and name, sorted. */
function served(attachment: Attachment): { readonly [key: string]: string } {
  const resources = Object.values(resourceTypes).flatMap((typeUrl) =>
    [...attachment.resources(typeUrl)].map(([name, { version }]) => [`${typeUrl} ${name}`, version] as const),
  );
  const secrets = attachment.secrets.map((secret) => {
    const name = 'name' in secret ? `${secret.kind}|${secret.namespace}|${secret.name}` : secret.kind;
    return [`${resourceTypes.secret} ${name}`, 'named'] as const;
  });
  return Object.fromEntries([...resources, ...secrets].sort());
}

function observed(proxy: MeshProxy, seed: number): ObservedProxy {
  const locality = seed % 5 === 0 ? { region: 'r', zone: 'z' } : undefined;
  return { proxy, binding: { kind: 'pod', applicationPorts: [8080 + (seed % 2)] }, ...(locality && { locality }) };
}

function at<T>(list: readonly T[], index: number): T | undefined {
  return list[index % list.length];
}
