import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { dot, type Graph, mermaid, topology } from '../../lib/diagrams';
import { nodeId } from '../../lib/diagrams/node-id';
import { canonical, type Model, withImpliedAccess } from '../../lib/model';
import { shop } from '../dashboards/meshes';
import { expectGolden, expectNoStaleGoldens } from '../support/golden';
import { accessPolicy, accessRule, backend, edge, httpRoute, httpRule, model, service } from '../support/model-builder';

const hasGraphviz = spawnSync('dot', ['-V']).status === 0;
if (!hasGraphviz) console.warn('skipped: Graphviz is not here, so DOT is not judged by it; install graphviz');

const used: string[] = [];

function golden(name: string, text: string): void {
  const file = `test/diagrams/golden/${name}`;
  used.push(file);
  expectGolden(file, text);
}

/** The shop of the dashboards, with a split by weight and a Prometheus outside the mesh. */
function whole(): Model {
  const mesh = shop();
  const reviews = mesh.services.find(({ name }) => name === 'reviews');
  if (!reviews) throw new Error('the shop has reviews');
  const split = httpRoute(reviews, [
    httpRule({
      action: {
        kind: 'forward',
        backends: [backend(reviews, { version: 'v1', weight: 90 }), backend(reviews, { version: 'v2', weight: 10 })],
      },
    }),
  ]);
  const scraping = accessPolicy(reviews, {
    rules: [
      accessRule({ from: [{ kind: 'outside', namespace: 'monitoring' }], ports: [80] }),
      accessRule({ from: [{ kind: 'address', cidr: '10.0.0.0/8' }] }),
      accessRule({ action: 'deny', from: [{ kind: 'outside', namespace: 'denied' }] }),
    ],
  });
  return canonical(withImpliedAccess({ ...mesh, routes: [...mesh.routes, split], accessPolicies: [scraping] }));
}

describe('a topology', () => {
  const graph = topology(whole());

  it('holds everything that is declared, and all that leads from one to another', () => {
    golden('shop.json', `${JSON.stringify(graph, undefined, 2)}\n`);
  });

  it('draws an edge to a host behind an egress gateway through it', () => {
    expect(graph.arrows.filter(({ from, to }) => `${from} ${to}`.includes('egressGateway'))).toEqual([
      {
        from: 'egressGateway shop/out',
        to: 'externalService shop/mail',
        kind: 'pass',
        protocol: 'tls',
        label: 'tls :443',
      },
      {
        from: 'workload shop/report',
        to: 'egressGateway shop/out',
        kind: 'call',
        protocol: 'tls',
        label: 'tls :443 to mail',
      },
    ]);
  });

  it('draws where the routes of a service lead to another', () => {
    const [old, young] = [service('old'), service('young')];
    const moved = httpRoute(old, [httpRule({ action: { kind: 'forward', backends: [backend(young)] } })]);
    const { arrows } = topology(model({ services: [old, young], routes: [moved] }));
    expect(arrows).toEqual([
      { from: 'service shop/old', to: 'service shop/young', kind: 'route', protocol: 'http', label: 'http :80' },
    ]);
  });

  it('leaves out what leads nowhere', () => {
    const [web, gone] = [service('web'), service('gone')];
    expect(topology(model({ services: [web], edges: [edge(web, gone)] })).arrows).toEqual([]);
  });

  it('is the same whatever the order of the lists of a model', () => {
    const mesh = whole();
    const lists = Object.entries(mesh).filter(([, part]) => Array.isArray(part)) as [string, unknown[]][];
    fc.assert(
      fc.property(
        fc.tuple(...lists.map(([, list]) => fc.shuffledSubarray(list, { minLength: list.length }))),
        (orders) => {
          const other = { ...mesh, ...Object.fromEntries(lists.map(([name], index) => [name, orders[index]])) };
          expect(topology(other)).toEqual(graph);
        },
      ),
      { numRuns: 20 },
    );
  });
});

/** Names that would end a string, start a comment, or open a tag. */
const wicked: Graph = {
  title: 'a "mesh"',
  nodes: [
    { id: 'a"b', kind: 'service', namespace: 'n"s', name: 'x"]; end', detail: '<b>&amp;</b> #1' },
    { id: 'c\\', kind: 'externalService', namespace: '', name: 'back\\slash', detail: 'two\nlines' },
  ],
  arrows: [{ from: 'a"b', to: 'c\\', kind: 'call', label: '|"]-->' }],
};

describe('Mermaid', () => {
  it('draws the shop', () => {
    golden('shop.mmd', mermaid(topology(whole())));
  });

  it('escapes what would end a text', () => {
    expect(mermaid(wicked)).toBe(`flowchart LR
  externalService_c__c90578(("back\\slash<br/>two lines"))
  subgraph namespace_n_s_a761b8["n#quot;s"]
    service_a_b_6b336f["x#quot;]; end<br/>#lt;b#gt;#amp;amp;#lt;/b#gt; #35;1"]
  end
  service_a_b_6b336f -->|"|#quot;]--#gt;"| externalService_c__c90578
  classDef externalService stroke-dasharray: 4 3
  class externalService_c__c90578 externalService
`);
  });

  it('changes nothing of the lines of others when a service is added', () => {
    const before = whole();
    const after = canonical({ ...before, services: [...before.services, service('added')] });
    const lines = new Set(mermaid(topology(after)).split('\n'));
    expect(
      mermaid(topology(before))
        .split('\n')
        .filter((line) => !lines.has(line)),
    ).toEqual([]);
  });

  it('draws a mesh of nothing', () => {
    expect(mermaid(topology(model()))).toBe('flowchart LR\n');
  });
});

describe('DOT', () => {
  it('draws the shop', () => {
    golden('shop.dot', dot(topology(whole())));
  });

  it('escapes what would end a text', () => {
    expect(dot(wicked)).toBe(`digraph "a \\"mesh\\"" {
  rankdir=LR;
  node [fontname="Helvetica", fontsize=11];
  edge [fontname="Helvetica", fontsize=9];
  externalService_c__c90578 [label="back\\\\slash\\ntwo\\nlines", shape=ellipse, style=dashed];
  subgraph cluster_n_s_df8546 {
    label="n\\"s";
    service_a_b_6b336f [label="x\\"]; end\\n<b>&amp;</b> #1", shape=box];
  }
  service_a_b_6b336f -> externalService_c__c90578 [label="|\\"]-->", style=solid];
}
`);
  });

  it.skipIf(!hasGraphviz).each([
    ['the shop', topology(whole())],
    ['wicked names', wicked],
    ['nothing', topology(model())],
  ])('is what Graphviz reads: %s', (_, graph) => {
    const { status, stdout, stderr } = spawnSync('dot', ['-Tjson0'], { input: dot(graph), encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const read = JSON.parse(stdout) as {
      readonly objects?: readonly { readonly name: string }[];
      readonly edges?: readonly unknown[];
    };
    const ids = (read.objects ?? []).map(({ name }) => name).filter((name) => !name.startsWith('cluster_'));
    expect(ids.sort()).toEqual(graph.nodes.map(({ kind, id }) => nodeId(kind, id)).sort());
    expect(read.edges?.length ?? 0).toBe(graph.arrows.length);
  });
});

afterAll(() => expectNoStaleGoldens('test/diagrams/golden', used));
