import { describe, expect, it } from 'vitest';
import { type Resource, resourceTypes } from '../../../proxy/xds';
import { type Event, newStream, type Response } from '../../../proxy/xds/stream/state';
import { isSettled, typeStatuses } from '../../../proxy/xds/stream/status';
import { step } from '../../../proxy/xds/stream/step';
import { Served } from '../../support/xds/served';
import { plain } from '../../support/xds/simulated-stream';

const { cluster, endpoints, listener, route, secret, extension } = resourceTypes;

/** A stream whose client a test plays; what is sent reads `cluster +a@1 -b`. */
class Played {
  readonly served = new Served();
  readonly state;
  private readonly nonces = new Map<string, string>();
  readonly versions = new Map<string, string>();

  constructor(
    private readonly protocol: 'delta' | 'stateOfTheWorld',
    resources: readonly Resource[],
    limits: { readonly responseBytes?: number; readonly names?: number } = {},
  ) {
    this.served.set(resources);
    this.state = newStream(protocol, this.served, { responseBytes: 10_000, names: 100, ...limits });
    this.served.client('one').watch((changes) => step(this.state, { kind: 'changed', changes }));
  }

  /** Tells the server something, and gives what it sends then. */
  says(event: Event): string[] {
    step(this.state, event);
    return this.sent();
  }

  asks(typeUrl: string, more: Partial<{ subscribe: string[]; unsubscribe: string[]; initial: object }> = {}): string[] {
    const { subscribe = [], unsubscribe = [], initial = {} } = more;
    return this.says({
      kind: 'delta',
      request: { typeUrl, subscribe, unsubscribe, initialVersions: new Map(Object.entries(initial)), nonce: '' },
    });
  }

  wants(typeUrl: string, names: readonly string[], version = ''): string[] {
    const nonce = this.nonces.get(typeUrl) ?? '';
    return this.says({ kind: 'stateOfTheWorld', request: { typeUrl, version, names, nonce } });
  }

  /** Answers the last response of a type. */
  answers(typeUrl: string, more: { readonly error?: string; readonly names?: readonly string[] } = {}): string[] {
    const { error, names = [] } = more;
    const nonce = this.nonces.get(typeUrl) ?? '';
    const common = { typeUrl, nonce, ...(error === undefined ? {} : { error }) };
    return this.says(
      this.protocol === 'delta'
        ? { kind: 'delta', request: { ...common, subscribe: [], unsubscribe: [], initialVersions: new Map() } }
        : { kind: 'stateOfTheWorld', request: { ...common, version: '', names } },
    );
  }

  changes(resources: readonly Resource[]): string[] {
    this.served.set(resources);
    return this.sent();
  }

  private sent(): string[] {
    const all: string[] = [];
    for (;;) {
      const [action] = step(this.state, { kind: 'ready' });
      if (action?.kind !== 'send') return all;
      this.nonces.set(action.response.typeUrl, action.response.nonce);
      this.versions.set(action.response.typeUrl, action.response.version);
      all.push(text(action.response));
    }
  }
}

function text({ typeUrl, resources, removed }: Response): string {
  const short = Object.entries(resourceTypes).find(([, url]) => url === typeUrl)?.[0] ?? typeUrl;
  return [
    short,
    ...resources.map(({ resource, version }) => `+${resource.name}@${version}`),
    ...removed.map((name) => `-${name}`),
  ].join(' ');
}

