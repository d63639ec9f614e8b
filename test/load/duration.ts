/**
 * How long each case goes on changing things, in seconds. A plain run sees each kind of change some dozens of times or more;
 * `LOAD_SECONDS=600 npm run soak` for ten minutes each.
 */
const seconds = Number(process.env.LOAD_SECONDS ?? 2);

/** Of one case, with time to start and stop what it needs. */
export const caseTimeout = seconds * 1_000 + 60_000;

/** Does the same again and again, with the number of the round, until the time is over and it was done often enough. */
export async function again(least: number, work: (round: number) => Promise<void>): Promise<number> {
  const end = performance.now() + seconds * 1_000;
  let round = 0;
  while (round < least || performance.now() < end) await work(round++);
  return round;
}
