import { Duration, Late, type Locator } from '../model';
import type { Finding } from './rule';

/** Which numbers are allowed. */
export interface Range {
  readonly text: string;
  readonly holds: (value: number) => boolean;
  readonly unit?: 'duration';
}

export const Range = {
  whole: (least: number, most = Number.POSITIVE_INFINITY): Range => ({
    text:
      most === Number.POSITIVE_INFINITY
        ? `a whole number of at least ${least}`
        : `a whole number from ${least} to ${most}`,
    holds: (value) => Number.isInteger(value) && value >= least && value <= most,
  }),
  /** From one number to another, both included. */
  between: (least: number, most: number): Range => ({
    text: `a number from ${least} to ${most}`,
    holds: (value) => value >= least && value <= most,
  }),
  /** Above one number and at most the other. */
  above: (floor: number, most: number): Range => ({
    text: `a number above ${floor} and at most ${most}`,
    holds: (value) => value > floor && value <= most,
  }),
  /** Between two numbers, neither included. */
  within: (floor: number, ceiling: number): Range => ({
    text: `a number above ${floor} and below ${ceiling}`,
    holds: (value) => value > floor && value < ceiling,
  }),
  /** A duration; zero, where it is allowed, has a meaning of its own. */
  duration: (least: Duration): Range => ({
    text: least === 0 ? 'a duration of whole milliseconds' : `a duration of at least ${Duration.format(least)}`,
    holds: (value) => Duration.isValid(value) && value >= least,
    unit: 'duration',
  }),
};

/** A property, its value and what is allowed for it. An absent value takes its default, which is right. */
export type RangeCheck = readonly [property: string, value: number | undefined, range: Range];

/** What a list of checks finds; the label stands before each property. A value that is known only at deployment passes. */
export function rangeFindings(at: Locator, checks: readonly RangeCheck[], label = ''): readonly Finding[] {
  const findings: Finding[] = [];
  for (const [name, value, range] of checks) {
    if (value === undefined || range.holds(value) || Late.is(value)) continue;
    const property = `${label}${name}`;
    const given = range.unit === 'duration' && Duration.isValid(value) ? Duration.format(value) : String(value);
    findings.push({
      at,
      message: `${property} must be ${range.text}, got ${given}`,
      fix: `set \`${property.split(': ').pop()}\` to ${range.text}`,
    });
  }
  return findings;
}