describe('delta xDS', () => {
  it('gives all clusters to who names none, and says so if there are none', () => {
    expect(new Played('delta', [plain(cluster, 'a', '1'), plain(cluster, 'b', '2')]).asks(cluster)).toEqual([
      'cluster +a@1 +b@2',
    ]);
    expect(new Played('delta', []).asks(cluster)).toEqual(['cluster']);
    expect(new Played('delta', []).asks(route)).toEqual([]);
  });

  it('gives what is named, and says what does not exist', () => {
    const stream = new Played('delta', [plain(route, 'a', '1'), plain(route, 'b', '1')]);
    expect(stream.asks(route, { subscribe: ['a', 'x'] })).toEqual(['route +a@1 -x']);
    expect(stream.answers(route)).toEqual([]);
    expect(stream.changes([plain(route, 'a', '1'), plain(route, 'b', '2'), plain(route, 'x', '1')])).toEqual([
      'route +x@1',
    ]);
  });

  it('sends only what is new to a client that connects again', () => {
    const stream = new Played('delta', [plain(cluster, 'a', '1'), plain(cluster, 'b', '2'), plain(cluster, 'c', '1')]);
    expect(stream.asks(cluster, { initial: { a: '1', b: '1', gone: '1' } })).toEqual(['cluster +b@2 +c@1']);
    expect(stream.answers(cluster)).toEqual(['cluster -gone']);
    expect(stream.answers(cluster)).toEqual([]);
    expect(isSettled(stream.state)).toBe(true);
  });

  it('sends again what is asked for again, and nothing that is not asked for any more', () => {
    const stream = new Played('delta', [plain(route, 'a', '1')]);
    expect(stream.asks(route, { subscribe: ['a'] })).toEqual(['route +a@1']);
    expect(stream.answers(route)).toEqual([]);
    expect(stream.asks(route, { subscribe: ['a'] })).toEqual(['route +a@1']);
    expect(stream.answers(route)).toEqual([]);
    expect(stream.asks(route, { unsubscribe: ['a', 'never'] })).toEqual([]);
    expect(stream.changes([plain(route, 'a', '2')])).toEqual([]);
  });

  it('tells who names a resource no longer whether he has it without', () => {
    const stream = new Played('delta', [plain(cluster, 'a', '1')]);
    stream.asks(cluster, { subscribe: ['*', 'a', 'x'] });
    stream.answers(cluster);
    expect(stream.asks(cluster, { unsubscribe: ['a', 'x'] })).toEqual(['cluster +a@1 -x']);
  });

  it('keeps everything and a name apart', () => {
    const stream = new Played('delta', [plain(cluster, 'a', '1'), plain(cluster, 'b', '1')]);
    expect(stream.asks(cluster)).toEqual(['cluster +a@1 +b@1']);
    stream.answers(cluster);
    expect(stream.asks(cluster, { subscribe: ['a'] })).toEqual(['cluster +a@1']);
    stream.answers(cluster);
    expect(stream.asks(cluster, { unsubscribe: ['*'] })).toEqual([]);
    expect(stream.changes([plain(cluster, 'a', '2'), plain(cluster, 'b', '2')])).toEqual(['cluster +a@2']);
    stream.answers(cluster);
    expect(stream.asks(cluster, { unsubscribe: ['a'] })).toEqual([]);
    expect(stream.changes([plain(cluster, 'a', '3')])).toEqual([]);
  });

  it('gathers what changes while a response is under way', () => {
    const stream = new Played('delta', [plain(route, 'a', '1')]);
    stream.asks(route, { subscribe: ['a', 'b'] });
    expect(stream.changes([plain(route, 'a', '2')])).toEqual([]);
    expect(stream.changes([plain(route, 'a', '3'), plain(route, 'b', '1')])).toEqual([]);
    expect(stream.answers(route)).toEqual(['route +a@3 +b@1']);
    // An answer to another response is none.
    stream.says({
      kind: 'delta',
      request: { typeUrl: route, subscribe: [], unsubscribe: [], initialVersions: new Map(), nonce: '1' },
    });
    expect(stream.changes([plain(route, 'a', '4')])).toEqual([]);
    expect(stream.answers(route)).toEqual(['route +a@4']);
  });

  it('splits what is too large for one response', () => {
    const all = ['a', 'b', 'c', 'd', 'e'].map((name) => plain(cluster, name, '1'));
    const stream = new Played('delta', all, { responseBytes: 250 });
    expect(stream.asks(cluster)).toEqual(['cluster +a@1 +b@1']);
    expect(stream.answers(cluster)).toEqual(['cluster +c@1 +d@1']);
    expect(stream.answers(cluster)).toEqual(['cluster +e@1']);
    const tiny = new Played('delta', all, { responseBytes: 1 });
    expect(tiny.asks(cluster)).toEqual(['cluster +a@1']);
  });
});

