import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Protocol, type Resource, resourceTypes } from '../../../proxy/xds';
import { order, plain, SimulatedStream } from '../../support/xds/simulated-stream';

/**
 * Whatever happens between a server and its clients, and in whatever order messages arrive: in the end a client has what it is to
 * have. FUZZ_RUNS sets how many histories are tried.
 */
const numRuns = Number(process.env.FUZZ_RUNS ?? 400);
/** A long run takes as long as it takes. */
const timeout = 30_000 + 20 * numRuns;

const protocols: readonly Protocol[] = ['delta', 'stateOfTheWorld'];
const names = ['a', 'b', 'c', 'd'];
const isBad = (resource: Resource) => resource.version.startsWith('bad');

/** Resources that refer to nothing: any type, any name, good or bad. */
const anyResources = fc
  .uniqueArray(
    fc.record({
      typeUrl: fc.constantFrom(...order),
      name: fc.constantFrom(...names),
      version: fc.constantFrom('1', '2', '3', 'bad 1', 'bad 2'),
    }),
    { selector: ({ typeUrl, name }) => `${typeUrl} ${name}`, maxLength: 20 },
  )
  .map((all) => all.map(({ typeUrl, name, version }) => plain(typeUrl, name, version)));

const happenings = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ kind: 'toClient' as const }) },
  { weight: 3, arbitrary: fc.constant({ kind: 'toServer' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'reconnect' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'slow' as const }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('set' as const), resources: anyResources }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom('subscribe' as const, 'unsubscribe' as const),
      typeUrl: fc.constantFrom(...order),
      name: fc.constantFrom('*', ...names),
    }),
  },
);

describe.each(protocols)('a client of %s xDS', (protocol) => {
  it(
    'has in the end what it asks for, and the last good version of what it refuses',
    () => {
      fc.assert(
        fc.property(fc.array(happenings, { maxLength: 60 }), anyResources, (history, final) => {
          const stream = new SimulatedStream({
            protocol,
            followsReferences: false,
            refuses: isBad,
            responseBytes: 250,
          });
          stream.reconnect();
          const good = new Set<string>();
          const note = (resources: readonly Resource[]) => {
            for (const one of resources) if (!isBad(one)) good.add(`${one.typeUrl} ${one.name} ${one.version}`);
          };
          for (const happening of history) {
            switch (happening.kind) {
              case 'toClient':
                stream.deliverToClient();
                break;
              case 'toServer':
                stream.deliverToServer();
                break;
              case 'reconnect':
                stream.reconnect();
                break;
              case 'slow':
                stream.isSlow = true;
                break;
              case 'set':
                note(happening.resources);
                stream.set(happening.resources);
                break;
              default:
                stream.client[happening.kind](happening.typeUrl, [happening.name]);
            }
            // A slow reader costs one response, whatever changes.
            if (stream.isSlow) expect(stream.waiting).toBeLessThanOrEqual(order.length);
          }
          note(final);
          stream.set(final);
          stream.settle();
          expect(stream.ended).toEqual([]);
          // Routes and listeners must have been asked for: what they still refer to is not removed.
          for (const typeUrl of order) stream.client.subscribe(typeUrl, ['*']);
          stream.settle();
          for (const typeUrl of order) expectTruth(stream, typeUrl, good);
        }),
        { numRuns },
      );
    },
    timeout,
  );
});

/** What the client has of a type is what it is to have. */
function expectTruth(stream: SimulatedStream, typeUrl: string, good: ReadonlySet<string>): void {
  const target = stream.served.resources(typeUrl);
  const has = stream.client.has(typeUrl);
  for (const [name, resource] of target) {
    const version = has.get(name)?.resource.version;
    if (!isBad(resource)) expect([typeUrl, name, version]).toEqual([typeUrl, name, resource.version]);
    else if (version !== undefined) expect(good).toContain(`${typeUrl} ${name} ${version}`);
  }
  const isRemoved = typeUrl === resourceTypes.cluster || typeUrl === resourceTypes.listener;
  for (const name of has.keys()) if (isRemoved && !hasRefused(stream)) expect([...target.keys()]).toContain(name);
}

