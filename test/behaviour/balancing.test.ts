import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type {
  HashKey,
  LoadBalancing,
  Model,
  Locality as Preference,
  SessionAffinity,
  TrafficPolicy,
} from '../../lib/model';
import { edge, httpRoute, httpRule, model, service, trafficPolicy, workload } from '../support/model-builder';
import { until } from '../support/wait';
import type { Request } from './harness/http-client';
import { Mesh } from './harness/mesh';
import type { InstanceOptions } from './harness/population';
import { plausibleCounts } from './harness/share';

/** Which instance a request meets: load balancing, affinity, locality, names. */

const web = workload('web');
const catalog = service('catalog');
const database = service('database', { instances: { statefulSet: 'database', replicas: 2 }, headless: true });

function mesh(over: { readonly policy?: Partial<TrafficPolicy>; readonly affinity?: SessionAffinity } = {}): Model {
  return model({
    services: [catalog, database],
    workloads: [web],
    edges: [edge(web, catalog), edge(web, database)],
    trafficPolicies: over.policy ? [trafficPolicy(catalog, over.policy)] : [],
    routes: over.affinity ? [httpRoute(catalog, [httpRule({ sessionAffinity: over.affinity })])] : [],
  });
}

const three = { catalog: [{}, {}, {}] };

let running: Mesh;
beforeAll(async () => {
  running = await Mesh.start(mesh(), { instances: three });
});
afterAll(() => running?.stop());
beforeEach(() => running.reset());

async function instanceOf(request: Request = {}): Promise<string> {
  const { received, status, text } = await running.call('web', 'catalog', request);
  if (!received) throw new Error(`${status} ${text}`);
  return received.instance;
}

async function counted(requests: number, of: (i: number) => Request = () => ({})) {
  const counts: { [instance: string]: number } = {};
  for (let i = 0; i < requests; i++) {
    const instance = await instanceOf(of(i));
    counts[instance] = (counts[instance] ?? 0) + 1;
  }
  return counts;
}

describe('load is spread', () => {
  const balanced = (loadBalancing: LoadBalancing) =>
    running.apply(mesh({ policy: { loadBalancing } }), { instances: three });

  it('in turn', async () => {
    await balanced({ kind: 'roundRobin' });
    expect(await counted(30)).toEqual({ 'catalog-0': 10, 'catalog-1': 10, 'catalog-2': 10 });
  });

  it('at random, within what a fair die gives', async () => {
    await balanced({ kind: 'random' });
    const counts = await counted(300);
    const { least, most } = plausibleCounts(300, 100 / 3);
    expect(Object.keys(counts).length).toBe(3);
    for (const count of Object.values(counts)) {
      expect(count).toBeGreaterThanOrEqual(least);
      expect(count).toBeLessThanOrEqual(most);
    }
  });

  it('to the one that has least to do', async () => {
    await balanced({ kind: 'leastRequest', choices: 10 });
    running.backend('catalog-0').reply({ delay: 1_500 });
    // One that is slow has one request in flight and gets no other, as ten choices among three find the others for sure enough.
    const slow: ReturnType<typeof running.call>[] = [];
    await until('one request to be with the slow instance', () => {
      slow.push(running.call('web', 'catalog'));
      return running.backend('catalog-0').received.length > 0;
    });
    const fast = await counted(20);
    expect(fast['catalog-0'] ?? 0).toBe(0);
    for (const { status } of await Promise.all(slow)) expect(status).toBe(200);
  });
});

