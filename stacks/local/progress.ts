/** Something that takes time, shown where it happens: a bar on a terminal, now and then a line elsewhere. */
export interface Progress {
  /** `total` is 0 where it is not known; both in bytes. */
  at(done: number, total: number): void;
  end(): void;
}

interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

export function progressOn(output: Output, title: string): Progress {
  let shown = -1;
  return {
    at(counted, total) {
      // What was fetched may lie there twice while it is unpacked.
      const done = total > 0 ? Math.min(counted, total) : counted;
      const tenth = total > 0 ? Math.floor((done / total) * 10) : 0;
      if (output.isTTY) output.write(`\r${progressLine(title, done, total)}\x1b[K`);
      else if (tenth > shown) output.write(`${progressLine(title, done, total)}\n`);
      shown = Math.max(shown, tenth);
    },
    end() {
      if (output.isTTY && shown >= 0) output.write('\r\x1b[K');
    },
  };
}

/** `Envoy 1.40.0  [######..............]  30 %  11.1 of 36.9 MB` */
export function progressLine(title: string, done: number, total: number): string {
  if (total === 0) return `${title}  ${megabytes(done)} MB`;
  const share = Math.min(done / total, 1);
  const bar = '#'.repeat(Math.round(share * barWidth)).padEnd(barWidth, '.');
  return `${title}  [${bar}] ${String(Math.floor(share * 100)).padStart(3)} %  ${megabytes(done)} of ${megabytes(total)} MB`;
}

const barWidth = 20;

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
