/** Time as an argument: what waits for a year is tested in a second. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Runs once, `delay` milliseconds from now. The timer does not keep the process alive. */
  schedule(delay: number, run: () => void): Timer;
}

export interface Timer {
  cancel(): void;
}