describe('requests of one kind meet one instance', () => {
  const hashes: readonly (readonly [HashKey, (value: string) => Request])[] = [
    [{ kind: 'header', name: 'x-user' }, (value) => ({ headers: { 'x-user': value } })],
    [{ kind: 'cookie', name: 'user' }, (value) => ({ headers: { cookie: `other=1; user=${value}` } })],
    [{ kind: 'queryParameter', name: 'user' }, (value) => ({ path: `/?user=${value}` })],
  ];
  for (const kind of ['ringHash', 'maglev'] as const) {
    for (const [by, of] of hashes) {
      it(`by ${kind} of the ${by.kind}`, async () => {
        await running.apply(mesh({ policy: { loadBalancing: { kind, by: [by] } } }), { instances: three });
        const met = new Set<string>();
        for (let user = 0; user < 20; user++) {
          const counts = await counted(3, () => of(`user-${user}`));
          expect(Object.keys(counts).length, JSON.stringify(counts)).toBe(1);
          for (const instance of Object.keys(counts)) met.add(instance);
        }
        // That twenty users meet one of three alone is less likely than one in a billion.
        expect(met.size).toBeGreaterThan(1);
      });
    }
  }

  it('by the address of their caller', async () => {
    await running.apply(mesh({ policy: { loadBalancing: { kind: 'ringHash', by: [{ kind: 'sourceAddress' }] } } }), {
      instances: three,
    });
    expect(Object.keys(await counted(10)).length).toBe(1);
  });

  it('by a cookie that the proxy sets, where a request has none', async () => {
    const by: HashKey = { kind: 'cookie', name: 'sticky', path: '/', ttl: 60_000 };
    await running.apply(mesh({ policy: { loadBalancing: { kind: 'maglev', by: [by] } } }), { instances: three });
    const first = await running.call('web', 'catalog');
    expect(first.headers['set-cookie']).toMatch(/^sticky="?[0-9a-f]+"?; Max-Age=60; Path=\/; HttpOnly$/);
    const cookie = first.headers['set-cookie']?.split(';')[0] ?? '';
    expect(await counted(10, () => ({ headers: { cookie } }))).toEqual({ [first.received?.instance ?? '']: 10 });
  });
});

describe('a session stays with its instance', () => {
  it('by a cookie, also when instances are added, and goes on with another when its own is gone', async () => {
    await running.apply(mesh({ affinity: { kind: 'cookie', name: 'session', ttl: 60_000 } }), {
      instances: { catalog: [{}, {}] },
    });
    const sessions: { readonly cookie: string; readonly instance: string }[] = [];
    for (let i = 0; i < 6; i++) {
      const { headers, received } = await running.call('web', 'catalog');
      expect(headers['set-cookie']).toMatch(/^session=.*Max-Age=60/);
      sessions.push({ cookie: headers['set-cookie']?.split(';')[0] ?? '', instance: received?.instance ?? '' });
    }
    await running.apply(mesh({ affinity: { kind: 'cookie', name: 'session', ttl: 60_000 } }), {
      instances: { catalog: [{}, {}, {}, {}] },
    });
    for (const { cookie, instance } of sessions) {
      expect(await counted(5, () => ({ headers: { cookie } }))).toEqual({ [instance]: 5 });
    }
    const [{ cookie, instance } = { cookie: '', instance: '' }] = sessions;
    const others = ['catalog-0', 'catalog-1', 'catalog-2']
      .filter((name) => name !== instance)
      .map((name) => ({ name }));
    await running.apply(mesh({ affinity: { kind: 'cookie', name: 'session', ttl: 60_000 } }), {
      instances: { catalog: others },
    });
    expect(others.map(({ name }) => name)).toContain(await instanceOf({ headers: { cookie } }));
  });

  it('by a header, which the answer tells', async () => {
    await running.apply(mesh({ affinity: { kind: 'header', name: 'x-session' } }), { instances: three });
    const { headers, received } = await running.call('web', 'catalog');
    const session = headers['x-session'] ?? '';
    expect(session).not.toBe('');
    expect(await counted(9, () => ({ headers: { 'x-session': session } }))).toEqual({ [received?.instance ?? '']: 9 });
  });
});