describe('a refusal', () => {
  it('leaves the last good version; the refused one is not sent again, its successor is', () => {
    const stream = new Played('delta', [plain(route, 'a', '1')]);
    stream.asks(route, { subscribe: ['a'] });
    stream.answers(route);
    expect(stream.changes([plain(route, 'a', 'bad')])).toEqual(['route +a@bad']);
    expect(stream.answers(route, { error: 'no such cluster' })).toEqual([]);
    expect(typeStatuses(stream.state)).toEqual([
      {
        typeUrl: route,
        subscribed: new Set(['a']),
        acknowledged: new Map([['a', '1']]),
        refused: new Map([['a', { version: 'bad', reason: 'no such cluster' }]]),
      },
    ]);
    expect(isSettled(stream.state)).toBe(false);
    expect(stream.changes([plain(route, 'a', '3')])).toEqual(['route +a@3']);
    stream.answers(route);
    expect(isSettled(stream.state)).toBe(true);
    expect(stream.changes([plain(route, 'a', 'bad')])).toEqual(['route +a@bad']);
    expect(stream.answers(route, { error: 'still no' })).toEqual([]);
    // Back at what the client has: there is nothing to send.
    expect(stream.changes([plain(route, 'a', '3')])).toEqual([]);
    expect(isSettled(stream.state)).toBe(true);
  });

  it('of several is followed until the cause is alone', () => {
    const names = ['a', 'b', 'bad', 'd', 'e'];
    const stream = new Played(
      'delta',
      names.map((name) => plain(endpoints, name, '1')),
    );
    const error = 'one is bad';
    expect(stream.asks(endpoints, { subscribe: names })).toEqual(['endpoints +a@1 +b@1 +bad@1 +d@1 +e@1']);
    expect(stream.answers(endpoints, { error })).toEqual(['endpoints +a@1 +b@1 +bad@1']);
    expect(stream.answers(endpoints, { error })).toEqual(['endpoints +a@1 +b@1']);
    expect(stream.answers(endpoints)).toEqual(['endpoints +bad@1']);
    expect(stream.answers(endpoints, { error })).toEqual(['endpoints +d@1 +e@1']);
    expect(stream.answers(endpoints)).toEqual([]);
    expect([...(typeStatuses(stream.state)[0]?.refused.keys() ?? [])]).toEqual(['bad']);
    expect([...(typeStatuses(stream.state)[0]?.acknowledged.keys() ?? [])]).toEqual(['a', 'b', 'd', 'e']);
  });

  it('is told with its reason and what it was about', () => {
    const stream = new Played('delta', [plain(route, 'a', '1')]);
    stream.asks(route, { subscribe: ['a', 'x'] });
    const request = { typeUrl: route, subscribe: [], unsubscribe: [], initialVersions: new Map(), nonce: '1' };
    expect(step(stream.state, { kind: 'delta', request: { ...request, error: 'because' } })).toEqual([
      {
        kind: 'report',
        report: {
          kind: 'refused',
          reason: 'because',
          typeUrl: route,
          nonce: '1',
          resources: new Map([['a', '1']]),
          removed: ['x'],
        },
      },
    ]);
  });
});

