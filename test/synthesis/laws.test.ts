import { ApiObject, App, Chart } from 'cdk8s';
import * as kplus from 'cdk8s-plus-28';
import { Canary, Gateway, HeaderMatch, http, Mesh, PathMatch, Service, TrafficPolicy, tcp, Workload } from 'meshwright';
import { manifestsOf } from 'meshwright/testing';
import { expect, it } from 'vitest';
import { type Manifest, manifestKey } from '../../lib/kubernetes/manifest';
import { hash } from '../../lib/model';

/** A program as a list of statements that do not need each other's results but by name. */
class Program {
  readonly app = new App();
  readonly chart = new Chart(this.app, 'team', { namespace: 'team', disableResourceNameHashes: true });
  readonly services = new Map<string, Service<string, 'http'>>();

  service(name: string): Service<string, 'http'> {
    let service = this.services.get(name);
    if (!service) {
      service = new Service(this.chart, name, { port: http(3000 + name.charCodeAt(0)), image: `${name}:1` });
      this.services.set(name, service);
    }
    return service;
  }
}

const statements: readonly ((program: Program) => void)[] = [
  ({ app }) => void new Mesh(app, 'mesh', { trustDomain: 'test.example' }),
  (program) => program.service('web').calls(program.service('api'), { timeout: '1s' }),
  (program) => program.service('web').calls(program.service('search')),
  (program) => program.service('api').calls(program.service('search'), { only: [PathMatch.prefix('/q')] }),
  (program) => program.service('search').addRoute({ match: HeaderMatch.exact('x-a', 'b'), timeout: '2s' }),
  (program) => program.service('search').addRoute({ match: PathMatch.exact('/slow'), timeout: '5s' }),
  (program) => new Gateway(program.chart, 'public', { hosts: ['a.example'] }).addRoute({ to: program.service('web') }),
  ({ chart }) => {
    const reviews = new Service(chart, 'reviews', { port: http(8080) });
    const stable = reviews.addVersion('v1', { image: 'r:1' });
    const candidate = reviews.addVersion('v2', { image: 'r:2' });
    new Canary(chart, 'reviews-v2', { service: reviews, stable, candidate });
    new Workload(chart, 'reader', { image: 'reader:1' }).calls(reviews);
  },
  ({ chart }) => {
    const deployment = new kplus.Deployment(chart, 'db-deployment', {
      metadata: { name: 'db' },
      containers: [{ image: 'db:1', portNumber: 5432 }],
    });
    new Workload(chart, 'backup', { image: 'backup:1' }).calls(
      new Service(chart, 'db', { port: tcp(5432), deployment }),
    );
  },
  ({ chart }) => {
    const deployment = new kplus.Deployment(chart, 'mq-deployment', {
      metadata: { name: 'mq' },
      containers: [{ image: 'mq:1', portNumber: 5672 }],
    });
    new Workload(chart, 'consumer', { image: 'consumer:1' }).calls(
      new Service(chart, 'mq', { port: tcp(5672), deployment }),
    );
  },
  (program) =>
    void new TrafficPolicy(program.chart, 'api-traffic', {
      service: program.service('api'),
      limits: { maxRequests: 10 },
    }),
];

it('gives the same bytes whatever the order of statements', () => {
  const expected = bytes(synthesized(statements));
  expect(bytes(synthesized([...statements].reverse()))).toEqual(expected);
  // Each statement once first, once last: no two depend on their order.
  for (let turn = 1; turn < statements.length; turn++) {
    expect(bytes(synthesized([...statements.slice(turn), ...statements.slice(0, turn)]))).toEqual(expected);
  }
});

it('gives the same bytes when it is asked twice', () => {
  const program = new Program();
  for (const statement of statements) statement(program);
  expect(bytes(chartsOf(program.app))).toEqual(bytes(chartsOf(program.app)));
});

