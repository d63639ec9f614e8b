import { type Canary, type Gate, locate } from '../../model';
import { url } from '../form';
import { hookUrls } from '../parts';
import { Range, type RangeCheck, rangeFindings } from '../range';
import type { Finding, Rule } from '../rule';

export const canaryGates: Rule = {
  code: 'MESH0623',
  level: 'error',
  summary: 'the gates and hooks of a canary can be asked, and have an answer that passes',
  check: ({ model }) =>
    model.canaries.flatMap((canary) => {
      const at = locate('Canary', canary);
      return [
        ...rangeFindings(at, canary.gates.flatMap(ranges)),
        ...problems(canary).map(([message, fix]) => ({ at, message, fix })),
      ];
    }),
};

function ranges(gate: Gate): readonly RangeCheck[] {
  switch (gate.kind) {
    case 'successRate':
      return [
        ['successRate.atLeast', gate.atLeast, Range.above(0, 100)],
        ['successRate.minimumRequests', gate.minimumRequests, Range.whole(1)],
      ];
    case 'latency':
      return [
        ['latency.quantile', gate.quantile, Range.within(0, 1)],
        ['latency.below', gate.below, Range.duration(1)],
        ['latency.minimumRequests', gate.minimumRequests, Range.whole(1)],
      ];
    case 'webhook':
      return [[`gate ${gate.name}: timeout`, gate.timeout, Range.duration(1)]];
    case 'query':
    case 'approval':
      return [];
  }
}

function problems(canary: Canary): readonly (readonly [message: Finding['message'], fix: Finding['fix']])[] {
  const found: (readonly [string, string])[] = [];
  const known = new Set<string>();
  for (const gate of canary.gates) {
    if (gate.kind !== 'query' && gate.kind !== 'webhook') continue;
    if (known.has(gate.name)) found.push([`two gates are named ${gate.name}`, 'give each gate a name of its own']);
    known.add(gate.name);
    if (gate.kind !== 'query') continue;
    const { name, query, atLeast, atMost } = gate;
    if (query.trim() === '') found.push([`gate ${name}: query is empty`, 'write PromQL that gives one number']);
    const open = /\{\{(?!(namespace|service|version|interval)\}\})[^}]*\}?\}?/.exec(query);
    if (open) {
      found.push([
        `gate ${name}: query holds ${open[0]}, filled in are {{namespace}}, {{service}}, {{version}} and {{interval}}`,
        'write one of them',
      ]);
    }
    if (atLeast === undefined && atMost === undefined) {
      found.push([`gate ${name}: nothing says which answers pass`, 'give `atLeast`, `atMost` or both']);
    }
    if (atLeast !== undefined && atMost !== undefined && atLeast > atMost) {
      found.push([
        `gate ${name}: no number is at least ${atLeast} and at most ${atMost}`,
        'set `atLeast` to no more than `atMost`',
      ]);
    }
  }
  for (const hook of hookUrls(canary)) {
    const refusal = url(hook.url);
    if (refusal !== undefined)
      found.push([`${hook.what} is sent to ${JSON.stringify(hook.url)}: ${refusal}`, 'write the whole URL']);
  }
  return found;
}