describe('make before break', () => {
  const mesh = (name: string, version = '1') => [
    plain(cluster, name, version),
    plain(endpoints, name, '1'),
    plain(secret, 'identity', '1'),
    plain(listener, 'out', '1'),
    plain(extension, 'rbac', version),
    plain(route, 'out', `to ${name}`),
  ];

  /** A proxy that has everything. */
  function connected(name: string, protocol: 'delta' | 'stateOfTheWorld' = 'delta') {
    const stream = new Played(protocol, mesh(name));
    const names = (typeUrl: string) => [...stream.served.resources(typeUrl).keys()];
    for (const typeUrl of [cluster, endpoints, secret, listener, extension, route]) {
      if (protocol === 'delta') stream.asks(typeUrl, { subscribe: names(typeUrl) });
      else stream.wants(typeUrl, typeUrl === cluster || typeUrl === listener ? [] : names(typeUrl));
    }
    // Asked for by name, so that what is gone can be seen to be removed.
    if (protocol === 'delta') stream.asks(cluster, { subscribe: ['*'] });
    for (let round = 0; round < 4; round++) {
      for (const typeUrl of [cluster, endpoints, secret, listener, extension, route]) {
        stream.answers(typeUrl, { names: typeUrl === cluster || typeUrl === listener ? [] : names(typeUrl) });
      }
    }
    expect(isSettled(stream.state)).toBe(true);
    return stream;
  }

  it('brings clusters and their endpoints before what leads to them, and takes them away after', () => {
    const stream = connected('a');
    expect(stream.changes(mesh('b'))).toEqual(['cluster +b@1']);
    expect(stream.asks(endpoints, { subscribe: ['b'] })).toEqual(['endpoints +b@1~1']);
    expect(stream.answers(cluster)).toEqual([]);
    expect(stream.answers(endpoints)).toEqual(['route +out@to b']);
    expect(stream.answers(route)).toEqual(['cluster -a']);
    expect(stream.answers(cluster)).toEqual([]);
    expect(isSettled(stream.state)).toBe(true);
  });

  it('does so in state-of-the-world xDS too', () => {
    const stream = connected('a', 'stateOfTheWorld');
    expect(stream.changes(mesh('b'))).toEqual(['cluster +b@1 +a@1']);
    expect(stream.wants(endpoints, ['a', 'b'])).toEqual(['endpoints +b@1~1']);
    expect(stream.answers(cluster)).toEqual([]);
    expect(stream.answers(endpoints, { names: ['a', 'b'] })).toEqual(['route +out@to b']);
    expect(stream.answers(route, { names: ['out'] })).toEqual(['cluster +b@1 -a']);
    expect(stream.answers(cluster)).toEqual([]);
    expect(isSettled(stream.state)).toBe(true);
  });

  it('does not take a cluster from routes that are still in use because the new ones are refused', () => {
    const stream = connected('a');
    stream.changes(mesh('b'));
    stream.asks(endpoints, { subscribe: ['b'] });
    stream.answers(cluster);
    expect(stream.answers(endpoints)).toEqual(['route +out@to b']);
    expect(stream.answers(route, { error: 'no' })).toEqual([]);
    const corrected = [...mesh('b').filter(({ typeUrl }) => typeUrl !== route), plain(route, 'out', 'corrected')];
    expect(stream.changes(corrected)).toEqual(['route +out@corrected']);
    expect(stream.answers(route)).toEqual(['cluster -a']);
  });

  it('does not take a cluster from a proxy that has just connected again, before it has the routes of now', () => {
    const now = [plain(cluster, 'b', '1'), plain(listener, 'out', '1'), plain(route, 'out', 'to b')];
    const stream = new Played('delta', now);
    expect(stream.asks(cluster, { subscribe: ['*'], initial: { a: '1', b: '1' } })).toEqual([]);
    expect(stream.asks(listener, { subscribe: ['*'], initial: { out: '1' } })).toEqual([]);
    expect(stream.asks(route, { subscribe: ['out'], initial: { out: 'to a' } })).toEqual(['route +out@to b']);
    expect(stream.answers(route)).toEqual(['cluster -a']);
  });

  it('warms a cluster that was changed with the endpoints that it has already', () => {
    const stream = connected('a');
    expect(stream.changes(mesh('a', '2'))).toEqual(['cluster +a@2', 'endpoints +a@1~2']);
    expect(stream.answers(cluster)).toEqual([]);
    expect(stream.answers(endpoints)).toEqual(['extension +rbac@2']);
  });

  it('warms a cluster whose endpoints were lost with the connection', () => {
    const stream = new Played('delta', mesh('a', '2'));
    expect(stream.asks(cluster, { subscribe: ['*'], initial: { a: '2' } })).toEqual([]);
    expect(stream.asks(endpoints, { subscribe: ['a'], initial: { a: '1~1' } })).toEqual(['endpoints +a@1~2']);
    const again = new Played('delta', mesh('a', '2'));
    again.asks(cluster, { subscribe: ['*'], initial: { a: '2' } });
    expect(again.asks(endpoints, { subscribe: ['a'], initial: { a: '1~2' } })).toEqual([]);
  });

  it('goes back to the endpoints of the cluster that a proxy keeps when it refuses the new one', () => {
    const stream = connected('a');
    stream.changes(mesh('a', '2'));
    stream.answers(endpoints);
    expect(stream.answers(cluster, { error: 'no' })).toEqual(['endpoints +a@1~1']);
    expect(stream.answers(endpoints)).toEqual(['extension +rbac@2']);
  });

  it('is not held up by endpoints that always change', () => {
    const stream = connected('a');
    const changed = (version: string, to: string) => [
      ...mesh('a').filter(({ typeUrl }) => typeUrl !== endpoints && typeUrl !== route),
      plain(endpoints, 'a', version),
      plain(route, 'out', to),
    ];
    expect(stream.changes(changed('2', 'to a'))).toEqual(['endpoints +a@2~1']);
    expect(stream.changes(changed('3', 'elsewhere'))).toEqual(['route +out@elsewhere']);
    expect(stream.answers(endpoints)).toEqual(['endpoints +a@3~1']);
  });

  it('leaves alone what something may still refer to: it goes with that', () => {
    const stream = connected('a');
    const left = mesh('a').filter(({ typeUrl }) => typeUrl !== route && typeUrl !== extension && typeUrl !== secret);
    expect(stream.changes(left)).toEqual([]);
    expect(stream.changes(mesh('a'))).toEqual([]);
    expect(stream.changes(left.filter(({ typeUrl }) => typeUrl !== listener))).toEqual(['listener -out']);
  });
});