/** Clusters stay as long as routes are refused, since the ones before them may lead there. */
function hasRefused(stream: SimulatedStream): boolean {
  return order.some((typeUrl) => [...stream.served.resources(typeUrl).values()].some(isBad));
}

/** A mesh that is consistent at any time: each route leads to clusters that are there, each cluster has endpoints. */
const consistent = fc
  .record({
    clusters: fc.dictionary(fc.constantFrom(...names), fc.constantFrom('1', '2', '3'), { minKeys: 1 }),
    endpoints: fc.dictionary(fc.constantFrom(...names), fc.constantFrom('1', '2', '3')),
    routes: fc.dictionary(
      fc.constantFrom('x', 'y', 'z'),
      fc.record({ to: fc.array(fc.nat(names.length), { minLength: 1, maxLength: 2 }), mark: fc.nat(2) }),
    ),
    listenerMark: fc.nat(2),
  })
  .map(({ clusters, endpoints, routes, listenerMark }) => {
    const clusterNames = Object.keys(clusters);
    const lead = (to: readonly number[]) => to.map((index) => clusterNames[index % clusterNames.length] ?? '');
    return [
      ...Object.entries(clusters).map(([name, version]) => plain(resourceTypes.cluster, name, version)),
      ...clusterNames.map((name) => plain(resourceTypes.endpoints, name, endpoints[name] ?? '1')),
      ...Object.keys(routes).map((name) => plain(resourceTypes.listener, name, `mark ${listenerMark}`)),
      ...Object.entries(routes).map(([name, { to, mark }]) =>
        plain(resourceTypes.route, name, `to ${lead(to)} mark ${mark}`, { clusters: lead(to) }),
      ),
    ];
  });

const lives = fc.oneof(
  { weight: 6, arbitrary: fc.constant({ kind: 'toClient' as const }) },
  { weight: 6, arbitrary: fc.constant({ kind: 'toServer' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'reconnect' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'slow' as const }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('set' as const), resources: consistent }) },
);

describe.each(protocols)('a proxy that speaks %s xDS', (protocol) => {
  it(
    'never has a route to a cluster that is not there, warms every cluster, and gets nothing twice',
    () => {
      fc.assert(
        fc.property(consistent, fc.array(lives, { maxLength: 80 }), consistent, (first, history, final) => {
          const stream = new SimulatedStream({ protocol, followsReferences: true, refuses: () => false });
          stream.set(first);
          stream.client.subscribe(resourceTypes.cluster, ['*']);
          stream.client.subscribe(resourceTypes.listener, ['*']);
          for (const happening of history) {
            if (happening.kind === 'toClient') stream.deliverToClient();
            else if (happening.kind === 'toServer') stream.deliverToServer();
            else if (happening.kind === 'reconnect') stream.reconnect();
            else if (happening.kind === 'slow') stream.isSlow = true;
            else stream.set(happening.resources);
          }
          stream.set(final);
          stream.settle();
          expect(stream.client.broken).toEqual([]);
          expect([...stream.client.warming]).toEqual([]);
          for (const typeUrl of order) {
            const has = [...stream.client.has(typeUrl)].map(([name, { resource }]) => [name, resource.version]);
            const target = [...stream.served.resources(typeUrl)].map(([name, { version }]) => [name, version]);
            expect([typeUrl, has.sort()]).toEqual([typeUrl, target.sort()]);
          }

          stream.reconnect();
          stream.settle();
          // A client of state-of-the-world xDS cannot say what it has no longer, so it may get the rest again.
          if (protocol === 'delta') expect(stream.sent).toBe(0);
        }),
        { numRuns },
      );
    },
    timeout,
  );
});
