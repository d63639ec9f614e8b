import type { Clock } from '../clock';
import type { Fields, Log } from '../log';

/** Warns of what clients do, and not more often than anyone reads: who sends rubbish a thousand times a second fills no disk. */
export class LimitedLog {
  private readonly counts = new Map<string, number>();

  constructor(
    private readonly log: Log,
    private readonly clock: Clock,
  ) {}

  warn(message: string, fields: Fields): void {
    const count = (this.counts.get(message) ?? 0) + 1;
    this.counts.set(message, count);
    if (count <= most) this.log.warn(message, fields);
    if (count === 1) this.clock.schedule(period, () => this.summarize(message));
  }

  private summarize(message: string): void {
    const more = (this.counts.get(message) ?? 0) - most;
    this.counts.delete(message);
    if (more > 0) this.log.warn(message, { more, milliseconds: period });
  }
}

/** Lines of the same words in a period, in milliseconds. */
const most = 20;
const period = 60_000;
