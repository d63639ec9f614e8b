/**
 * A value that is known only when the program is deployed: structurally a Pulumi `Output`, so that the library accepts
 * one without depending on Pulumi.
 */
export interface Deferred<T> {
  // biome-ignore lint/suspicious/noExplicitAny: any Output has this method, whatever else its overloads say
  apply<U>(run: (value: T) => U): any;
}

/** A string or a number, or one that is known only at deployment. */
export type Value<T extends string | number> = T | Deferred<T>;

const marker = 'late-0x';
const numberBase = -9_000_000_000_000_000;

/**
 * In the model a late value is a placeholder: a text that is legal wherever a name, a host or an image is, or a number
 * below any real one. The place it was given at makes it, so it does not depend on the order of statements.
 */
export const Late = {
  text: (hash: string): string => `${marker}${hash}`,
  number: (hash32: number): number => numberBase - hash32,
  /** True for a placeholder, and for a text that holds one: checks of form and range must let it pass. */
  is: (value: string | number): boolean => (typeof value === 'number' ? value <= numberBase : value.includes(marker)),
  /** Splits a text at its placeholders: `['https://', { late: 'late-0x…' }, '/path']`. */
  split(text: string): readonly (string | { readonly late: string })[] {
    return text
      .split(/(late-0x[0-9a-f]{16})/)
      .filter((part) => part !== '')
      .map((part) => (part.startsWith(marker) ? { late: part } : part));
  },
};
