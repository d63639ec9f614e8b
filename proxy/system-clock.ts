import type { Clock, Timer } from './clock';

/** The clock of this machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  schedule: (delay, run) => {
    let timer: NodeJS.Timeout;
    let canceled = false;
    const wait = (left: number): void => {
      // A longer delay than Node's timers can hold is over at once: it is waited for in pieces.
      const piece = Math.min(Math.max(left, 0), longest);
      timer = setTimeout(() => (left > piece ? wait(left - piece) : run()), piece);
      timer.unref();
    };
    wait(delay);
    return {
      cancel: () => {
        if (canceled) return;
        canceled = true;
        clearTimeout(timer);
      },
    } satisfies Timer;
  },
};

/** https://nodejs.org/api/timers.html#settimeoutcallback-delay-args */
const longest = 2 ** 31 - 1;
