// How far something is that takes long: a bar on a terminal, a line at each tenth elsewhere. As stacks/local/progress.ts has it, which
// cannot run before npm has.

/** `total` in bytes, 0 where it is not known. */
export function progressOn(output, title) {
  let shown = -1;
  return {
    at(counted, total) {
      const done = total > 0 ? Math.min(counted, total) : counted;
      const tenth = total > 0 ? Math.floor((done / total) * 10) : 0;
      if (output.isTTY) output.write(`\r${line(title, done, total)}\x1b[K`);
      else if (tenth > shown) output.write(`${line(title, done, total)}\n`);
      shown = Math.max(shown, tenth);
    },
    end() {
      if (output.isTTY && shown >= 0) output.write('\r\x1b[K');
    },
  };
}

function line(title, done, total) {
  const amount = (bytes) => (bytes / 1e6).toFixed(1);
  if (total === 0) return `${title}  ${amount(done)} MB`;
  const share = done / total;
  const bar = '#'.repeat(Math.round(share * 20)).padEnd(20, '.');
  return `${title}  [${bar}] ${String(Math.floor(share * 100)).padStart(3)} %  ${amount(done)} of ${amount(total)} MB`;
}
