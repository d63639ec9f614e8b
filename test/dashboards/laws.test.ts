import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { controlPlaneMetrics, dashboards, envoyMetrics, type Metric, rules } from '../../lib/dashboards';
import { calls } from '../../lib/dashboards/calls';
import { canonical, type Model, names, Ref } from '../../lib/model';
import { edge, model, port, service, workload } from '../support/model-builder';
import { shop } from './meshes';
import { choicesOf, queriesOf, type Variable } from './promtool';

/** What holds of every dashboard and rule, whatever the mesh. */
const meshes: readonly { readonly name: string; readonly mesh: Model }[] = [
  { name: 'of everything', mesh: shop() },
  { name: 'of nothing', mesh: model() },
  { name: 'of a service that nobody calls', mesh: model({ services: [service('alone')] }) },
  {
    name: 'of UDP alone, which proxies do not see',
    mesh: model({ services: [service('dns', { ports: [port('udp', 53)] })] }),
  },
  { name: 'of forty services', mesh: dense(40, 5) },
];

describe.each(meshes)('a mesh $name', ({ mesh }) => {
  const pages = dashboards(mesh).map((dashboard) => ({ dashboard, page: JSON.parse(dashboard.json) as Page }));

  it('gives each dashboard an identity of its own that Grafana takes', () => {
    const uids = pages.map(({ page }) => page.uid);
    expect(new Set(uids).size).toBe(uids.length);
    expect(uids.filter((uid) => !/^[a-z0-9-]{1,40}$/.test(uid))).toEqual([]);
    const objects = pages.map(({ dashboard }) => Ref.key(dashboard));
    expect(new Set(objects).size).toBe(objects.length);
    expect(pages.filter(({ dashboard }) => dashboard.name.length > 63)).toEqual([]);
  });

  it('gives each panel a number of its own', () => {
    for (const { page } of pages) {
      const ids = page.panels.map((panel) => panel.id);
      expect(new Set(ids).size).toBe(ids.length);
      expect(ids.filter((id) => !Number.isInteger(id) || id < 1 || id > 2_147_483_647)).toEqual([]);
    }
  });

  it('lays panels out in the grid, none over another', () => {
    for (const { page } of pages) {
      const taken = new Map<string, string>();
      for (const { title, gridPos } of page.panels) {
        expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24);
        for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
          for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
            expect(taken.get(`${x} ${y}`), `${page.title}: ${title} lies over it`).toBeUndefined();
            taken.set(`${x} ${y}`, title);
          }
        }
      }
    }
  });

  it('fills every line of the grid that it begins', () => {
    for (const { page } of pages) {
      const widths = new Map<number, number>();
      for (const { gridPos } of page.panels) widths.set(gridPos.y, (widths.get(gridPos.y) ?? 0) + gridPos.w);
      expect([...widths.values()].filter((width) => width !== 24)).toEqual([]);
    }
  });

  it('has no panel without a query, no section without a panel and no query twice in a panel', () => {
    for (const { page } of pages) {
      const kinds = page.panels.map((panel) => panel.type);
      expect(kinds[0]).toBe('row');
      expect(kinds.at(-1)).not.toBe('row');
      expect(kinds.filter((kind, index) => kind === 'row' && kinds[index + 1] === 'row')).toEqual([]);
      for (const panel of page.panels.filter(({ type }) => type === 'text')) {
        expect(panel.options?.content, panel.title).toMatch(/^[*][*](Called by|Calls)[*][*] ./);
      }
      for (const panel of page.panels.filter(({ type }) => type !== 'row' && type !== 'text')) {
        const exprs = panel.targets?.map(({ expr }) => expr) ?? [];
        expect(exprs.length, panel.title).toBeGreaterThan(0);
        expect(new Set(exprs).size, panel.title).toBe(exprs.length);
        const refs = panel.targets?.map(({ refId }) => refId) ?? [];
        expect(new Set(refs).size).toBe(refs.length);
      }
    }
  });

  it('tells the series of a panel apart', () => {
    for (const { page } of pages) {
      for (const panel of page.panels.filter(({ targets }) => (targets ?? []).length > 1)) {
        const legends = panel.targets?.map(({ legendFormat }) => legendFormat) ?? [];
        expect(new Set(legends).size, `${page.title}: ${panel.title}`).toBe(legends.length);
        expect(legends).not.toContain(undefined);
      }
    }
  });

  it('asks for declared metrics, by labels that they have', () => {
    const asked = [
      ...dashboards(mesh).flatMap(queriesOf),
      ...rules(mesh).flatMap((group) =>
        group.rules.map((rule) => ({ dashboard: group.name, panel: '', expr: rule.expr })),
      ),
    ].flatMap(({ expr, dashboard, panel }) =>
      selectors(expr).map((one) => ({ ...one, where: `${dashboard}: ${panel}` })),
    );
    expect(asked.filter(({ metric }) => !known.has(metric))).toEqual([]);
    expect(
      asked.flatMap(({ metric, labels, where }) =>
        labels.filter((label) => !known.get(metric)?.includes(label)).map((label) => ({ where, metric, label })),
      ),
    ).toEqual([]);
  });

  it('reads what it records, and records what it reads', () => {
    const read = new Set(
      [...dashboards(mesh).flatMap(queriesOf), ...rules(mesh).flatMap((group) => group.rules)]
        .flatMap(({ expr }) => selectors(expr))
        .map(({ metric }) => metric)
        .filter((metric) => metric.includes(':')),
    );
    const made = new Set(
      rules(mesh).flatMap((group) => group.rules.flatMap((rule) => ('record' in rule ? [rule.record] : []))),
    );
    expect([...made].filter((name) => !read.has(name))).toEqual([]);
    // The page of the whole mesh asks for what services record, whether there are any or not.
    const ofPages = new Set(
      dashboards(mesh)
        .filter((dashboard) => dashboard.namespace !== mesh.mesh.namespace)
        .flatMap(queriesOf)
        .flatMap(({ expr }) => selectors(expr))
        .map(({ metric }) => metric)
        .filter((metric) => metric.includes(':')),
    );
    expect([...ofPages].filter((name) => !made.has(name))).toEqual([]);
  });

  it('records and alerts under names of its own, each once for each service', () => {
    const groups = rules(mesh);
    expect(new Set(groups.map(Ref.key)).size).toBe(groups.length);
    expect(groups.filter((group) => group.rules.length === 0)).toEqual([]);
    const all = groups.flatMap((group) =>
      group.rules.map((rule) =>
        // What a rule does not label keeps the labels of the series that it reads.
        JSON.stringify('record' in rule ? [rule.record, rule.labels ?? ownerOf(rule.expr)] : [rule.alert, rule.labels]),
      ),
    );
    expect(new Set(all).size).toBe(all.length);
  });

  it('says with every alert how grave it is, where, and what it means', () => {
    const alerts = rules(mesh).flatMap((group) => group.rules.flatMap((rule) => ('alert' in rule ? [rule] : [])));
    expect(alerts.length).toBeGreaterThan(10);
    for (const { alert, labels, annotations } of alerts) {
      expect(alert).toMatch(/^Meshwright[A-Z][A-Za-z]+$/);
      expect(['critical', 'warning', 'info']).toContain(labels.severity);
      expect(labels.mesh).toBe(mesh.mesh.name);
      expect(annotations.summary.length).toBeGreaterThan(10);
      expect(annotations.summary).not.toMatch(/[.]$/);
      expect(annotations.description).toMatch(/[.]$/);
    }
  });

  it('links to pages that are there', () => {
    const uids = new Set(pages.map(({ page }) => page.uid));
    const missing = pages.flatMap(({ dashboard, page }) =>
      [...dashboard.json.matchAll(/["(]\/d\/([^?"]+)/g)]
        .map((match) => match[1] ?? '')
        .filter((uid) => !uids.has(uid))
        .map((uid) => `${page.title} to ${uid}`),
    );
    expect(missing).toEqual([]);
  });

  it('stays below what Kubernetes and readers bear', () => {
    expect(dashboards(mesh).filter(({ json }) => json.length > 64 * 1024)).toEqual([]);
  });
});

