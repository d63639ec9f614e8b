/**
 * A span of time in whole milliseconds. Zero means "no limit" for a timeout, as Gateway API has it
 * ("A zero-valued timeout MUST be interpreted as disabling the timeout", GEP-1742).
 */
export type Duration = number;

/** How users write a duration: Gateway API's format (GEP-2257), `500ms`, `2m`, `1h30m`. */
export type DurationText = string;

const units = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 } as const;
const format = /^([0-9]{1,5}(h|m|s|ms)){1,4}$/;

export const Duration = {
  /** Reads Gateway API's format (GEP-2257); `undefined` where the text is not of it. */
  parse(text: DurationText): Duration | undefined {
    if (!format.test(text)) return undefined;
    let total = 0;
    for (const [, amount, unit] of text.matchAll(/([0-9]+)(h|ms|m|s)/g)) {
      total += Number(amount) * units[unit as keyof typeof units];
    }
    return total;
  },

  /** The canonical text: largest units first, nothing left out, `0s` for zero. */
  format(duration: Duration): DurationText {
    if (duration === 0) return '0s';
    let rest = duration;
    let text = '';
    for (const [unit, size] of Object.entries(units)) {
      const amount = Math.floor(rest / size);
      if (amount > 0) text += `${amount}${unit}`;
      rest -= amount * size;
    }
    return text;
  },

  /** What the format can hold: the largest is 99999h. */
  isValid: (duration: Duration): boolean => Number.isInteger(duration) && duration >= 0 && duration <= 99_999 * units.h,
};
