import type { Duration } from '../model';
import type { Seconds } from './types';

/** A duration as protobuf's JSON has it: `0.25s`. */
export function seconds(duration: Duration): Seconds {
  return `${duration / 1_000}s`;
}
