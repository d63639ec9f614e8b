import { hash, hash32, type Mesh } from '../model';
import { datasource, type GridPos, type Link, type Panel, render, type Text } from './panel';

/** A Grafana dashboard, as a ConfigMap brings it to Grafana. */
export interface Dashboard {
  /** Of the ConfigMap: unique in its namespace. */
  readonly name: string;
  readonly namespace: string;
  readonly title: string;
  readonly json: string;
}

/** Panels under a title, placed from left to right and then from top to bottom. */
export interface Section {
  /** Unique in its dashboard: panels are numbered by it and their own title. */
  readonly title: string;
  readonly panels: readonly (Panel | Text)[];
  /** Grafana draws the section once for each choice: a page of many calls holds the panels of one. */
  readonly repeat?: Choice;
}

/** A fixed list to choose from; in queries the value stands as it is. */
export interface Choice {
  readonly name: string;
  readonly label: string;
  readonly options: readonly { readonly text: string; readonly value: string }[];
}

export interface Page {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly variables: readonly Variable[];
  readonly links: readonly Link[];
  /** Those without a panel are left out. */
  readonly sections: readonly Section[];
}

/** Something to choose at the top of a dashboard: values of a label of a series. */
export interface Variable {
  readonly name: string;
  readonly label: string;
  readonly series: string;
  readonly valuesOf: string;
}

export type PageKind = 'mesh' | 'control-plane' | 'service' | 'caller' | 'canary';

/**
 * The identity of a dashboard in Grafana, at most 40 characters: stable for as long as what it shows keeps its name, so
 * that links from elsewhere live on.
 */
export function uidOf(mesh: Mesh, kind: PageKind, object = ''): string {
  return `meshwright-${kind}-${hash(`${mesh.name} ${kind} ${object}`).slice(0, 12)}`;
}

/** Text that Grafana reads; the order of keys and panels depends on the page alone. */
export function jsonOf(page: Page): string {
  const dashboard = {
    uid: page.uid,
    title: page.title,
    description: page.description,
    tags: ['meshwright', ...page.tags],
    editable: false,
    graphTooltip: 1,
    refresh: '30s',
    // What Grafana 10.4 wrote; later ones bring it up to date when they load it.
    schemaVersion: 39,
    time: { from: 'now-1h', to: 'now' },
    timezone: 'browser',
    annotations: { list: [] },
    templating: {
      list: [
        chooseDatasource,
        ...page.variables.map(variable),
        ...page.sections.flatMap(({ repeat }) => (repeat ? [choice(repeat)] : [])),
      ],
    },
    links: [...page.links.map(link), ...lists],
    panels: place(page.sections),
  };
  return `${JSON.stringify(dashboard)}\n`;
}

function place(sections: readonly Section[]): readonly object[] {
  const ids = new Set<number>();
  const placed: object[] = [];
  let y = 0;
  for (const { title, panels, repeat } of sections.filter((section) => section.panels.length > 0)) {
    const gridPos = { h: 1, w: 24, x: 0, y };
    placed.push({
      id: idOf(ids, title, ''),
      type: 'row',
      title,
      gridPos,
      panels: [],
      ...(repeat && { repeat: repeat.name }),
    });
    y += 1;
    let line: GridPos = { h: 0, w: 0, x: 0, y };
    for (const panel of panels) {
      const x = line.x + line.w;
      // A new line begins below the highest panel of the line before, so nothing overlaps.
      const fits = x + panel.width <= 24;
      const at: GridPos = fits
        ? { h: panel.height, w: panel.width, x, y: line.y }
        : { h: panel.height, w: panel.width, x: 0, y };
      y = Math.max(y, at.y + at.h);
      line = at;
      placed.push(render(panel, idOf(ids, title, panel.title), at));
    }
  }
  return placed;
}

/** By name, so that a panel keeps its number, and links to it, when others come and go. */
function idOf(taken: Set<number>, section: string, panel: string): number {
  let id = 1 + (hash32(`${section}\n${panel}`) % 1_000_000_000);
  while (taken.has(id)) id += 1;
  taken.add(id);
  return id;
}

const chooseDatasource = {
  name: 'datasource',
  label: 'Data source',
  type: 'datasource',
  query: 'prometheus',
  refresh: 1,
} as const;

function variable({ name, label, series, valuesOf }: Variable): object {
  const query = `label_values(${series},${valuesOf})`;
  return {
    name,
    label,
    type: 'query',
    datasource,
    query: { query, refId: 'StandardVariableQuery' },
    refresh: 2,
    sort: 1,
    multi: true,
    includeAll: true,
    allValue: '.*',
    current: { text: ['All'], value: ['$__all'] },
  };
}

/**
 * Grafana reads the options out of `query`, so they need not be listed. Before version 11 it does so only for a variable that
 * is to be refreshed when the address holds a choice.
 */
function choice({ name, label, options }: Choice): object {
  return {
    name,
    label,
    type: 'custom',
    query: options.map(({ text, value }) => `${text} : ${value}`).join(','),
    refresh: 1,
    multi: true,
    includeAll: true,
    current: { text: ['All'], value: ['$__all'] },
  };
}

function link({ title, url }: Link): object {
  return { type: 'link', title, url, icon: 'dashboard' };
}

const lists = ['service', 'caller', 'canary'].map((tag) => ({
  type: 'dashboards',
  title: { service: 'Services', caller: 'Callers', canary: 'Canaries' }[tag],
  tags: ['meshwright', tag],
  asDropdown: true,
  keepTime: true,
}));
