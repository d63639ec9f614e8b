import { afterAll, describe, it } from 'vitest';
import { stringify } from 'yaml';
import { type Dashboard, dashboards, rules } from '../../lib/dashboards';
import { expectGolden, expectNoStaleGoldens } from '../support/golden';
import { shop } from './meshes';
import { choicesOf, type Variable } from './promtool';

/**
 * One small mesh with one of everything. Of one dashboard the JSON is held as Grafana reads it; of all of them what a reader
 * sees: sections, panels and what they ask for.
 */
const used: string[] = [];

function golden(name: string, text: string): void {
  const file = `test/dashboards/golden/${name}`;
  used.push(file);
  expectGolden(file, text);
}

describe('dashboards', () => {
  for (const dashboard of dashboards(shop())) {
    it(`shows ${dashboard.title}`, () => {
      golden(`${dashboard.namespace}.${dashboard.name}.yaml`, outline(dashboard));
    });
  }

  it('writes JSON as Grafana reads it', () => {
    const canary = dashboards(shop()).find(({ name }) => name === 'reviews-v2-dashboard-canary');
    golden('canary.json', `${JSON.stringify(JSON.parse(canary?.json ?? 'null'), undefined, 2)}\n`);
  });
});

describe('rules', () => {
  for (const { namespace, name, rules: all } of rules(shop())) {
    it(`of ${namespace}/${name}`, () => {
      golden(`${namespace}.${name}.yaml`, stringify(all, { lineWidth: 0 }));
    });
  }
});

afterAll(() => expectNoStaleGoldens('test/dashboards/golden', used));

interface Page {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly templating: { readonly list: readonly Variable[] };
  readonly links: readonly { readonly title: string }[];
  readonly panels: readonly {
    readonly type: string;
    readonly title: string;
    readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
    readonly fieldConfig?: { readonly defaults: { readonly unit: string } };
    readonly options?: { readonly content?: string };
    readonly repeat?: string;
    readonly targets?: readonly { readonly expr: string; readonly legendFormat?: string }[];
  }[];
}

function outline(dashboard: Dashboard): string {
  const page = JSON.parse(dashboard.json) as Page;
  const sections: { section: string; repeat?: string; panels: object[] }[] = [];
  for (const { type, title, gridPos, fieldConfig, options, repeat, targets } of page.panels) {
    if (type === 'row') {
      sections.push({ section: title, ...(repeat && { repeat }), panels: [] });
      continue;
    }
    const { x, y, w, h } = gridPos;
    if (type === 'text') {
      sections.at(-1)?.panels.push({ panel: `${title}: text, ${w}x${h} at ${x},${y}`, text: options?.content });
      continue;
    }
    sections.at(-1)?.panels.push({
      panel: `${title}: ${type} of ${fieldConfig?.defaults.unit}, ${w}x${h} at ${x},${y}`,
      queries: targets?.map(({ expr, legendFormat }) => (legendFormat ? { [legendFormat]: expr } : expr)),
    });
  }
  return stringify(
    {
      title: page.title,
      uid: page.uid,
      description: page.description,
      tags: page.tags,
      variables: page.templating.list.map((variable) => ({ [variable.name]: shown(variable) })),
      links: page.links.map(({ title }) => title),
      sections,
    },
    { lineWidth: 0 },
  );
}

function shown(variable: Variable): unknown {
  const { type, query } = variable;
  if (type === 'custom') return Object.fromEntries(choicesOf(variable).map(({ text, value }) => [text, value]));
  return typeof query === 'object' && query !== null && 'query' in query ? query.query : query;
}
