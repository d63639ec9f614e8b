/** What a person reads of a run: headings, tables, and for each aim whether it was met. */

const judged: Judgement[] = [];

interface Judgement {
  readonly what: string;
  readonly met: boolean;
}

export function heading(title: string, explanation: string): void {
  console.log(`\n${title}\n${explanation}`);
}

/** The first column to the left, numbers to the right; the first row is the heading. */
export function table(rows: readonly (readonly string[])[]): void {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  for (const row of rows) {
    const cells = row.map((text, column) =>
      column === 0 ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0),
    );
    console.log(`  ${cells.join('  ')}`);
  }
}

/** An aim, what was measured, and whether it was met. */
export function judge(what: string, measured: string, aim: string, met: boolean): void {
  judged.push({ what, met });
  console.log(`  ${what}: ${measured} (aim: ${aim}): ${met ? 'met' : 'NOT MET'}`);
}

export function note(line: string): void {
  console.log(`  ${line}`);
}

/** The last line of a run. */
export function conclusion(): string {
  const missed = judged.filter(({ met }) => !met);
  const met = `${judged.length - missed.length} of ${judged.length} aims met`;
  return missed.length === 0 ? met : `${met}; not met: ${missed.map(({ what }) => what).join('; ')}`;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Of a few measured values, the nearest that was measured. */
export function quantile(values: readonly number[], share: number): number {
  const ascending = [...values].sort((a, b) => a - b);
  return ascending[Math.min(ascending.length - 1, Math.floor(share * ascending.length))] ?? Number.NaN;
}

export const whole = (value: number): string => Math.round(value).toLocaleString('en');
export const ratio = (value: number): string => value.toFixed(2);
/** Of microseconds. */
export const milliseconds = (microseconds: number): string => `${(microseconds / 1_000).toFixed(2)} ms`;
