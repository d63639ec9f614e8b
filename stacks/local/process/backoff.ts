/** How long a process that has died waits before it is started again, in milliseconds. */
export function pauseBefore(restarts: number): number {
  return Math.min(250 * 2 ** Math.min(restarts, 10), longestPause);
}

const longestPause = 10_000;

/** A process that has run for so long has recovered: its next end is a first one. */
export const recovered = 30_000;