describe('what comes after everything', () => {
  const readiness: Resource = { ...plain(listener, 'readiness', '1'), after: 'everything' };
  const others = [
    plain(cluster, 'a', '1'),
    plain(endpoints, 'a', '1'),
    plain(listener, 'out', '1'),
    plain(route, 'out', '1'),
  ];

  it('comes when all the rest is acknowledged, also what was not asked for at first', () => {
    const stream = new Played('delta', [readiness, ...others]);
    expect(stream.asks(cluster)).toEqual(['cluster +a@1']);
    expect(stream.asks(listener)).toEqual([]);
    expect(stream.asks(endpoints, { subscribe: ['a'] })).toEqual(['endpoints +a@1~1']);
    expect(stream.answers(cluster)).toEqual([]);
    expect(stream.answers(endpoints)).toEqual(['listener +out@1']);
    expect(stream.answers(listener)).toEqual([]);
    expect(stream.asks(route, { subscribe: ['out'] })).toEqual(['route +out@1']);
    expect(stream.answers(route)).toEqual(['listener +readiness@1']);
    expect(stream.answers(listener)).toEqual([]);
    // Once it is there it stays, whatever changes.
    expect(stream.changes([readiness, ...others, plain(listener, 'new', '1')])).toEqual(['listener +new@1']);
  });

  it('does not come to a proxy that refuses a part and has none before it', () => {
    const stream = new Played('delta', [readiness, ...others]);
    stream.asks(listener);
    stream.asks(cluster);
    expect(stream.answers(listener, { error: 'no' })).toEqual([]);
    stream.asks(endpoints, { subscribe: ['a'] });
    stream.asks(route, { subscribe: ['out'] });
    for (const typeUrl of [cluster, endpoints, route, route])
      expect(stream.answers(typeUrl).join()).not.toContain('readiness');
    expect(
      stream.changes([readiness, ...others.slice(0, 2), plain(listener, 'out', '2'), plain(route, 'out', '1')]),
    ).toEqual(['listener +out@2']);
    expect(stream.answers(listener)).toEqual(['listener +readiness@1']);
  });

  it('is known to a proxy that connects again', () => {
    const stream = new Played('delta', [readiness, ...others]);
    expect(stream.asks(cluster, { initial: { a: '1' } })).toEqual([]);
    expect(stream.asks(listener, { initial: { out: '1', readiness: '1' } })).toEqual([]);
  });

  it('comes last in state-of-the-world xDS too', () => {
    const stream = new Played('stateOfTheWorld', [readiness, ...others]);
    expect(stream.wants(cluster, [])).toEqual(['cluster +a@1']);
    expect(stream.wants(endpoints, ['a'])).toEqual(['endpoints +a@1~1']);
    expect(stream.wants(listener, [])).toEqual([]);
    expect(stream.answers(cluster)).toEqual([]);
    expect(stream.answers(endpoints, { names: ['a'] })).toEqual(['listener +out@1']);
    expect(stream.wants(route, ['out'])).toEqual(['route +out@1']);
    expect(stream.answers(listener)).toEqual([]);
    expect(stream.answers(route, { names: ['out'] })).toEqual(['listener +readiness@1 +out@1']);
  });
});