describe('instances near the caller come first', () => {
  const here = { region: 'north', zone: 'a' };
  const places: readonly InstanceOptions[] = [
    { name: 'near', locality: here },
    { name: 'beside', locality: { region: 'north', zone: 'b' } },
    { name: 'south', locality: { region: 'south', zone: 'a' } },
    { name: 'west', locality: { region: 'west', zone: 'a' } },
  ];
  const without = (...names: readonly string[]) => places.filter(({ name = '' }) => !names.includes(name));
  const preferring = async (locality: Preference, instances: readonly InstanceOptions[]) => {
    await running.apply(mesh({ policy: { locality, loadBalancing: { kind: 'roundRobin' } } }), {
      instances: { catalog: instances },
      localities: { web: here },
    });
    return Object.keys(await counted(12)).sort();
  };

  it('of its zone, then of its region, then the rest', async () => {
    expect(await preferring({ prefer: 'zone' }, places)).toEqual(['near']);
    expect(await preferring({ prefer: 'zone' }, without('near'))).toEqual(['beside']);
    expect(await preferring({ prefer: 'zone' }, without('near', 'beside'))).toEqual(['south', 'west']);
  });

  it('of its region, whatever the zone', async () => {
    expect(await preferring({ prefer: 'region' }, places)).toEqual(['beside', 'near']);
    expect(await preferring({ prefer: 'region' }, without('near', 'beside'))).toEqual(['south', 'west']);
  });

  it('all alike, where none is preferred', async () => {
    expect(await preferring({ prefer: 'none' }, places)).toEqual(['beside', 'near', 'south', 'west']);
  });

  it('of the region to fall back to, where one is named', async () => {
    const failover = [{ from: 'north', to: ['west', 'south'] }];
    expect(await preferring({ prefer: 'zone', failover }, without('near', 'beside'))).toEqual(['west']);
    expect(await preferring({ prefer: 'zone', failover }, without('near', 'beside', 'west'))).toEqual(['south']);
  });

  it('as long as enough of them are well: then others take over while they last', async () => {
    const instances = [{ name: 'near', locality: here }, { name: 'near-too', locality: here }, ...without('near')];
    const outlierDetection = { consecutive5xx: 1, interval: 50, baseEjectionTime: 60_000, maxEjectionPercent: 100 };
    const policy = {
      locality: { prefer: 'zone', minHealthyPercent: 100 },
      loadBalancing: { kind: 'roundRobin' },
      outlierDetection,
    } as const;
    const options = { instances: { catalog: instances }, localities: { web: here } };
    await running.apply(mesh({ policy }), options);
    expect(Object.keys(await counted(12)).sort()).toEqual(['near', 'near-too']);
    running.backend('near-too').reply({ status: 500 });
    // One of two is well, and that is less than all: a share goes on to the next zone.
    await until('the next zone to take over', async () => {
      const met = Object.keys(await counted(20)).sort();
      return met.join() === 'beside,near';
    });
  });
});

describe('an instance that is taken out', () => {
  it('gets nothing new while another is ready', async () => {
    await running.apply(mesh(), { instances: { catalog: [{ name: 'old', state: 'draining' }, { name: 'new' }] } });
    expect(await counted(10)).toEqual({ new: 10 });
    await running.apply(mesh(), {
      instances: {
        catalog: [
          { name: 'old', state: 'draining' },
          { name: 'new', state: 'draining' },
        ],
      },
    });
    expect(Object.keys(await counted(10)).length).toBeGreaterThan(0);
  });
});

describe('an instance of a StatefulSet', () => {
  it('is called by its own name, and all of them by the name of the service', async () => {
    for (const name of ['database-0', 'database-1']) {
      for (let i = 0; i < 3; i++) {
        expect((await running.call('web', `${name}.database`)).received?.instance).toBe(name);
      }
    }
    const met = new Set<string | undefined>();
    for (let i = 0; i < 20; i++) met.add((await running.call('web', 'database')).received?.instance);
    expect([...met].sort()).toEqual(['database-0', 'database-1']);
  });
});
