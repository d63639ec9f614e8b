/**
 * Loaded into the process of a program before the program itself: prints the mistakes that stop its synthesis, instead of
 * the place in cdk8s where they surfaced.
 */
process.on('uncaughtException', (error: unknown) => {
  const mistakes = mistakesOf(error);
  if (mistakes.length > 0) {
    for (const mistake of mistakes) console.error(`error: ${mistake}`);
    console.error(mistakes.length === 1 ? '1 mistake' : `${mistakes.length} mistakes`);
  } else {
    console.error(error);
  }
  process.exit(1);
});

/** `App.synth` throws all mistakes at once, a line `[path] text` for each. */
function mistakesOf(error: unknown): readonly string[] {
  if (!(error instanceof Error) || !error.message.startsWith('Validation failed')) return [];
  const [, ...lines] = error.message.split('\n');
  return lines.map((line) => {
    const [, path, code, text] = /^\s*\[(.*?)\] (?:(MESH\d+) )?(.*)$/.exec(line) ?? [];
    if (text === undefined) return line.trim();
    return `${code ? `${code} ` : ''}${path || '(root)'}: ${text}`;
  });
}

export {};
