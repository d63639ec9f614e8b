/** Why something is not served as it should be. What was served before goes on being served. */
export interface Problem {
  /** Key of the proxy (`MeshProxy.key`) whose configuration it is. Absent: endpoints, which are of everybody. */
  readonly proxy?: string;
  /** What is refused. Absent: the configuration as a whole could not be made. */
  readonly resource?: { readonly typeUrl: string; readonly name: string };
  readonly reasons: readonly string[];
}

/** The problems that there are now, by whose they are and what they are about. Most have none, and cost nothing here. */
export class Problems {
  /** Grows whenever there are others. */
  revision = 0;
  private readonly byOwner = new Map<object, Map<string, Problem>>();

  all(): readonly Problem[] {
    return [...this.byOwner.values()].flatMap((problems) => [...problems.values()]);
  }

  of(owner: object): readonly Problem[] {
    return [...(this.byOwner.get(owner)?.values() ?? [])];
  }

  set(owner: object, about: string, problem: Problem): void {
    this.byOwner.set(owner, (this.byOwner.get(owner) ?? new Map<string, Problem>()).set(about, problem));
    this.revision++;
  }

  solve(owner: object, about: string): void {
    const problems = this.byOwner.get(owner);
    if (!problems?.delete(about)) return;
    if (problems.size === 0) this.byOwner.delete(owner);
    this.revision++;
  }

  forget(owner: object): void {
    if (this.byOwner.delete(owner)) this.revision++;
  }
}