describe('dashboards and rules', () => {
  it('read every metric that is declared: others would cost and serve nobody', () => {
    const queries = [...dashboards(shop()).flatMap(queriesOf), ...rules(shop()).flatMap((group) => group.rules)];
    const read = new Set(queries.flatMap(({ expr }) => selectors(expr)).map(({ metric }) => metric));
    const declared: readonly Metric[] = [...Object.values(envoyMetrics), ...Object.values(controlPlaneMetrics)];
    const unread = declared.filter(({ name }) => !read.has(name) && !read.has(`${name}_bucket`));
    expect(unread.map(({ name }) => name)).toEqual([]);
  });

  it('are the same whatever the order of the lists of a model', () => {
    const expected = [dashboards(shop()), rules(shop())];
    fc.assert(
      fc.property(shuffled(shop()), (mesh) => {
        expect([dashboards(mesh), rules(mesh)]).toEqual(expected);
      }),
      { numRuns: 20 },
    );
  });

  it('have a row for each call on the page of its caller, and callers side by side on that of their callee', () => {
    const mesh = shop();
    const titles = new Map(dashboards(mesh).map(({ title, json }) => [title, rowsOf(JSON.parse(json) as Page)]));
    expect(Object.fromEntries([...titles].filter(([title]) => !/^(Mesh|Control|Canary)/.test(title)))).toEqual({
      'Egress gateway shop/out': ['Declared calls', 'To external service shop/mail:443', 'Pods'],
      'Gateway shop/public': ['Declared calls', 'To shop/web:80', 'Pods'],
      'Service data/database': ['Connections', 'Access', 'Pods', 'Declared calls', 'Connections in'],
      'Service old/legacy': ['Now', 'Requests', 'Versions', 'Declared calls', 'Calls in'],
      'Service shop/ratings': [
        'Now',
        'Requests',
        'Access',
        'Pods',
        'Declared calls',
        'Calls in',
        'To data/database:5432',
      ],
      'Service shop/reviews': [
        'Now',
        'Requests',
        'Versions',
        'Access',
        'Pods',
        'Declared calls',
        'Calls in',
        'To shop/ratings:80',
      ],
      'Service shop/web': [
        'Now',
        'Requests',
        'Access',
        'Pods',
        'Declared calls',
        'Calls in',
        'To old/legacy:80',
        'To external service shop/payments:443',
        'To shop/reviews:80',
      ],
      'Shared proxy old/front': ['Declared calls', 'To old/legacy:80', 'Pods'],
      'Workload shop/report': ['Declared calls', 'To shop/reviews:80', 'To external service shop/mail:443', 'Pods'],
    });
  });

  it('change only of those whom a new service concerns', () => {
    const before = dense(20, 2);
    const added = service('new');
    const [callee] = before.services;
    if (!callee) throw new Error('the mesh has no service');
    const after = canonical({
      ...before,
      services: [...before.services, added],
      edges: [...before.edges, edge(added, callee)],
    });
    const changed = <T extends Ref>(make: (mesh: Model) => readonly T[]) => {
      const old = new Map(make(before).map((one) => [Ref.key(one), JSON.stringify(one)]));
      return make(after)
        .filter((one) => old.get(Ref.key(one)) !== JSON.stringify(one))
        .map(Ref.key);
    };
    expect(changed(dashboards)).toEqual(['shop/new-dashboard', `shop/${callee.name}-dashboard`]);
    expect(changed(rules)).toEqual(['shop/new-rules']);
  });

  it('have one page of the mesh, as large for a hundred services as for two', () => {
    const sizeOf = (mesh: Model) =>
      dashboards(mesh)
        .filter((dashboard) => dashboard.namespace === system)
        .map(({ json }) => json.length);
    expect(sizeOf(dense(100, 5))).toEqual(sizeOf(dense(2, 1)));
  });

  it('name every call on the page of its caller and on that of its callee, each with the way to the other', () => {
    const mesh = shop();
    const pages = dashboards(mesh).map(({ json }) => JSON.parse(json) as Page);
    const [uids, texts] = [new Map<string, string>(), new Map<string, string>()];
    for (const page of pages) {
      const key = page.title.replace(/^.* /, '');
      uids.set(key, page.uid);
      texts.set(key, page.panels.find(({ type }) => type === 'text')?.options?.content ?? '');
    }
    const linked = (text: string, direction: string, key: string) => {
      const line = text.split('\n\n').find((each) => each.startsWith(`**${direction}** `)) ?? '';
      return line.includes(`${key}](/d/${uids.get(key)}?`);
    };
    const { all } = calls(mesh);
    expect(all.length).toBeGreaterThan(8);
    const missing = all.flatMap(({ from, to }) => {
      const [caller, callee] = [`${from.namespace}/${from.declared}`, Ref.key(to)];
      // An external service has no page.
      if (to.kind === 'externalService') {
        return texts.get(caller)?.includes(`external service ${callee}:`) ? [] : [`${caller} names ${callee}`];
      }
      return [
        ...(linked(texts.get(caller) ?? '', 'Calls', callee) ? [] : [`${caller} names ${callee}`]),
        ...(linked(texts.get(callee) ?? '', 'Called by', caller) ? [] : [`${callee} names ${caller}`]),
      ];
    });
    expect(missing).toEqual([]);
  });

  it('of a service with five calls in and five out are small', () => {
    const large = dashboards(dense(40, 5)).filter(
      ({ name, json }) => name.startsWith('service-') && json.length > 16 * 1024,
    );
    expect(large.map(({ name, json }) => `${name}: ${json.length} bytes`)).toEqual([]);
  });

  it('grow with a service by what its own edges need, and rules by nothing of them', () => {
    const sizes = [0, 5, 10].map((edges) => {
      const callees = Array.from({ length: 10 }, (_, index) => service(`callee-${index}`));
      const caller = service('caller');
      const mesh = model({
        services: [caller, ...callees],
        edges: callees.slice(0, edges).map((callee) => edge(caller, callee)),
      });
      return {
        page: dashboards(mesh).find(({ name }) => name === 'caller-dashboard')?.json.length ?? 0,
        rules: JSON.stringify(rules(mesh).find(({ name }) => name === 'caller-rules')).length,
      };
    });
    const [none, five, ten] = sizes;
    if (!none || !five || !ten) throw new Error('three sizes are measured');
    expect(ten.rules).toBe(five.rules);
    expect((ten.page - five.page) / 5).toBeLessThan(256);
    expect(none.page).toBeLessThan(12 * 1024);
  });
});

