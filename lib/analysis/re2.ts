/**
 * Why Envoy, whose engine is RE2, refuses a regular expression; nothing where it takes it. RE2 runs in
 * linear time and so has neither look-around nor back-references. https://github.com/google/re2/wiki/Syntax
 */
export function re2Refusal(pattern: string): string | undefined {
  // RE2 itself would take it; Envoy's API asks for one character at least.
  if (pattern === '') return 'it is empty';
  try {
    const rest = alternatives(pattern, 0, 0);
    return rest < pattern.length ? "it closes a group with ')' that was not opened" : undefined;
  } catch (error) {
    if (error instanceof Refusal) return error.message;
    throw error;
  }
}

/** How many groups of a pattern capture what they match. */
export function re2Groups(pattern: string): number {
  const withoutClasses = pattern.replace(/\\./g, '').replace(/\[\^?\]?[^\]]*\]/g, '');
  return [...withoutClasses.matchAll(/\((?!\?)|\(\?P?<\w+>/g)].length;
}

class Refusal extends Error {}

/** Beyond this RE2 gives up by itself; here it keeps the reader from running out of stack. */
const deepest = 1_000;

/** Reads up to the end of the group and gives the place after it. */
function alternatives(pattern: string, start: number, depth: number): number {
  if (depth > deepest) throw new Refusal('its groups are nested too deep');
  let at = start;
  let repeatable = false;
  while (at < pattern.length) {
    const char = pattern.charAt(at);
    if (char === ')') return at;
    if (char === '|') {
      at++;
      repeatable = false;
      continue;
    }
    const quantifier = /^([*+?]|\{(\d+)(,(\d*))?\})\??/.exec(pattern.slice(at, at + 32));
    if (quantifier) {
      if (!repeatable) throw new Refusal(`it repeats nothing with '${quantifier[1]}'`);
      const [least, most] = [Number(quantifier[2] ?? 0), Number(quantifier[4] || 0)];
      if (least > 1_000 || most > 1_000) throw new Refusal(`it repeats more than 1000 times with '${quantifier[1]}'`);
      if (quantifier[4] && most < least) throw new Refusal(`it repeats from more to less with '${quantifier[1]}'`);
      at += quantifier[0].length;
      const next = pattern.charAt(at);
      if (next === '+' && !quantifier[0].endsWith('?')) throw new Refusal(`it has a possessive '${quantifier[1]}+'`);
      if (next === '*' || next === '+' || next === '?') throw new Refusal(`it repeats a repetition with '${next}'`);
      repeatable = false;
      continue;
    }
    if (char === '(') at = group(pattern, at, depth);
    else if (char === '[') at = characterClass(pattern, at);
    else if (char === '\\') at = escaped(pattern, at, 'outside');
    else at++;
    repeatable = true;
  }
  return at;
}

function group(pattern: string, start: number, depth: number): number {
  const rest = pattern.slice(start, start + 64);
  const look = /^\(\?(<?[=!])/.exec(rest);
  if (look) throw new Refusal(`it looks around with '(?${look[1]}'`);
  if (rest.startsWith('(?>')) throw new Refusal("it has an atomic group '(?>'");
  if (rest.startsWith('(?P=')) throw new Refusal("it refers back to a group with '(?P='");
  const flags = /^\(\?[imsU]*(-[imsU]+)?\)/.exec(rest);
  if (flags && flags[0] !== '(?)') return start + flags[0].length;
  const opening = /^\((?!\?)|^\(\?[imsU]*(-[imsU]+)?:|^\(\?P?<[A-Za-z_]\w*>/.exec(rest);
  if (!opening) throw new Refusal(`it opens a group that RE2 does not have with '${rest.slice(0, 3)}'`);
  const end = alternatives(pattern, start + opening[0].length, depth + 1);
  if (pattern.charAt(end) !== ')') throw new Refusal("it does not close a group with ')'");
  return end + 1;
}

function characterClass(pattern: string, start: number): number {
  let at = start + 1;
  if (pattern.charAt(at) === '^') at++;
  // A bracket right at the beginning stands for itself.
  if (pattern.charAt(at) === ']') at++;
  while (at < pattern.length) {
    const char = pattern.charAt(at);
    if (char === ']') return at + 1;
    if (char === '\\') {
      at = escaped(pattern, at, 'class');
      continue;
    }
    const range = /^([^\\\]])-([^\\\]])/.exec(pattern.slice(at, at + 3));
    if (range && (range[1] ?? '') > (range[2] ?? ''))
      throw new Refusal(`it has a range from more to less: '${range[0]}'`);
    const named = /^\[:\^?(\w+):\]/.exec(pattern.slice(at, at + 16));
    if (named && !posixClasses.has(named[1] ?? '')) throw new Refusal(`it has no class '${named[0]}'`);
    at += named?.[0].length ?? range?.[0].length ?? 1;
  }
  throw new Refusal("it does not close a class with ']'");
}

const posixClasses: ReadonlySet<string> = new Set([
  ...['alnum', 'alpha', 'ascii', 'blank', 'cntrl', 'digit', 'graph', 'lower'],
  ...['print', 'punct', 'space', 'upper', 'word', 'xdigit'],
]);

function escaped(pattern: string, start: number, place: 'outside' | 'class'): number {
  const rest = pattern.slice(start, start + 40);
  const next = rest.charAt(1);
  if (next === '') throw new Refusal("it ends with '\\'");
  if (place === 'outside' && next === 'Q') {
    const end = pattern.indexOf('\\E', start + 2);
    return end < 0 ? pattern.length : end + 2;
  }
  if (/[1-9]/.test(next) || next === 'k') throw new Refusal(`it refers back to a group with '\\${next}'`);
  const long = /^\\(x[0-9A-Fa-f]{2}|x\{[0-9A-Fa-f]{1,6}\}|[pP][A-Z]|[pP]\{\^?\w+\}|0[0-7]{0,2})/.exec(rest);
  if (long) return start + long[0].length;
  const known = place === 'outside' ? /[abfnrtvdDsSwWABCzE]/ : /[afnrtvdDsSwW]/;
  if (/[A-Za-z0-9]/.test(next) && !known.test(next)) throw new Refusal(`it has no escape '\\${next}'`);
  return start + 2;
}
