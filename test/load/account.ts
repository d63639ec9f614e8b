import { afterAll, expect } from 'vitest';
import type { SteadyLoad } from './steady-load';

interface Line {
  readonly what: string;
  readonly changes: string;
  readonly sent: number;
  readonly failures: ReadonlyMap<string, number>;
}

const lines: Line[] = [];

/** Prints after a file's tests how many requests each of them has sent and how many failed. */
export function accountAtEnd(): void {
  afterAll(() => {
    const rows = lines.map(({ what, changes, sent, failures }) => [
      what,
      changes,
      String(sent),
      String(total(failures)),
    ]);
    const all = [['under steady load', 'what happened', 'sent', 'failed'], ...rows];
    const width = (column: number) => Math.max(...all.map((row) => (row[column] ?? '').length));
    const text = all.map(([what = '', changes = '', sent = '', failed = '']) =>
      [what.padEnd(width(0)), changes.padEnd(width(1)), sent.padStart(width(2)), failed.padStart(width(3))].join('  '),
    );
    console.log(`${text.join('\n')}\n`);
  });
}

/** Writes down what loads came to, and demands that nothing of it failed. */
export function account(what: string, changes: string, loads: readonly SteadyLoad[], least: number): void {
  const sent = loads.reduce((sum, load) => sum + load.sent, 0);
  const failures = new Map<string, number>();
  for (const [why, count] of loads.flatMap((load) => [...load.failures])) {
    failures.set(why, (failures.get(why) ?? 0) + count);
  }
  lines.push({ what, changes, sent, failures });
  expect(Object.fromEntries(failures), `failed of ${sent} requests: ${what}`).toEqual({});
  // A load that never was has no failures either.
  expect(sent, `requests sent: ${what}`).toBeGreaterThanOrEqual(least);
}

function total(failures: ReadonlyMap<string, number>): number {
  return [...failures.values()].reduce((sum, count) => sum + count, 0);
}
