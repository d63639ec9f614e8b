import type { Clock } from '../clock';

/**
 * Something that happens at a time of the clock on the wall. Timers of the system count no time while a machine sleeps, hold at most 24
 * days, and do not see a clock that is set: so the clock is looked at from time to time.
 */
export interface Appointment {
  cancel(): void;
}

/**
 * @param at milliseconds since 1970; in the past: as soon as nothing else runs
 * @param look how long at most until the clock is looked at again, in milliseconds
 */
export function appoint(clock: Clock, at: number, run: () => void, look: number): Appointment {
  const wait = () => clock.schedule(Math.max(0, Math.min(at - clock.now(), look)), arrive);
  const arrive = () => {
    if (clock.now() >= at) run();
    else timer = wait();
  };
  let timer = wait();
  return { cancel: () => timer.cancel() };
}

/** A certificate of a machine that has slept for a day is renewed so soon after it has woken. */
export const lookAtClock = 60_000;
