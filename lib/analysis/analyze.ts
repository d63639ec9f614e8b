import { Diagnostic, lookup, type Model, order, type PodFacts } from '../model';
import type { Context, Rule } from './rule';
import { rules } from './rules';

/**
 * Every mistake of a mesh at once, sorted by place. Linear in what is declared: each rule walks its part of the model and
 * finds the rest by key. Of two declarations that exclude each other the second is reported: give a canonical model, in which
 * that does not depend on the order of the program's statements.
 */
export function analyze(model: Model, pods: readonly PodFacts[] = []): readonly Diagnostic[] {
  const context: Context = { model, find: lookup(model), pods: [...pods].sort((a, b) => order(a.object, b.object)) };
  const seen = new Map<string, Diagnostic>();
  for (const rule of rules) {
    for (const { at, message, fix } of rule.check(context)) {
      const diagnostic: Diagnostic = { code: rule.code, level: rule.level, at, message, fix };
      // Two parts of one object may hold the same mistake: said once, it is as clear.
      seen.set(Diagnostic.format(diagnostic), diagnostic);
    }
  }
  return [...seen.values()].sort(Diagnostic.compare);
}

/** What is checked, in the order of the codes: for documentation. */
export function ruleList(): readonly Pick<Rule, 'code' | 'level' | 'summary'>[] {
  return rules.map(({ code, level, summary }) => ({ code, level, summary }));
}