it('changes only what belongs to a service when one is added', () => {
  const before = byKey(synthesized(statements));
  const after = byKey(
    synthesized([...statements, (program) => program.service('web').calls(program.service('newcomer'))]),
  );
  const removed = [...before.keys()].filter((key) => !after.has(key));
  const added = [...after.keys()].filter((key) => !before.has(key));
  const changed = [...before].filter(([key, text]) => after.has(key) && after.get(key) !== text).map(([key]) => key);
  expect(removed).toEqual([]);
  expect(added.filter((key) => !key.includes('newcomer'))).toEqual([]);
  expect(added.length).toBeGreaterThan(4);
  // Its caller: the pods that find it, what they may reach, and how the call is seen.
  expect(changed.filter((key) => !/(^| )team\/([a-z-]*-)?web(-|$)/.test(key))).toEqual([]);
});

it('changes only the edge, its right and its caller when a call is removed', () => {
  const before = byKey(synthesized(statements));
  const after = byKey(synthesized(statements.filter((_, index) => index !== 3)));
  const removed = [...before.keys()].filter((key) => !after.has(key));
  expect(removed).toEqual(['meshwright.dev/v1alpha1 Edge team/api-to-search-80']);
  const changed = [...before].filter(([key, text]) => after.has(key) && after.get(key) !== text).map(([key]) => key);
  expect(changed).toContain('meshwright.dev/v1alpha1 AccessPolicy team/search-callers');
  expect(changed.filter((key) => !/(^| )team\/([a-z-]*-)?(api|search)(-|$)/.test(key))).toEqual([]);
});

function synthesized(program: typeof statements): ReadonlyMap<string, readonly Manifest[]> {
  const made = new Program();
  for (const statement of program) statement(made);
  return chartsOf(made.app);
}

function chartsOf(app: App): ReadonlyMap<string, readonly Manifest[]> {
  const charts = [...app.charts].sort((a, b) => (a.node.path < b.node.path ? -1 : 1));
  return new Map(charts.map((chart) => [chart.node.path, chart.toJson() as Manifest[]]));
}

/** A line for each object: a difference is seen at once, and not in megabytes. */
function bytes(charts: ReadonlyMap<string, readonly Manifest[]>): readonly string[] {
  return [...charts].flatMap(([path, objects]) =>
    objects.map((object) => `${path} ${manifestKey(object)} ${hash(JSON.stringify(object))}`),
  );
}

function byKey(charts: ReadonlyMap<string, readonly Manifest[]>): Map<string, string> {
  return new Map([...charts.values()].flat().map((manifest) => [manifestKey(manifest), JSON.stringify(manifest)]));
}

it('puts a namespace before what is in it, and what depends on something after it', () => {
  const app = new App();
  new Mesh(app, 'mesh', { trustDomain: 'test.example' });
  const chart = new Chart(app, 'team', { namespace: 'team' });
  // cdk8s-plus makes a StatefulSet depend on its Service.
  const service = new kplus.Service(chart, 'db-service', {
    metadata: { name: 'db' },
    clusterIP: 'None',
    ports: [{ port: 5432 }],
  });
  const deployment = new kplus.StatefulSet(chart, 'set', {
    service,
    containers: [{ image: 'db:1', portNumber: 5432 }],
  });
  new Service(chart, 'db-mesh', { name: 'db', port: tcp(5432), deployment, kubernetesService: service });
  const last = new ApiObject(chart, 'a-first-by-name', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'a' },
  });
  last.addDependency(deployment);
  const kinds = (chart.toJson() as Manifest[]).map((manifest) => `${manifest.kind} ${manifest.metadata.name}`);
  expect(kinds[0]).toBe('Namespace team');
  const at = (kind: string) => kinds.findIndex((one) => one.startsWith(kind));
  expect(at('Service db')).toBeGreaterThan(0);
  expect(at('Service db')).toBeLessThan(at('StatefulSet'));
  expect(at('StatefulSet')).toBeLessThan(at('ConfigMap a'));
});

it('is an app that can be listed', () => {
  const program = new Program();
  for (const statement of statements) statement(program);
  expect(manifestsOf(program.app)).toHaveLength([...chartsOf(program.app).values()].flat().length);
});