const system = model().mesh.namespace;

/** Titles of the rows, a repeated one as often as Grafana draws it. */
function rowsOf({ panels, templating }: Page): readonly string[] {
  return panels
    .filter(({ type }) => type === 'row')
    .flatMap(({ title, repeat }) => {
      if (repeat === undefined) return [title];
      return templating.list
        .filter(({ name }) => name === repeat)
        .flatMap(choicesOf)
        .map(({ text }) => title.replace(`\${${repeat}:text}`, text));
    });
}

interface Page {
  readonly uid: string;
  readonly title: string;
  readonly templating: { readonly list: readonly Variable[] };
  readonly panels: readonly {
    readonly id: number;
    readonly type: string;
    readonly title: string;
    readonly repeat?: string;
    readonly options?: { readonly content?: string };
    readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
    readonly targets?: readonly { readonly refId: string; readonly expr: string; readonly legendFormat?: string }[];
  }[];
}

/** Services that call others around them. */
function dense(count: number, calls: number): Model {
  const services = Array.from({ length: count }, (_, index) => service(`service-${String(index).padStart(3, '0')}`));
  const edges = services.flatMap((from, index) =>
    Array.from({ length: calls }, (_, k) => services[(index + k + 1) % count]).flatMap((to) =>
      to ? [edge(from, to)] : [],
    ),
  );
  return canonical(model({ services, workloads: [workload('job')], edges }));
}