describe('state-of-the-world xDS', () => {
  it('holds all clusters and listeners in each response, and of other types what has changed', () => {
    const stream = new Played('stateOfTheWorld', [
      plain(cluster, 'a', '1'),
      plain(cluster, 'b', '1'),
      plain(route, 'x', '1'),
    ]);
    expect(stream.wants(cluster, [])).toEqual(['cluster +a@1 +b@1']);
    expect(stream.answers(cluster)).toEqual([]);
    expect(stream.wants(route, ['x', 'y', 'z'])).toEqual(['route +x@1']);
    expect(stream.answers(route, { names: ['x', 'y', 'z'] })).toEqual([]);
    expect(
      stream.changes([
        plain(cluster, 'a', '1'),
        plain(cluster, 'b', '2'),
        plain(route, 'x', '1'),
        plain(route, 'y', '1'),
      ]),
    ).toEqual(['cluster +a@1 +b@2']);
    expect(stream.answers(cluster)).toEqual(['route +y@1']);
  });

  it('answers who names a cluster or a listener that does not exist, since its absence tells it', () => {
    const stream = new Played('stateOfTheWorld', []);
    expect(stream.wants(listener, ['x'])).toEqual(['listener']);
    expect(stream.answers(listener, { names: ['x'] })).toEqual([]);
    expect(stream.changes([plain(listener, 'x', '1'), plain(listener, 'y', '1')])).toEqual(['listener +x@1']);
    stream.answers(listener, { names: ['x'] });
    expect(stream.changes([])).toEqual(['listener -x']);
  });

  it('sends nothing to who has everything, connects again and says that he has this very state', () => {
    const all = [plain(cluster, 'a', '1'), plain(cluster, 'b', '1')];
    const before = new Played('stateOfTheWorld', all);
    before.wants(cluster, []);
    before.answers(cluster);
    const version = before.versions.get(cluster) ?? '';

    const again = new Played('stateOfTheWorld', all);
    expect(again.wants(cluster, [], version)).toEqual([]);
    expect(isSettled(again.state)).toBe(true);
    expect(again.changes([plain(cluster, 'a', '1'), plain(cluster, 'b', '2')])).toEqual(['cluster +a@1 +b@2']);

    const changed = new Played('stateOfTheWorld', [plain(cluster, 'a', '2'), plain(cluster, 'b', '1')]);
    expect(changed.wants(cluster, [], version)).toEqual(['cluster +a@2 +b@1']);
  });

  it('sends what is named to who connects again, since he may have dropped it', () => {
    const all = [plain(route, 'a', '1')];
    const before = new Played('stateOfTheWorld', all);
    before.wants(route, ['a']);
    before.answers(route, { names: ['a'] });
    const again = new Played('stateOfTheWorld', all);
    expect(again.wants(route, ['a'], before.versions.get(route))).toEqual(['route +a@1']);
  });

  it('takes the names of a request that answers an older response, and does not take it for an answer', () => {
    const stream = new Played('stateOfTheWorld', [plain(route, 'a', '1'), plain(route, 'b', '1')]);
    expect(stream.wants(route, ['a'])).toEqual(['route +a@1']);
    const outdated: Event = {
      kind: 'stateOfTheWorld',
      request: { typeUrl: route, version: '', names: ['a', 'b'], nonce: 'before' },
    };
    expect(stream.says(outdated)).toEqual([]);
    expect(stream.answers(route, { names: ['a', 'b'] })).toEqual(['route +b@1']);
  });

  it('gives all to who names none, until he has named something', () => {
    const stream = new Played('stateOfTheWorld', [plain(cluster, 'a', '1'), plain(cluster, 'b', '1')]);
    expect(stream.wants(cluster, [])).toEqual(['cluster +a@1 +b@1']);
    stream.answers(cluster);
    expect(stream.wants(cluster, ['*', 'a'])).toEqual(['cluster +a@1 +b@1']);
    stream.answers(cluster, { names: ['*', 'a'] });
    stream.wants(cluster, ['a']);
    expect(stream.changes([plain(cluster, 'a', '1'), plain(cluster, 'b', '2')])).toEqual([]);
    stream.wants(cluster, []);
    expect(stream.changes([plain(cluster, 'a', '2')])).toEqual([]);
  });
});

describe('limits', () => {
  it('end a stream that names too much or asks for too many types', () => {
    const stream = new Played('delta', [], { names: 2 });
    const ask = (typeUrl: string, subscribe: string[], initialVersions = new Map<string, string>()) =>
      step(stream.state, {
        kind: 'delta',
        request: { typeUrl, subscribe, unsubscribe: [], initialVersions, nonce: '' },
      });
    expect(ask(route, ['a', 'b'])).toMatchObject([{ kind: 'report', report: { kind: 'subscribed' } }]);
    expect(ask(endpoints, ['c'])).toEqual([{ kind: 'end', reason: 'names more than 2 resources' }]);
    const versions = new Map(['a', 'b', 'c'].map((name): [string, string] => [name, '1']));
    expect(ask(secret, [], versions)).toEqual([{ kind: 'end', reason: 'names more than 2 resources' }]);
    const types = Array.from({ length: 40 }, (_, index) => ask(`type ${index}`, []));
    expect(types.at(-1)).toEqual([{ kind: 'end', reason: 'asks for more than 32 types' }]);
  });
});
