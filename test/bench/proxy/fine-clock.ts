import type { Clock } from '../../../proxy/clock';
import { systemClock } from '../../../proxy/system-clock';

/** Of this machine, in fractions of a millisecond. */
export const fineClock: Clock = { ...systemClock, now: () => performance.timeOrigin + performance.now() };
