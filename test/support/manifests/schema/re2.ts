/**
 * Regular expressions as Kubernetes reads them (Go's RE2), run by JavaScript's engine. What RE2 refuses is refused; what the
 * two write differently is translated.
 * https://github.com/google/re2/wiki/Syntax
 */
export function re2(pattern: string): RegExp {
  const known = compiled.get(pattern);
  if (known) return known;
  const { source, flags } = translate(pattern);
  const expression = new RegExp(source, flags);
  compiled.set(pattern, expression);
  return expression;
}

const compiled = new Map<string, RegExp>();

const posixClasses: { readonly [name: string]: string } = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  digit: '0-9',
  lower: 'a-z',
  punct: '!-\\/:-@\\[-`{-~',
  space: '\\t\\n\\v\\f\\r ',
  upper: 'A-Z',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
};

function translate(pattern: string): { source: string; flags: string } {
  let flags = 'u';
  let source = '';
  let inClass = false;
  for (let i = 0; i < pattern.length; ) {
    const rest = pattern.slice(i);
    if (inClass && rest.startsWith(']') && /\[\^?$/.test(source)) {
      source += '\\]'; // the first in a class stands for itself
      i += 1;
      continue;
    }
    const [whole, replacement] = inClass ? tokenInClass(rest, pattern) : tokenOutside(rest, pattern);
    const group = inClass ? null : /^\(\?([ims]+)\)/.exec(rest);
    if (group) {
      // A flag set in the middle holds for the rest; before it stand at most anchors in what is written in practice.
      if (!/^[\^(]*$/.test(source))
        throw refused(pattern, `the flags ${whole} stand after something that they would not hold for`);
      flags += (group[1] ?? '').replace(/[^ims]/g, '');
    } else {
      source += replacement;
    }
    if (whole === '[' || whole === '[^') inClass = true;
    else if (whole === ']') inClass = false;
    i += whole.length;
  }
  return { source, flags };
}

function tokenOutside(rest: string, pattern: string): readonly [whole: string, replacement: string] {
  const first = rest.charAt(0);
  if (first === '\\') return escaped(rest, pattern, false);
  if (rest.startsWith('[^')) return ['[^', '[^'];
  if (first === '.') return ['.', '[^\\n]']; // JavaScript's dot leaves out three more line ends
  if (first === ']' || first === '}') return [first, `\\${first}`];
  if (first === '{') {
    const counted = /^\{(\d+)(,(\d*))?\}/.exec(rest);
    if (!counted) return ['{', '\\{'];
    if (Number(counted[1]) > 1000 || Number(counted[3] || 0) > 1000)
      throw refused(pattern, `${counted[0]} repeats more than 1000 times`);
    return [counted[0], counted[0]];
  }
  const look = /^\(\?(<?[=!]|>)/.exec(rest);
  if (look) throw refused(pattern, `it has no ${look[0]}...)`);
  const named = /^\(\?P?<(\w+)>/.exec(rest);
  if (named) return [named[0], `(?<${named[1]}>`];
  const flags = /^\(\?[ims]+\)/.exec(rest);
  if (flags) return [flags[0], ''];
  const possessive = /^([*+?]|\{\d+,?\d*\})\+/.exec(rest);
  if (possessive) throw refused(pattern, `it has no ${possessive[0]}`);
  return [first, first];
}

function tokenInClass(rest: string, pattern: string): readonly [whole: string, replacement: string] {
  const posix = /^\[:(\^?)(\w+):\]/.exec(rest);
  if (posix) {
    const characters = posixClasses[posix[2] ?? ''];
    if (!characters || posix[1]) throw refused(pattern, `the class ${posix[0]} is not known`);
    return [posix[0], characters];
  }
  const first = rest.charAt(0);
  if (first === '\\') return escaped(rest, pattern, true);
  if (first === '[') return ['[', '\\['];
  return [first, first];
}

function escaped(rest: string, pattern: string, inClass: boolean): readonly [whole: string, replacement: string] {
  const next = rest.charAt(1);
  if (next === '') throw refused(pattern, 'it ends with a backslash');
  if (/[1-9]/.test(next)) throw refused(pattern, `it has no reference such as \\${next}`);
  if (next === 'A' && !inClass) return ['\\A', '^'];
  if (next === 'z' && !inClass) return ['\\z', '$'];
  if (next === 'a') return ['\\a', '\\x07'];
  if (/[pP]/.test(next)) {
    const property = /^\\[pP](\{\^?\w+\}|[A-Z])/.exec(rest);
    if (!property) throw refused(pattern, 'a \\p names no class');
    const name = (property[1] ?? '').replace(/[{}]/g, '');
    return [property[0], `\\${next}{${name}}`];
  }
  if (/[dDwWsSbBntrfvx]/.test(next)) return [`\\${next}`, `\\${next}`];
  if (/[A-Za-z0-9]/.test(next)) throw refused(pattern, `it has no escape \\${next}`);
  // With the flag `u`, JavaScript lets only these be escaped, and the minus only in a class.
  const needsIt = /[\^$\\.*+?()[\]{}|/]/.test(next) || (inClass && next === '-');
  return [`\\${next}`, needsIt ? `\\${next}` : next];
}

function refused(pattern: string, why: string): Error {
  return new Error(`not a regular expression of RE2: ${pattern}: ${why}`);
}
