import type { Log } from './log';
import type { Problem } from './snapshot';

/** Says once of each problem that it is there, and once that it is there no more. */
export class ProblemLog {
  private known = new Map<string, Problem>();
  private revision = 0;

  constructor(private readonly log: Log) {}

  look(subject: { readonly problemsRevision: number; problems(): readonly Problem[] }): void {
    if (subject.problemsRevision === this.revision) return;
    this.revision = subject.problemsRevision;
    const now = new Map(subject.problems().map((problem) => [JSON.stringify(problem), problem]));
    for (const [key, problem] of now) {
      if (!this.known.has(key)) {
        this.log.error('what is declared cannot be served; what was served before stays', fieldsOf(problem));
      }
    }
    for (const [key, problem] of this.known) {
      if (!now.has(key)) this.log.info('what could not be served is well again', fieldsOf(problem));
    }
    this.known = now;
  }
}

function fieldsOf({ proxy, resource, reasons }: Problem) {
  return {
    ...(proxy !== undefined && { of: proxy }),
    ...(resource && { typeUrl: resource.typeUrl, resource: resource.name }),
    reason: reasons.join('; '),
  };
}
