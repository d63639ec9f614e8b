import type { Death } from './process/supervised';

/** Of a log: an access log's lines are long, and the file has all of them. */
const longestLine = 240;

/** What `up` says: results on the standard output, and progress only where somebody looks on. */
export class Tell {
  private progressShown = false;

  constructor(
    private readonly output: NodeJS.WriteStream = process.stdout,
    private readonly now: () => Date = () => new Date(),
  ) {
    // Whoever has read it may be gone (`| head`); the mesh runs on.
    output.on('error', () => {});
  }

  lines(lines: readonly string[]): void {
    this.clear();
    for (const line of lines) this.output.write(`${line}\n`);
  }

  /** Something has happened: with the time, because nobody may have been looking. */
  event(text: string): void {
    this.lines([`${this.now().toTimeString().slice(0, 8)}  ${text}`]);
  }

  died(what: string, { how, lastLines, pause }: Death, logFile: string): void {
    const soon = pause < 1_000 ? 'at once' : `in ${Math.round(pause / 1_000)} s`;
    this.event(`${what} ${how}; it is started again ${soon}`);
    this.lines(lastLines.map((line) => `          | ${line.slice(0, longestLine)}`));
    if (lastLines.length > 0) this.lines([`          ${logFile}`]);
  }

  /** Replaces what it said before; only on a terminal. */
  progress(text: string): void {
    if (!this.output.isTTY) return;
    this.progressShown = true;
    this.output.write(`\r${text.slice(0, this.output.columns || 80)}\x1b[K`);
  }

  private clear(): void {
    if (this.progressShown) this.output.write('\r\x1b[K');
    this.progressShown = false;
  }
}
