/** A panel before it has a place: what it shows, in what unit, and how wide it is in Grafana's grid of 24 columns. */
export interface Panel {
  readonly kind: 'lines' | 'stacked' | 'number' | 'bars' | 'table';
  readonly title: string;
  /** What a reader may not know of the title. */
  readonly description?: string;
  readonly unit: Unit;
  readonly width: number;
  readonly height: number;
  readonly queries: readonly Query[];
  /** Largest value of the axis. Absent: what the data needs. */
  readonly max?: number;
  /** Bounds from which on a value is shown in yellow or red; a line is drawn at each of them. */
  readonly limits?: { readonly yellow?: number; readonly red?: number };
  /** Shown where there is no data, which then is no surprise. */
  readonly none?: string;
  /** Where a click on a title leads. */
  readonly links?: readonly Link[];
  /** Where a click on a value leads. */
  readonly valueLinks?: readonly Link[];
  /** Columns of a table by label, in order; the value comes last. */
  readonly columns?: { readonly [label: string]: string };
}

/** Words instead of data. */
export interface Text {
  readonly kind: 'text';
  readonly title: string;
  readonly width: number;
  readonly height: number;
  readonly markdown: string;
}

export interface Query {
  readonly expr: string;
  /** Absent in a panel with one query that gives one series. */
  readonly legend?: string;
}

export interface Link {
  readonly title: string;
  readonly url: string;
}

/** Grafana's units (https://grafana.com/docs/grafana/latest/panels-visualizations/configure-standard-options/#unit). */
export type Unit =
  | 'reqps'
  | 'ops'
  | 'percentunit'
  | 'percent'
  | 'ms'
  | 's'
  | 'short'
  | 'bytes'
  | 'Bps'
  /** Milliseconds since 1970, shown as `in 3 hours`. */
  | 'dateTimeFromNow'
  /** A multiple of what is allowed, shown as `14.4x`. */
  | 'suffix:x';

export type GridPos = { readonly h: number; readonly w: number; readonly x: number; readonly y: number };

/** Where Grafana puts the value of one of its variables. */
export function interpolated(variable: string): string {
  return `\${${variable}}`;
}

export const datasource = { type: 'prometheus', uid: interpolated('datasource') } as const;

/** The panel as Grafana keeps it, without what Grafana takes for granted. */
export function render(panel: Panel | Text, id: number, gridPos: GridPos): object {
  if (panel.kind === 'text') {
    return { id, type: 'text', title: panel.title, gridPos, options: { mode: 'markdown', content: panel.markdown } };
  }
  return {
    id,
    type: types[panel.kind],
    title: panel.title,
    ...(panel.description && { description: panel.description }),
    gridPos,
    datasource,
    fieldConfig: { defaults: defaultsOf(panel) },
    options: optionsOf(panel),
    targets: panel.queries.map((query, index) => target(panel, query, index)),
    ...(panel.kind === 'table' && { transformations: [columns(panel)] }),
    ...(panel.links && { links: panel.links.map(linkOf) }),
  };
}

/** Of a dashboard, with the span of time and the data source of the one that is left. */
export function toDashboard(title: string, uid: string): Link {
  return { title, url: `/d/${uid}?${interpolated('datasource:queryparam')}&${interpolated('__url_time_range')}` };
}

const types = {
  lines: 'timeseries',
  stacked: 'timeseries',
  number: 'stat',
  bars: 'bargauge',
  table: 'table',
} as const;

function defaultsOf(panel: Panel): object {
  const drawn = panel.kind === 'lines' || panel.kind === 'stacked';
  return {
    unit: panel.unit,
    ...(panel.unit !== 'dateTimeFromNow' && panel.kind !== 'number' && { min: 0 }),
    ...(panel.max !== undefined && { max: panel.max }),
    ...(panel.none !== undefined && { noValue: panel.none }),
    ...(drawn && customOf(panel)),
    ...(panel.limits
      ? { thresholds: thresholds(panel.limits) }
      : !drawn && { color: { mode: 'fixed', fixedColor: 'blue' } }),
    ...(panel.limits && !drawn && { color: { mode: 'thresholds' } }),
    ...(panel.valueLinks && { links: panel.valueLinks.map(linkOf) }),
  };
}

function customOf(panel: Panel): object {
  if (panel.kind !== 'stacked' && !panel.limits) return {};
  return {
    custom: {
      ...(panel.kind === 'stacked' && { fillOpacity: 40, stacking: { mode: 'normal', group: 'A' } }),
      ...(panel.limits && { thresholdsStyle: { mode: 'dashed' } }),
    },
  };
}

function thresholds(limits: NonNullable<Panel['limits']>): object {
  return {
    mode: 'absolute',
    steps: [
      { color: 'green', value: null },
      ...(limits.yellow !== undefined ? [{ color: 'yellow', value: limits.yellow }] : []),
      ...(limits.red !== undefined ? [{ color: 'red', value: limits.red }] : []),
    ],
  };
}

function optionsOf(panel: Panel): object {
  switch (panel.kind) {
    case 'lines':
    case 'stacked':
      return { tooltip: { mode: 'multi' } };
    case 'number':
      return panel.limits ? { colorMode: 'background' } : {};
    case 'bars':
      return { displayMode: 'basic', orientation: 'horizontal' };
    case 'table':
      return { cellHeight: 'sm' };
  }
}

function target(panel: Panel, query: Query, index: number): object {
  return {
    refId: String.fromCharCode(65 + index),
    expr: query.expr,
    ...(query.legend !== undefined && { legendFormat: query.legend }),
    ...((panel.kind === 'bars' || panel.kind === 'table') && { instant: true, range: false }),
    ...(panel.kind === 'table' && { format: 'table' }),
  };
}

function columns(panel: Panel): object {
  const shown = panel.columns ?? {};
  const value = { Value: panel.title };
  return {
    id: 'organize',
    options: {
      excludeByName: { Time: true },
      indexByName: Object.fromEntries([...Object.keys(shown), 'Value'].map((label, index) => [label, index])),
      renameByName: { ...shown, ...value },
    },
  };
}

function linkOf({ title, url }: Link): object {
  return { title, url };
}
