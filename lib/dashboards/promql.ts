import type { Metric } from './metrics';

/**
 * The little of PromQL that is needed, made of values instead of pasted text, so that a quote or a dot in a name cannot
 * change a query.
 */

/** What a label must be: a text, one of several texts, or what a pattern (RE2 over the whole value) matches. */
export type Matcher = string | { readonly anyOf: readonly string[] } | { readonly pattern: string };

export type Matchers = { readonly [label: string]: Matcher | undefined };

/** Series of a metric: `name{label="value"}`. A page of a large mesh asks for thousands, so it is written for speed. */
export function select(metric: Metric | string, matchers: Matchers, suffix = ''): string {
  let text = '';
  for (const label in matchers) {
    const matcher = matchers[label];
    if (matcher === undefined) continue;
    text += `${text === '' ? '' : ','}${label}${matches(matcher)}`;
  }
  return `${typeof metric === 'string' ? metric : metric.name}${suffix}{${text}}`;
}

/** Increase per second of a counter. */
export function rate(metric: Metric, matchers: Matchers, range: string): string {
  return `rate(${select(metric, matchers)}[${range}])`;
}

export function sum(expression: string, by: readonly string[] = []): string {
  return by.length === 0 ? `sum(${expression})` : `sum by (${by.join(',')}) (${expression})`;
}

/** The value below which a share of the observations of a histogram lies, in the histogram's unit. */
export function quantile(
  share: number,
  metric: Metric,
  matchers: Matchers,
  range: string,
  by: readonly string[] = [],
): string {
  const buckets = `rate(${select(metric, matchers, '_bucket')}[${range}])`;
  return `histogram_quantile(${share},${sum(buckets, [...by, 'le'])})`;
}

/** The bucket of a bound: Prometheus 3 writes `le="100"` as `le="100.0"` when it scrapes. */
export function upTo(bound: number): Matcher {
  return { pattern: `${literal(String(bound))}([.]0)?` };
}

/** A text as a pattern that matches it alone. Classes instead of backslashes: those would have to be doubled in PromQL and in JSON. */
export function literal(text: string): string {
  return text.replace(/[.|*+?()[\]{}$]/g, '[$&]').replace(/[\\^]/g, '\\$&');
}

/** A number as PromQL and people read it: without the tail of binary fractions. */
export function number(value: number): string {
  return String(Number(value.toPrecision(6)));
}

/** What a matcher matches, as a pattern. */
export function patternOf(matcher: Matcher): string {
  if (typeof matcher === 'string') return literal(matcher);
  return 'pattern' in matcher ? matcher.pattern : matcher.anyOf.map(literal).join('|');
}

function matches(matcher: Matcher): string {
  if (typeof matcher === 'string') return `=${quoted(matcher)}`;
  if ('pattern' in matcher) return `=~${quoted(matcher.pattern)}`;
  const [only, ...others] = matcher.anyOf;
  return only !== undefined && others.length === 0 ? `=${quoted(only)}` : `=~${quoted(patternOf(matcher))}`;
}

function quoted(text: string): string {
  if (!/["\\\n]/.test(text)) return `"${text}"`;
  return `"${text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')}"`;
}
