/**
 * CEL as our engine has to read it. Two of its built-in functions differ from Kubernetes', and an engine's function cannot be
 * replaced, so calls of them are given other names: `matches` takes regular expressions of RE2, not of JavaScript; and
 * `has(self.a)` is an error when the schema has no field `a`, where the engine just answers no.
 */
export function celSource(rule: string): string {
  return rule.replace(token, (whole, quoted: string | undefined, dot: string | undefined, name: string | undefined) => {
    if (quoted !== undefined || name === undefined) return whole;
    if (name === 'matches' && dot) return whole.replace('matches', 'matchesRe2');
    if (name === 'has' && !dot) return whole.replace('has', 'hasField');
    return whole;
  });
}

/** String literals and comments, which are passed over whole; or the name of a called function with the dot before it. */
const token = new RegExp(
  [
    '([rRbB]{0,2}(?:"""[\\s\\S]*?"""|\'\'\'[\\s\\S]*?\'\'\')|[rR][bB]?(?:"[^"\\n]*"|\'[^\'\\n]*\')|"(?:\\\\.|[^"\\\\\\n])*"|\'(?:\\\\.|[^\'\\\\\\n])*\'|//[^\\n]*)',
    '(\\.\\s*)?\\b(matches|has)\\b(?=\\s*\\()',
  ].join('|'),
  'g',
);