/** The lists of a model in any order. */
function shuffled(mesh: Model): fc.Arbitrary<Model> {
  const lists = Object.entries(mesh).filter(([, part]) => Array.isArray(part)) as [string, unknown[]][];
  return fc
    .tuple(...lists.map(([, list]) => fc.shuffledSubarray(list, { minLength: list.length })))
    .map((orders) => ({ ...mesh, ...Object.fromEntries(lists.map(([name], index) => [name, orders[index]])) }));
}

/** Whose series an expression reads: one service's. */
function ownerOf(expr: string): object {
  const owners = new Set(expr.match(/namespace="[^"]*",mesh_service="[^"]*"/g));
  expect([...owners]).toHaveLength(1);
  const [, namespace, service] = /namespace="(.*)",mesh_service="(.*)"/.exec([...owners][0] ?? '') ?? [];
  return { namespace, mesh_service: service };
}

/** Labels that each metric has, by the name under which it is asked for. */
const known = labelsByName();

function labelsByName(): ReadonlyMap<string, readonly string[]> {
  const known = new Map<string, readonly string[]>();
  const metrics: readonly Metric[] = [...Object.values(envoyMetrics), ...Object.values(controlPlaneMetrics)];
  for (const metric of metrics) {
    const labels = [...Object.values(names.metricLabels), ...metric.labels];
    if (metric.type === 'histogram') {
      known.set(`${metric.name}_bucket`, [...labels, 'le']);
      known.set(`${metric.name}_count`, labels);
    } else {
      known.set(metric.name, labels);
    }
  }
  for (const rule of rules(shop()).flatMap((group) => group.rules)) {
    if ('record' in rule) known.set(rule.record, ['namespace', 'mesh_service', 'envoy_cluster_name']);
  }
  // Prometheus' own.
  known.set('ALERTS', ['alertname', 'alertstate', 'severity', 'mesh', 'service']);
  return known;
}

/** Every `name{label="…"}` of an expression. */
function selectors(expr: string): { readonly metric: string; readonly labels: readonly string[] }[] {
  return [...expr.matchAll(/([a-zA-Z_:][a-zA-Z0-9_:]*)\{((?:[^"}]|"(?:[^"\\]|\\.)*")*)\}/g)].map((match) => ({
    metric: match[1] ?? '',
    labels: [...(match[2] ?? '').matchAll(/([a-zA-Z_]+)(?:=~|!~|!=|=)"/g)].map((label) => label[1] ?? ''),
  }));
}
